"""The world of the doors in an installation's own database: `python -m tests.doors.filling`.

Prints the names of its things as JSON; everybody's password is that of cabinet/factories.py.
"""

import json

import django


def main() -> None:
    django.setup()
    from tests.doors.world import make_world

    print(json.dumps(make_world().names))


if __name__ == "__main__":
    main()

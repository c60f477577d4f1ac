"""A point with a gap and a spike in an installation's own database, for a real browser.

`python -m tests.desk.exceptions.filling` prints the key of the gap as JSON.
"""

import json

import django


def main() -> None:
    django.setup()
    from tests.desk.exceptions.factories import key, make_place

    make_place()
    print(json.dumps({"gap": key("V01").text}))


if __name__ == "__main__":
    main()

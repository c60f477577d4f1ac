"""A process that claims lines and stores what their meters answer: `together.py NAME ROUNDS`.

With "make" as its name it makes the meters instead; with "hold" it claims and waits to be killed.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from datetime import timedelta  # noqa: E402

from tests.collection.polling.factories import (  # noqa: E402
    AT,
    answered,
    claim,
    make_device,
    store,
)

METERS = 40


def main(name: str, rounds: int) -> None:
    if name == "make":
        for n in range(METERS):
            make_device(f"1{n:05}")
        return
    print("ready", flush=True)
    sys.stdin.readline()
    if name == "hold":
        print(len(claim(collector=name, limit=METERS // 2)), flush=True)
        sys.stdin.readline()
    for number in range(rounds):
        at = AT + timedelta(hours=number)
        while works := claim(at, collector=name, limit=3):
            told = [answered(line, one, at=at) for line in works for one in line.devices]
            store(*told, at=at, collector=name)
            print(",".join(str(work.id) for work in works), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

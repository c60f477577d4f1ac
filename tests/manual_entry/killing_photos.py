"""Sendings with a photo that are killed amid: `… -m tests.manual_entry.killing_photos PLACE …`.

Each argument is where one dies by SIGKILL: "writing", "named", "row", "sent", "expired", or ""
where it is let go to its end. Prints a line of JSON for each: what is there when it is gone, and
what is left when litter was swept two hours later. For test_photos_kept.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from faza.accounts.models import User  # noqa: E402
from faza.manual_entry import queries, services  # noqa: E402
from faza.manual_entry.models import Entry, EntryRule, Photo  # noqa: E402
from faza.manual_entry.photos import files, keeping  # noqa: E402
from faza.metering.models import UsagePoint  # noqa: E402
from tests.cabinet.factories import make_meter, make_point, make_user  # noqa: E402
from tests.manual_entry.factories import make_picture  # noqa: E402

AT = timezone.now()
LATER = AT + timedelta(hours=2)


def die(*_args: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def prepare(place: str) -> None:
    """Have this process die at a place."""
    match place:
        case "writing":  # the bytes are in a file that has no name of ours yet
            files.os.fsync = die  # type: ignore[assignment]
        case "named":  # the file is whole, no row names it
            files._settle = die  # type: ignore[assignment]
        case "row":  # amid the transaction
            services.keeping.attach = _after(keeping.attach)  # type: ignore[attr-defined]
        case "expired":  # the row says that the file is gone; it is not yet
            files.remove = die  # type: ignore[assignment]


def _after(function: Any) -> Any:
    def dying(*args: Any, **more: Any) -> None:
        function(*args, **more)
        die()

    return dying


def work(place: str) -> None:
    prepare(place)
    point, user = UsagePoint.objects.get(), User.objects.get()
    (due,) = queries.due([point], at=AT)
    services.send(
        due=due, shown={0: 1000}, way=Entry.Way.CABINET, token="1", by=user, at=AT,
        confirmed=True, photo=make_picture(),
    )  # fmt: skip
    if place == "sent":
        die()
    if place == "expired":
        keeping.sweep_old(LATER, LATER)


def in_a_process(place: str) -> None:
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work(place)
            connections.close_all()
            os._exit(0)
        finally:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert -os.waitstatus_to_exitcode(status) == (signal.SIGKILL if place else 0)


def kept() -> list[str]:
    root = files.place_of("xx").parent.parent
    return sorted(place.name for place in root.rglob("*") if place.is_file())


def look() -> dict[str, Any]:
    told = {"entries": Entry.objects.count(), "files": len(kept())}
    keeping.sweep_litter(LATER)
    named = sorted(Photo.objects.filter(removed_at=None).values_list("name", flat=True))
    return told | {"left": len(kept()), "are_named": kept() == named}


def main(places: list[str]) -> None:
    point, user = make_point("P"), make_user("own@example.org")
    make_meter(point, "1")
    EntryRule.objects.create(made_at=AT, first_day=1, last_day=31, wants_photo=True)
    assert user.pk
    for place in places:
        in_a_process(place)
        print(json.dumps(look()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

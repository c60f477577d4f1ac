"""Typed readings for tests of others."""

from datetime import datetime, timedelta

from django.utils import timezone

from faza.accounts.models import User
from faza.manual_entry.models import Entry, Photo
from faza.manual_entry.photos import Picture, keeping
from faza.metering.models import MeteringComplex, UsagePoint
from tests.manual_entry.pictures import face, packed


def make_picture(width: int = 64, height: int = 48) -> Picture:
    """As `photos.clean` gives them, but made here."""
    return Picture(packed(face(width, height)), width, height)


def make_entry(
    point: UsagePoint, by: User, shown: dict[int, int], *, at: datetime, token: str = "t",
    photo: Picture | None = None,
) -> Entry:  # fmt: skip
    """A reading that waits for the desk, whatever the rules say; quanta by register."""
    meter = MeteringComplex.objects.filter(usage_point=point).latest("valid_from").meter
    entry = Entry.objects.create(
        usage_point=point, meter=meter, of_at=at.replace(microsecond=0),
        shown={str(register): value for register, value in shown.items()},
        way=Entry.Way.CABINET, token=token, sent_by=by, sent_at=at,
    )  # fmt: skip
    if photo is not None:
        with keeping.written(photo) as name:
            keeping.attach(entry, photo, name, by=by, at=at)
    return entry


def things(prefix: str, point: UsagePoint, user: User) -> dict[str, str]:
    """A reading of a point with its photo, and a photo whose reading is not sent yet."""
    at = timezone.now()
    entry = make_entry(
        point, user, {0: 1_234_000}, at=at - timedelta(hours=1), token=f"door{prefix}",
        photo=make_picture(),
    )  # fmt: skip
    held: Photo = keeping.hold(make_picture(32, 32), by=user, at=at)
    return {f"{prefix}entry": str(entry.pk), f"{prefix}held_photo": held.name}

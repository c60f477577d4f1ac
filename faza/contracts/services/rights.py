from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import PersonalRight
from faza.contracts.permissions import PERSONAL, Right
from faza.contracts.services.validity import end_sooner


class NotPersonal(Exception):
    """The right goes with roles, it is not given by name."""


@transaction.atomic
def grant_right(
    *,
    user: User,
    right: Right,
    at: datetime,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> PersonalRight:
    """Give a right to a person by name, from `at` on; to who has it, nothing changes.

    Raises NotPersonal if the right is none of permissions.PERSONAL.
    """
    if right not in PERSONAL:
        raise NotPersonal(right)
    User.objects.select_for_update().get(pk=user.pk)
    standing = PersonalRight.objects.filter(user=user, right=right).valid_at(at).first()
    if standing:
        return standing
    granted = PersonalRight.objects.create(
        user=user, right=right.value, valid_from=at, valid_to=valid_to
    )
    audit.note(
        "contracts.right.granted",
        of=granted,
        by=by,
        at=at,
        after={"user": user.pk, "right": right.value, "valid_to": valid_to},
    )
    return granted


@transaction.atomic
def withdraw_right(
    *, granted: PersonalRight, at: datetime, by: User | None = None
) -> PersonalRight:
    """Take a right from a person, also one that would have ended later; twice for one moment
    changes nothing.

    Raises AlreadyEnded if it has ended before, or has not begun.
    """
    held = PersonalRight.objects.select_for_update().get(pk=granted.pk)
    before = held.valid_to
    if end_sooner(held, at):
        audit.note(
            "contracts.right.withdrawn",
            of=held,
            by=by,
            at=at,
            before={"valid_to": before},
            after={"valid_to": at},
        )
    return held

"""Keeps what writes were answered, so that a program that asks twice has done it once.

It is of the conversation and no deed of the business, so it has no trail: the deed has its own.
A key names a deed that was done: what was refused leaves it free.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from faza.api.models import KeptAnswer

DAYS = 1
"""For so long an answer is kept."""
LOST = timedelta(seconds=30)
"""After so long one who was doing it is taken to be gone, killed or without its database.

No question lasts as long, and should one: deeds are named by token and key, so doing it twice does
it once. Longer than a client goes on asking would leave it with no answer at all.
"""


class AnotherQuestion(Exception):
    """The key was given with something else."""


class UnderWay(Exception):
    """Somebody is doing it just now."""


def begin(*, token: int, key: str, digest: str, at: datetime) -> KeptAnswer:
    """The answer that is kept under a key; one without a status is to be done now, by the caller.

    Who gets such a one calls `finish` or `let_go`. The deed is named by the token and the key, so
    that doing it after somebody who was killed does it once. Raises AnotherQuestion, UnderWay.
    """
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(token_id=token, key=key, digest=digest, begun_at=at)
    except IntegrityError:
        known = KeptAnswer.objects.filter(token=token, key=key).first()
    if known is None:  # it was let go just now
        raise UnderWay
    if known.digest != digest:
        raise AnotherQuestion
    if known.status is None:
        lost = KeptAnswer.objects.filter(
            pk=known.pk, status=None, begun_at=known.begun_at, begun_at__lte=at - LOST
        )
        if not lost.update(begun_at=at):
            raise UnderWay
    return known


def finish(kept: KeptAnswer, *, status: int, body: str, location: str = "") -> None:
    """Keep the answer of a deed that is done."""
    KeptAnswer.objects.filter(pk=kept.pk).update(status=status, body=body, location=location)


def let_go(kept: KeptAnswer) -> None:
    """Nothing was done: the key is free again."""
    KeptAnswer.objects.filter(pk=kept.pk, status=None).delete()


def sweep(before: datetime, at: datetime) -> int:
    """Forget answers that were begun before a moment; how many."""
    found, _told = KeptAnswer.objects.filter(begun_at__lt=before).delete()
    return found


def count(before: datetime) -> int:
    return KeptAnswer.objects.filter(begun_at__lt=before).count()

"""Tokens: made, revoked, counted while they are used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.access import points_visible
from faza.contracts.access.grants import READERS, open_tokens
from faza.contracts.models import AccessConsent, Token, TokenPoint, TokenUse
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind, Resolution, Scope
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.metering.models import UsagePoint


@transaction.atomic
def make(
    *,
    user: User,
    name: str,
    scopes: Collection[Scope],
    days: int,
    at: datetime,
    points: Collection[str] | None = None,
) -> tuple[Token, str]:
    """A new token and its text, which nobody can read again.

    points: codes of the usage points that it reads; None for all that the person reads. Raises
    ValidationError where something is wrong: it says what, in words.
    """
    if user.role not in READERS or not user.is_active:
        raise ValidationError(_("Tokens are for subscribers, suppliers and house managers."))
    if not name.strip():
        raise ValidationError(_("Give the token a name."))
    if not scopes:
        raise ValidationError(_("Choose what the program may read."))
    if days not in rules.DAYS:
        raise ValidationError(_("Choose for how long the token holds."))
    chosen = None if points is None else points_of(user, points, at)
    return issue(
        user=user,
        kind=Kind.PERSONAL,
        name=name.strip(),
        scopes=scopes,
        expires_at=at + timedelta(days=days),
        at=at,
        points=chosen,
    )


@transaction.atomic
def issue(
    *,
    user: User,
    kind: Kind,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime,
    at: datetime,
    points: Collection[UsagePoint] | None = None,
    resolution: Resolution | None = None,
    period: Period | None = None,
    is_out: bool = True,
) -> tuple[Token, str]:
    """A new token of a kind and its text; what it may hold was judged by the caller.

    points: those it is limited to; None for all that the person reads. Without `is_out` no text
    is given away yet: it is "". Raises ValidationError where the person has too many tokens.
    """
    User.objects.select_for_update().get(pk=user.pk)
    held = open_tokens(at).filter(user=user).exclude(kind=Kind.DEVICE)
    if held.count() >= rules.MOST:
        raise ValidationError(_("There are too many tokens: revoke those that are not needed."))
    text = rules.fresh(kind) if is_out else ""
    token = Token.objects.create(
        user=user,
        kind=kind,
        name=name[: rules.NAME],
        digest=rules.digest(text) if is_out else None,
        hint=text[: rules.HINT],
        scopes=[scope.value for scope in Scope if scope in scopes],
        is_limited=points is not None,
        resolution=resolution or "",
        period_from=period.start if period and period.start > ALWAYS else None,
        period_to=period.end if period and period.end < FOREVER else None,
        made_at=at,
        expires_at=expires_at,
    )
    rows = [TokenPoint(token=token, usage_point=point) for point in points or ()]
    TokenPoint.objects.bulk_create(rows)
    _note_made(token, points, at)
    return token, text


def _note_made(token: Token, points: Collection[UsagePoint] | None, at: datetime) -> None:
    cut = {"kind": token.kind} if token.kind != Kind.PERSONAL else {}
    limits = {
        "resolution": token.resolution,
        "period_from": token.period_from,
        "period_to": token.period_to,
    }
    audit.note(
        "contracts.token.made",
        of=token,
        by=token.user,
        at=at,
        after={
            "name": token.name,
            **cut,
            "scopes": token.scopes,
            "points": None if points is None else [point.code for point in points],
            **{name: told for name, told in limits.items() if told},
            "valid_to": token.expires_at,
        },
        personal=["name"],
        about=token.user,
    )


def points_of(user: User, codes: Collection[str], at: datetime) -> list[UsagePoint]:
    """The points of codes. Raises ValidationError unless the person reads each."""
    wanted = {code.strip() for code in codes} - {""}
    if not wanted:
        raise ValidationError(_("Choose the points that the program may read."))
    found = points_visible(user, at=at).filter(code__in=wanted).order_by("code")
    listed = list(found)
    if missing := wanted - {point.code for point in listed}:
        told = ", ".join(sorted(missing)[:5])
        raise ValidationError(_("There are no such points: %(codes)s.") % {"codes": told})
    return listed


@transaction.atomic
def revoke(*, token: Token, at: datetime, by: User | None = None) -> bool:
    """End a token at once; False if it had been revoked before.

    Where the person does it, that withdraws the consent that it was given by.
    """
    fresh = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    if fresh:
        if by is not None and by.pk == token.user_id:
            AccessConsent.objects.filter(token=token).update(withdrawn_at=at)
        audit.note(
            "contracts.token.revoked",
            of=token,
            by=by,
            at=at,
            before={"name": token.name},
            personal=["name"],
            about=token.user,
        )
    return bool(fresh)


def count_in(token: int, *, at: datetime) -> bool:
    """Count a question of a token; False if it has asked too often in this minute. One query."""
    minute = at.replace(second=0, microsecond=0)
    may = Q(counted_since=None) | ~Q(counted_since=minute) | Q(counted__lt=rules.LIMIT)
    goes_on = When(counted_since=minute, then=F("counted") + 1)
    return bool(
        Token.objects.filter(may, pk=token).update(
            counted=Case(goes_on, default=Value(1)), counted_since=minute, used_at=at
        )
    )


def note_use(token: int, operation: str, *, at: datetime, address: str | None = None) -> None:
    """Note in the log that a token asked for something. One query; three the first time a day."""
    day = at.astimezone(UTC).date()
    of_day = TokenUse.objects.filter(token=token, day=day, operation=operation)
    if of_day.update(count=F("count") + 1, last_at=at, address=address):
        return
    try:
        with transaction.atomic():
            TokenUse.objects.create(
                token_id=token, day=day, operation=operation, count=1, last_at=at, address=address
            )
    except IntegrityError:  # another question of it was the first one of the day
        of_day.update(count=F("count") + 1, last_at=at, address=address)

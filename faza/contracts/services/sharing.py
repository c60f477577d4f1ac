"""What people give away: links, and access of applications of others, each with its consent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.contracts.access.grants import READERS
from faza.contracts.models import AccessConsent, OAuthClient, Token
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind, Resolution, Scope
from faza.contracts.services import tokens
from faza.core.periods import ALWAYS, FOREVER, Period, start_of_day
from faza.metering.models import UsagePoint

WORDS = 10_000
"""Characters of a consent that are kept."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person gives away.

    points: codes of usage points, None for all that the person reads. resolution: the finest, None
    for intervals as they are metered. first, last: civil days of the period by the clock of the
    points, both included; None is an open end. days: for how long it holds. text: the words that
    the person agreed to.
    """

    points: Collection[str] | None
    days: int
    text: str
    resolution: Resolution | None = None
    first: date | None = None
    last: date | None = None


@transaction.atomic
def share(
    *,
    user: User,
    name: str,
    terms: Terms,
    at: datetime,
    shows_address: bool = False,
    shows_name: bool = False,
    address: str | None = None,
) -> tuple[Token, str]:
    """A link to some points, and its secret, which nobody can read again.

    address: from where the person asked. Raises ValidationError, in words.
    """
    _check(user, terms, rules.LINK_DAYS)
    if not name.strip():
        raise ValidationError(_("Say what the link is for."))
    if terms.points is None:
        raise ValidationError(_("Choose the points that the program may read."))
    points = tokens.points_of(user, terms.points, at)
    token, text = tokens.issue(
        user=user,
        kind=Kind.SHARE,
        name=name.strip(),
        scopes=rules.SHARED,
        expires_at=at + timedelta(days=terms.days),
        at=at,
        points=points,
        resolution=terms.resolution,
        period=_period(terms, points),
    )
    AccessConsent.objects.create(
        token=token,
        text=terms.text[:WORDS],
        given_at=at,
        address=address,
        shows_address=shows_address,
        shows_name=shows_name,
    )
    return token, text


@transaction.atomic
def give(
    *,
    user: User,
    client: OAuthClient,
    scopes: Collection[Scope],
    terms: Terms,
    at: datetime,
    address: str | None = None,
) -> Token:
    """Access of an application of others, of which no text is out yet.

    Raises ValidationError, in words.
    """
    _check(user, terms, rules.DAYS)
    is_cut = terms.first is not None or terms.last is not None
    most = rules.holdable(Kind.APPLICATION, terms.resolution, is_cut=is_cut)
    held = most & {Scope(one) for one in client.scopes} & frozenset(scopes)
    if not held:
        raise ValidationError(_("Choose what the program may read."))
    points = None if terms.points is None else tokens.points_of(user, terms.points, at)
    token, _text = tokens.issue(
        user=user,
        kind=Kind.APPLICATION,
        name=client.name,
        scopes=held,
        expires_at=at + timedelta(days=terms.days),
        at=at,
        points=points,
        resolution=terms.resolution,
        period=_period(terms, points),
        is_out=False,
    )
    AccessConsent.objects.create(
        token=token, client=client, text=terms.text[:WORDS], given_at=at, address=address
    )
    return token


def _check(user: User, terms: Terms, days: Collection[int]) -> None:
    if user.role not in READERS or not user.is_active:
        raise ValidationError(_("Tokens are for subscribers, suppliers and house managers."))
    if terms.days not in days:
        raise ValidationError(_("Choose for how long the token holds."))
    if terms.first and terms.last and terms.last < terms.first:
        raise ValidationError(_("The end has to be after the beginning."))


def _period(terms: Terms, points: Collection[UsagePoint] | None) -> Period | None:
    """The period as moments, by the clock of the points; of several clocks the installation's."""
    if terms.first is None and terms.last is None:
        return None
    zones = {point.zone for point in points or ()}
    zone = zones.pop() if len(zones) == 1 else settings.TIME_ZONE
    start = start_of_day(terms.first, zone) if terms.first else ALWAYS
    end = start_of_day(terms.last + timedelta(days=1), zone) if terms.last else FOREVER
    return Period(start, end)

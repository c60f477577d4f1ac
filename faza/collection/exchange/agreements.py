"""What is agreed with counterparties and where files are exchanged: kept, with the trail.

Secrets come in and never go out: the trail and the pages tell that they changed, not what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection import secrets, services
from faza.collection.exchange import sftp
from faza.collection.exchange.codes import Read
from faza.collection.models import (
    ExchangePlace,
    ExchangeProfile,
    PointCode,
)
from faza.collection.secrets import Secrets
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.metering.models import UsagePoint
from faza.protocols import xml80020

SEND = "collection.exchange.send"
INN = re.compile(r"\d{10}|\d{12}")


def keep_profile(
    profile: ExchangeProfile, *, at: datetime, by: User | None = None
) -> ExchangeProfile:
    """Store a profile, new or changed. Raises ValidationError."""
    _check_profile(profile)
    kept = services.agree(profile, at=at, by=by)
    if profile.sends_from is None:
        ExchangeProfile.objects.filter(pk=profile.pk).update(problem="")
    return kept


def _check_profile(profile: ExchangeProfile) -> None:
    wrong: dict[str, str] = {}
    for name in ("addresses", "senders"):
        for address in getattr(profile, name):
            try:
                validate_email(address)
            except ValidationError:
                wrong[name] = _("%(address)s is no e-mail address.") % {"address": address}
    if set(profile.channels) - set(xml80020.CODES):
        wrong["channels"] = _("80020 carries A+, A−, R+ and R−.")
    if profile.sends_from is not None and not profile.channels:
        wrong["channels"] = _("Choose what is sent.")
    if profile.sends_from is not None and not (profile.addresses or _has_outbox(profile)):
        wrong["addresses"] = _("To send it needs an address, or a place with a folder to put into.")
    if profile.place is not None and not profile.place.outbox:
        wrong["place"] = _("This place has no folder to put files into.")
    if wrong:
        raise ValidationError(wrong)


def _has_outbox(profile: ExchangeProfile) -> bool:
    return profile.place is not None and bool(profile.place.outbox)


@transaction.atomic
def keep_place(
    place: ExchangePlace, *, at: datetime, given: str | None = None, by: User | None = None
) -> ExchangePlace:
    """Store a place; `given` is a new password or private key, None leaves the old one.

    Raises ValidationError.
    """
    wrong: dict[str, str] = {}
    try:
        place.host_key = " ".join(sftp.parsed_host_key(place.host_key))
    except ValueError:
        wrong["host_key"] = _("A host key is its type and the key itself: ssh-ed25519 AAAA…")
    before = place.fingerprint
    if given is not None:
        if place.is_key:
            try:
                sftp.private_key(given)
            except ValueError:
                wrong["secret"] = _("This is no private key, or it needs a passphrase.")
        place.secret = secrets.closed(Secrets(password=given.encode()))
        place.fingerprint = secrets.fingerprint(Secrets(password=given.encode()))
    if not place.secret:
        wrong.setdefault("secret", _("A password or a private key is needed."))
    if not (place.inbox or place.outbox):
        wrong["inbox"] = _("A place needs a folder to take from, or one to put into.")
    if wrong:
        raise ValidationError(wrong)
    place.full_clean(exclude=["looked_at", "problem_since"])
    place.problem, place.problem_since = "", None
    place.save()
    told = {
        "name": place.name, "host": f"{place.host}:{place.port}", "inbox": place.inbox,
        "outbox": place.outbox, "host_key": sftp.fingerprint_of(place.host_key),
        "enabled": place.is_enabled, "secrets_changed": before != place.fingerprint,
    }  # fmt: skip
    audit.note("collection.place.kept", of=place, by=by, at=at, after=told)
    return place


def map_table(
    profile: ExchangeProfile, read: Read, *, at: datetime, by: User | None = None,
    replace: bool = False,
) -> list[tuple[str, str]]:  # fmt: skip
    """Map codes by a table that was read; the rows whose usage point is not there.

    `replace`: codes that the table does not name are taken off. Otherwise they stay.
    """
    wanted = set(read.codes.values())
    points: dict[str, UsagePoint] = {}
    codes = sorted(wanted)
    for start in range(0, len(codes), 500):
        part = UsagePoint.objects.filter(code__in=codes[start : start + 500])
        points |= {point.code: point for point in part}
    found = {code: points[name] for code, name in read.codes.items() if name in points}
    with transaction.atomic():
        if replace:
            PointCode.objects.filter(profile=profile).delete()
        services.map_codes(profile, found, at=at, by=by)
    return [(code, name) for code, name in read.codes.items() if name not in points]


def codes_of(profile: ExchangeProfile) -> Mapping[str, tuple[str, str]]:
    """{their code: (code, name) of the usage point}, in the order of codes."""
    rows = PointCode.objects.filter(profile=profile).order_by("code")
    return {
        code: (point, name)
        for code, point, name in rows.values_list("code", "usage_point__code", "usage_point__name")
    }


@transaction.atomic
def send_now(profile: ExchangeProfile, *, at: datetime, by: User) -> Job:
    """Start the job that sends what is new or has changed, whatever the hour."""
    job = jobs.start(SEND, arguments={"profile": profile.pk}, by=by, at=at)
    audit.note("collection.profile.sent", of=profile, by=by, at=at, after={})
    return job

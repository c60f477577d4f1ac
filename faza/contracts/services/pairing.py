"""Phones are connected: a code on a page, a phone that asks, the owner's answer, one key.

No key exists before the owner has answered on the very page that showed the code, and it is made
at the moment the phone fetches it, once. Source: design/rules.md, QR sign-in.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac

from faza.accounts import links
from faza.accounts.models import User
from faza.audit import context
from faza.audit import services as audit
from faza.contracts.access.grants import READERS, open_tokens
from faza.contracts.models import Pairing, Token
from faza.contracts.rules import pairing as rules
from faza.contracts.rules import tokens
from faza.contracts.rules.tokens import Kind, Scope
from faza.contracts.services.tokens import issue, revoke
from faza.outbox import services as outbox

State = Pairing.State


class NoSuchCode(Exception):
    """Nobody shows such a code: unknown, over, refused or renewed. Which of them is not said."""


class AlreadyClaimed(Exception):
    """Another phone was first."""


class NotAsked(Exception):
    """There is no question for this session to answer, or it has been answered otherwise."""


class TooManyDevices(Exception):
    """As many phones are connected as there may be."""


class NotForDevices(Exception):
    """The person's role has no keys, or the access is closed."""


class Outcome(StrEnum):
    """What a phone that waits is told."""

    WAITING = "waiting"
    CONNECTED = "connected"
    REFUSED = "refused"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page shows of a pairing: the QR's secret, and the short code."""

    secret: str
    code: str


@dataclass(frozen=True, slots=True)
class Collected:
    """What a phone that waits gets; `text` of the token once, with CONNECTED."""

    outcome: Outcome
    pairing: Pairing | None = None
    token: Token | None = None
    text: str = ""


@transaction.atomic
def begin(*, user: User, session: str, at: datetime) -> Pairing:
    """A fresh code for a web session, in place of the one that it shows.

    While a phone asks or fetches by the present code, that one stays and is returned. Whoever
    calls it has made sure that the person has just proven to be the owner. Raises TooManyDevices,
    NotForDevices.
    """
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.role not in READERS or not held.is_active:
        raise NotForDevices(held.pk)
    if devices_of(held, at=at).count() >= rules.MOST_DEVICES:
        raise TooManyDevices(held.pk)
    mine = Pairing.objects.select_for_update().filter(session_digest=tokens.digest(session))
    busy = mine.standing_at(at).filter(user=held).exclude(state=State.OPEN).first()
    if busy is not None:
        return busy
    mine.filter(state=State.OPEN).delete()  # nothing came of it
    mine.filter(state__in=(State.ASKED, State.CONFIRMED)).update(state=State.REFUSED)
    seed = _free_seed(at)
    shown = _invitation(seed)
    made = Pairing.objects.create(
        user=held,
        session_digest=tokens.digest(session),
        seed=seed,
        secret_digest=tokens.digest(shown.secret),
        code_digest=_code_digest(shown.code),
        made_at=at,
        expires_at=at + rules.LIFE,
    )
    audit.note("contracts.pairing.begun", of=made, by=held, at=at)
    return made


def invitation(pairing: Pairing) -> Invitation:
    """What the page shows; it lies nowhere, the installation's key makes it from the seed."""
    return _invitation(pairing.seed)


def find_pairing(*, user: User, session: str) -> Pairing | None:
    """The last pairing of a web session of that person, whatever its state. One query."""
    mine = Pairing.objects.filter(session_digest=tokens.digest(session), user=user)
    return mine.select_related("token").order_by("-made_at", "-pk").first()


def devices_of(user: User, *, at: datetime) -> QuerySet[Token]:
    """Connected phones of a person: tokens that work."""
    return open_tokens(at).filter(user=user, kind=Kind.DEVICE)


def claim(
    *, text: str, model: str, browser: str, address: str | None, at: datetime, waiting: str = ""
) -> tuple[Pairing, str]:
    """A phone asks to be connected, by the QR's secret or the short code; its waiting secret.

    text: as scanned or typed. model: what the phone says of itself, browser: what its header
    says. waiting: the secret that this phone waits with already, if any; the same phone may ask
    twice. Nothing is granted by it. Raises NoSuchCode, AlreadyClaimed.
    """
    with transaction.atomic():
        found = _standing(text, at)
        if found is None:
            raise NoSuchCode
        if found.state == State.OPEN:
            name = rules.phone_name(model, browser)
            return found, _take(found, name=name, address=address, at=at)
        if waiting and found.waiting_digest == tokens.digest(waiting):
            return found, waiting
        audit.note(
            "contracts.pairing.contested", of=found, by=None, at=at, address=address,
            about=found.user,
        )  # fmt: skip
    raise AlreadyClaimed  # outside of the transaction, which keeps the note


def _take(found: Pairing, *, name: str, address: str | None, at: datetime) -> str:
    """Let a phone ask by a locked open pairing; the secret that it waits with."""
    fresh = secrets.token_urlsafe(32)
    found.state, found.waiting_digest = State.ASKED, tokens.digest(fresh)
    found.phone, found.phone_address = name, address
    found.claimed_at, found.expires_at = at, at + rules.LIFE
    found.save()
    audit.note(
        "contracts.pairing.claimed", of=found, by=None, at=at, after={"phone": found.phone},
        address=address, personal=["phone"], about=found.user,
    )  # fmt: skip
    return fresh


@transaction.atomic
def confirm(*, pairing: int, user: User, session: str, at: datetime) -> Pairing:
    """The owner lets the phone in, on the page that showed the code. Raises NotAsked.

    Twice is once. The key is made when the phone fetches it.
    """
    held = _asked(pairing, user, session, at)
    if held.state == State.CONFIRMED:
        return held
    held.state, held.expires_at = State.CONFIRMED, at + rules.LIFE
    held.save(update_fields=["state", "expires_at"])
    _noted("contracts.pairing.confirmed", held, by=user, at=at)
    return held


@transaction.atomic
def refuse(*, pairing: int, user: User, session: str, at: datetime) -> Pairing:
    """The owner turns the phone away; also after a yes, while the phone has not fetched its key.

    Raises NotAsked.
    """
    held = _asked(pairing, user, session, at)
    held.state = State.REFUSED
    held.save(update_fields=["state"])
    _noted("contracts.pairing.refused", held, by=user, at=at)
    return held


@transaction.atomic
def collect(*, waiting: str, at: datetime) -> Collected:
    """What has become of a phone's question; after the owner's yes its key, once and never again.

    Raises nothing: who waits for nothing is told that it is over.
    """
    digest = tokens.digest(waiting)
    rows = Pairing.objects.select_for_update(of=("self",)).select_related("user")
    held = rows.filter(waiting_digest=digest).first() if waiting else None
    if held is None or held.state == State.DONE:
        return Collected(Outcome.OVER)
    if held.state == State.REFUSED:
        return Collected(Outcome.REFUSED, held)
    if held.expires_at <= at or not _may_connect(held.user, at):
        return Collected(Outcome.OVER, held)
    if held.state != State.CONFIRMED:
        return Collected(Outcome.WAITING, held)
    token, text = _connect(held, at)
    return Collected(Outcome.CONNECTED, held, token, text)


@transaction.atomic
def sign_out(*, text: str, at: datetime) -> bool:
    """End the device that holds the token of that text; False where there is none any more."""
    token = Token.objects.filter(kind=Kind.DEVICE, digest=tokens.digest(text)).first()
    return token is not None and revoke(token=token, at=at, by=token.user)


@transaction.atomic
def end_devices(*, user: User, at: datetime) -> int:
    """End all phones of a person, and those about to be connected; how many were connected.

    Called where the person is signed out everywhere, or has a new password.
    """
    standing = Pairing.objects.filter(user=user, state__in=sorted(rules.STANDING))
    standing.update(state=State.REFUSED)
    ended = [revoke(token=token, at=at) for token in devices_of(user, at=at)]
    return sum(ended)


def _connect(held: Pairing, at: datetime) -> tuple[Token, str]:
    """The device token of a confirmed pairing; its owner is told."""
    token, text = issue(
        user=held.user,
        kind=Kind.DEVICE,
        name=held.phone or "–",
        scopes=frozenset(Scope),
        expires_at=at + timedelta(days=rules.DEVICE_DAYS),
        at=at,
    )
    held.state, held.token = State.DONE, token
    held.save(update_fields=["state", "token"])
    outbox.tell(
        "contracts.device.connected",
        to=held.user.pk,
        language=held.user.language,
        key=f"contracts.device.connected:{token.pk}",
        payload={
            "phone": token.name,
            "address": context.address() or held.phone_address,
            "when": at,
            "url": links.absolute(reverse("cabinet:devices")),
        },
        at=at,
    )
    return token, text


def _may_connect(user: User, at: datetime) -> bool:
    if not user.is_active or user.role not in READERS:
        return False
    return devices_of(user, at=at).count() < rules.MOST_DEVICES


def _asked(pairing: int, user: User, session: str, at: datetime) -> Pairing:
    """The pairing that a session is asked about, locked. Raises NotAsked."""
    mine = Pairing.objects.select_for_update().standing_at(at).filter(pk=pairing, user=user)
    held = mine.filter(session_digest=tokens.digest(session)).exclude(state=State.OPEN).first()
    if held is None:
        raise NotAsked(pairing)
    return held


def _standing(text: str, at: datetime) -> Pairing | None:
    """The pairing that a secret or a code belongs to, locked; None where nobody shows it."""
    rows = Pairing.objects.select_for_update(of=("self",)).select_related("user").standing_at(at)
    text = text.strip()
    if rules.is_secret(text):
        return rows.filter(secret_digest=tokens.digest(text)).first()
    code = rules.typed(text)
    return rows.filter(code_digest=_code_digest(code)).first() if code else None


def _free_seed(at: datetime) -> str:
    """Chance whose short code nobody else shows at the moment."""
    while True:
        seed = secrets.token_hex(32)
        digest = _code_digest(_invitation(seed).code)
        if not Pairing.objects.standing_at(at).filter(code_digest=digest).exists():
            return seed


def _invitation(seed: str) -> Invitation:
    secret = salted_hmac("faza.pairing.secret", seed, algorithm="sha256").digest()
    code = salted_hmac("faza.pairing.code", seed, algorithm="sha256").digest()
    short = base64.urlsafe_b64encode(secret[: rules.SECRET_BYTES]).decode().rstrip("=")
    return Invitation(short, rules.code_of(code))


def _code_digest(code: str) -> str:
    """Of so few letters a plain hash could be turned round; the installation's key is in it."""
    return salted_hmac("faza.pairing.typed", code, algorithm="sha256").hexdigest()


def _noted(code: str, held: Pairing, *, by: User, at: datetime) -> None:
    audit.note(
        code, of=held, by=by, at=at, after={"phone": held.phone},
        personal=["phone"], about=held.user,
    )  # fmt: skip

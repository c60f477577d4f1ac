"""From a form to a proven address. Known and unknown addresses are answered alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from faza.accounts import links, mails, rules
from faza.accounts.models import LegalText, User
from faza.accounts.services.texts import accept
from faza.accounts.services.users import EmailTaken, create_user, end_sessions
from faza.audit import context
from faza.audit import services as audit
from faza.outbox import services as outbox


class LinkExpired(Exception):
    """The link's time is over."""


class LinkSpent(Exception):
    """The address was proven by this link before."""


class WrongLink(Exception):
    """Not a link of ours, or what it was for is no more."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose address was proven; whether it replaced the one that they signed in with before."""

    user: User
    is_change: bool


class _Undone(Exception):
    """What was done only to take as long as in earnest."""


@transaction.atomic
def sign_up(
    *,
    email: str,
    full_name: str,
    phone: str,
    password: str,
    texts: Iterable[LegalText],
    at: datetime,
    language: str = "ru",
    address: str | None = None,
    then: Callable[[User], object] = lambda user: None,
) -> User | None:
    """Make an account that waits for its address to be proven; None where it cannot be made.

    `then` is called with the new user, in the same transaction. Whoever has an account with this
    address is told by mail, and not the one who types it here: for a known address the same is
    done under another one and undone, so that the answer takes as long. An account whose address
    nobody has proven is replaced: it may have been typed by a stranger.
    """
    email, texts = email.strip().lower(), list(texts)

    def make(email: str) -> User:
        user = create_user(
            email=email,
            full_name=full_name,
            phone=phone,
            password=password,
            language=language,
            is_confirmed=False,
            at=at,
        )
        accept(user=user, texts=texts, at=at, address=address)
        then(user)
        send_confirmation(user=user, at=at)
        return user

    known = User.objects.select_for_update().filter(email=email).first()
    if known is None or not _is_proven(known):
        if known is not None:
            _replace(known, at)
        try:
            with transaction.atomic():
                return make(email)
        except EmailTaken:  # somebody else was quicker by a moment
            return None
    with suppress(_Undone), transaction.atomic():
        make(f"{token_hex(16)}@example.invalid")
        raise _Undone
    _tell_known(known, at)
    return None


def _replace(unproven: User, at: datetime) -> None:
    audit.note("accounts.user.replaced", of=unproven, by=None, at=at)
    audit.forget(user=unproven.pk, at=at)
    unproven.delete()


def send_confirmation(*, user: User, at: datetime) -> bool:
    """Send the link that proves the address of a new account; whether there was need of one."""
    waiting = EmailAddress.objects.filter(user=user, verified=False).order_by("-pk").first()
    if waiting is None:
        return False
    key = EmailConfirmationHMAC(waiting).key
    outbox.tell(
        "account.confirm",
        address=waiting.email,
        language=user.language,
        key=f"account.confirm:{waiting.pk}:{at.isoformat()}",
        payload={"name": user.full_name, "url": links.confirmation(key), "code": key},
        at=at,
    )
    return True


@transaction.atomic
def send_again(*, email: str, at: datetime) -> None:
    """Send the link once more where there is such an account; nobody is told which it was."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is not None and not _is_proven(user):
        send_confirmation(user=user, at=at)
    else:
        pretend_reset(email=email, language="ru", at=at)


@transaction.atomic
def confirm(*, key: str, at: datetime, but: str = "") -> Confirmed:
    """Prove an address by the key of its mail; it becomes the one that the person signs in with.

    A changed address ends all sessions except the one with the key `but`.

    Raises LinkExpired, LinkSpent, WrongLink.
    """
    waiting = _of_key(key, EmailAddress.objects.select_for_update())
    user = User.objects.select_for_update().get(pk=waiting.user_id)
    others = EmailAddress.objects.filter(user=user).exclude(pk=waiting.pk)
    is_change = others.filter(verified=True).exists()
    taken = User.objects.filter(email=waiting.email).exclude(pk=user.pk)
    if not user.is_active or taken.exists() or not waiting.can_set_verified():
        raise WrongLink
    others.delete()
    waiting.verified = waiting.primary = True
    waiting.save(update_fields=["verified", "primary"])
    before, user.email = user.email, waiting.email
    if is_change:  # told at the old address, in case that it was not its owner's wish
        mails.tell_security_changed(
            "email_changed", user=user, address=before, came_from=context.address(), at=at
        )
    user.save(update_fields=["email"])
    if is_change:
        end_sessions(user=user, but=but, at=at)
        old, new = {"email": before}, {"email": user.email}
        audit.note("accounts.email.changed", of=user, by=user, at=at, before=old, after=new)
    else:
        audit.note("accounts.email.confirmed", of=user, by=user, at=at)
    return Confirmed(user, is_change)


@transaction.atomic
def pretend_reset(*, email: str, language: str, at: datetime) -> None:
    """Take as long over an unknown address as a mail with a new password's link takes; no mail."""
    nobody = User(pk=0, email=email.strip().lower(), full_name="", language=language)
    nobody.set_unusable_password()
    with suppress(_Undone), transaction.atomic():
        told = {"password_reset_url": links.new_password(nobody)}
        mails.tell(
            "password_reset_key", user=nobody, address="nobody@example.invalid", context=told,
            browser="", came_from=None, at=at,
        )  # fmt: skip
        raise _Undone


def look_at_link(*, key: str) -> None:
    """Whether a link would work now; nothing is done. Raises as `confirm` does."""
    _of_key(key, EmailAddress.objects.all())


def _of_key(key: str, among: QuerySet[EmailAddress]) -> EmailAddress:
    try:
        pk = signing.loads(key, max_age=rules.CONFIRMATION_HOLDS, salt=app_settings.SALT)
    except signing.SignatureExpired as late:
        raise LinkExpired from late
    except signing.BadSignature as wrong:
        raise WrongLink from wrong
    waiting = among.filter(pk=pk).first()
    if waiting is None:
        raise WrongLink
    if waiting.verified:
        raise LinkSpent
    return waiting


def _is_proven(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def _tell_known(user: User, at: datetime) -> None:
    outbox.tell(
        "account.exists",
        to=user.pk,
        address=user.email,
        language=user.language,
        key=f"account.exists:{user.pk}:{at.isoformat()}",
        payload={"name": user.full_name, "url": links.reset_password()},
        at=at,
    )

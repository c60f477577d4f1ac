from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from faza.accounts import links, mails, signals
from faza.accounts.models import SignIn, User
from faza.audit import context
from faza.audit import services as audit
from faza.outbox import services as outbox

STAFF = frozenset({User.Role.OPERATOR, User.Role.ADMINISTRATOR, User.Role.AUDITOR})


class EmailTaken(Exception):
    """Somebody else signs in with this address already."""


class LastAdministrator(Exception):
    """Without this administrator nobody could manage users any more."""


@transaction.atomic
def create_user(
    *,
    email: str,
    full_name: str,
    at: datetime,
    role: User.Role = User.Role.SUBSCRIBER,
    password: str | None = None,
    phone: str = "",
    language: str = "ru",
    is_confirmed: bool = True,
    by: User | None = None,
) -> User:
    """Make a user; without a password nobody can sign in as them until one is set by mail.

    is_confirmed: whether the address needs no proof, because staff vouches for it.

    Raises EmailTaken, whatever the case of the letters.
    """
    user = User(
        email=email.strip().lower(),
        full_name=full_name,
        role=role,
        phone=phone,
        language=language,
        created_at=at,
    )
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as refused:
        if User.objects.filter(email=user.email).exists():
            raise EmailTaken(user.email) from refused
        raise
    EmailAddress.objects.create(user=user, email=user.email, verified=is_confirmed, primary=True)
    audit.note("accounts.user.created", of=user, by=by, at=at, after={"role": role})
    return user


@transaction.atomic
def invite_user(
    *,
    email: str,
    full_name: str,
    role: User.Role,
    at: datetime,
    phone: str = "",
    language: str = "ru",
    by: User | None = None,
) -> User:
    """Make a user who is told by mail to set a password. Raises EmailTaken."""
    user = create_user(
        email=email,
        full_name=full_name,
        role=role,
        phone=phone,
        language=language,
        at=at,
        by=by,
    )
    send_invitation(user=user, at=at)
    return user


def send_invitation(*, user: User, at: datetime) -> None:
    """Tell a user by mail to set a password; each call sends another link."""
    outbox.tell(
        "accounts.invited",
        to=user.pk,
        address=user.email,
        language=user.language,
        key=f"accounts.invited:{user.pk}:{at.isoformat()}",
        payload={"name": user.full_name, "role": user.role, "url": links.new_password(user)},
        at=at,
    )


@transaction.atomic
def change_role(*, user: User, role: User.Role, at: datetime, by: User | None = None) -> User:
    """Give a user another role; their sessions end, as what they showed may not be theirs now.

    Raises LastAdministrator.
    """
    held = _held(user)
    if held.role == role:
        return held
    _keep_an_administrator(held)
    before, held.role = held.role, role
    held.save(update_fields=["role"])
    end_sessions(user=held, at=at)
    audit.note(
        "accounts.role.changed", of=held, by=by, at=at, before={"role": before},
        after={"role": role},
    )  # fmt: skip
    return held


@transaction.atomic
def deactivate(*, user: User, at: datetime, by: User | None = None, reason: str = "") -> User:
    """Close a user's access at once; twice changes nothing. Raises LastAdministrator."""
    held = _held(user)
    if not held.is_active:
        return held
    _keep_an_administrator(held)
    held.is_active = False
    held.save(update_fields=["is_active"])
    end_sessions(user=held, at=at)
    told = {"reason": reason}
    audit.note("accounts.user.deactivated", of=held, by=by, at=at, after=told, personal=("reason",))
    return held


@transaction.atomic
def activate(*, user: User, at: datetime, by: User | None = None) -> User:
    """Open a user's access again; twice changes nothing. An erased account stays closed."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.is_active or held.erased_at:
        return held
    held.is_active, held.closed_at = True, None
    held.save(update_fields=["is_active", "closed_at"])
    audit.note("accounts.user.activated", of=held, by=by, at=at)
    return held


@transaction.atomic
def change_profile(
    *,
    user: User,
    at: datetime,
    full_name: str | None = None,
    phone: str | None = None,
    by: User | None = None,
) -> User:
    """Change a person's name or phone; what is not given stays."""
    held = User.objects.select_for_update().get(pk=user.pk)
    asked = {"full_name": full_name, "phone": phone}
    new = {
        k: v.strip() for k, v in asked.items() if v is not None and v.strip() != getattr(held, k)
    }
    if not new:
        return held
    before = {name: getattr(held, name) for name in new}
    for name, value in new.items():
        setattr(held, name, value)
    held.save(update_fields=list(new))
    audit.note(
        "accounts.profile.changed", of=held, by=by or held, at=at, before=before, after=new,
        personal=("full_name", "phone"),
    )  # fmt: skip
    return held


@transaction.atomic
def note_own_data(*, user: User, at: datetime) -> None:
    """Write into the trail that a person took the file of all own data."""
    audit.note("accounts.own_data.taken", of=user, by=user, at=at)


@transaction.atomic
def change_language(*, user: User, language: str, at: datetime) -> User:
    """Keep the language that a person reads pages and mails in."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.language != language:
        before, held.language = held.language, language
        held.save(update_fields=["language"])
        audit.note(
            "accounts.language.changed", of=held, by=held, at=at,
            before={"language": before}, after={"language": language},
        )  # fmt: skip
    return held


@transaction.atomic
def close_account(*, user: User, at: datetime) -> User:
    """Close an account at its person's wish; what names the person is erased later, by retention.

    Raises LastAdministrator.
    """
    held = _held(user)
    if held.closed_at:
        return held
    _keep_an_administrator(held)
    held.is_active, held.closed_at = False, at
    held.save(update_fields=["is_active", "closed_at"])
    end_sessions(user=held, at=at)
    audit.note("accounts.account.closed", of=held, by=held, at=at)
    mails.tell_security_changed("account_closed", user=held, at=at, came_from=context.address())
    return held


@transaction.atomic
def erase_user(*, user: User, at: datetime) -> None:
    """Erase what names a person whose access is closed; the row stays for what points at it.

    Doing it twice changes nothing.
    """
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.erased_at or held.is_active:
        return
    held.full_name, held.phone = "", ""
    held.email = f"erased-{held.pk}@example.invalid"
    held.erased_at = at
    held.set_unusable_password()
    held.save()
    EmailAddress.objects.filter(user=held).delete()
    SignIn.objects.filter(user=held).delete()
    held.acceptances.update(address=None)
    end_sessions(user=held, at=at)
    second_factors(held).delete()
    audit.note("accounts.user.erased", of=held, by=None, at=at)
    audit.forget(user=held.pk, at=at)


def second_factors(user: User):
    """Codes, passkeys and recovery codes of a user."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user=user)


def end_sessions(*, user: User, at: datetime, but: str = "") -> int:
    """Sign a user out everywhere, except in the session with the key `but`; how many ended.

    Whoever else keeps people signed in hears of it by `signals.signed_out`.
    """
    from allauth.usersessions.models import UserSession

    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but):
        session.end()
        ended += 1
    signals.signed_out.send(sender=User, user=user, at=at)
    return ended


@transaction.atomic
def end_other_sessions(*, user: User, but: str, at: datetime) -> int:
    """Sign a user out everywhere else; how many sessions ended."""
    ended = end_sessions(user=user, but=but, at=at)
    if ended:
        audit.note("accounts.sessions.ended", of=user, by=user, at=at, after={"count": ended})
    return ended


@transaction.atomic
def end_session(*, user: User, session: int, at: datetime) -> bool:
    """Sign a user out on one device; False if it is none of theirs, or has ended."""
    from allauth.usersessions.models import UserSession

    found = UserSession.objects.filter(user=user, pk=session).first()
    if found is None:
        return False
    found.end()
    audit.note("accounts.session.ended", of=user, by=user, at=at, after={"session": session})
    return True


_ADMINISTRATORS = Q(role=User.Role.ADMINISTRATOR, is_active=True)


def _held(user: User) -> User:
    """The user locked; an administrator with all the others, in one order.

    So two who go at once wait for each other instead of leaving nobody, or a deadlock.
    """
    rows = Q(pk=user.pk)
    if User.objects.filter(_ADMINISTRATORS, pk=user.pk).exists():
        rows |= _ADMINISTRATORS
    return {one.pk: one for one in User.objects.select_for_update().filter(rows).order_by("pk")}[
        user.pk
    ]


def _keep_an_administrator(user: User) -> None:
    if user.role != User.Role.ADMINISTRATOR or not user.is_active:
        return
    if not User.objects.filter(_ADMINISTRATORS).exclude(pk=user.pk).exists():
        raise LastAdministrator(user.pk)

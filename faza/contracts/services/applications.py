"""What is done to an application; `rules.applications` says in which state what may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import Application, ApplicationNote
from faza.contracts.rules.applications import OPEN, Move
from faza.contracts.services.approval import (
    Approved,
    TooLate,
    approve,
    approve_matching,
    refuse,
    reopen,
)
from faza.contracts.services.changing import NoSuchField, apply
from faza.contracts.services.moving import (
    OwnApplication,
    due,
    held,
    held_by_staff,
    required,
    tell,
)

__all__ = [
    "FIELDS",
    "AlreadyApplied",
    "AlreadyTaken",
    "Approved",
    "NotYours",
    "OwnApplication",
    "TooLate",
    "approve",
    "approve_matching",
    "ask",
    "confirm",
    "correct",
    "refuse",
    "release",
    "reopen",
    "submit",
    "take",
    "write",
]

FIELDS = ("kind", "full_name", "organisation", "agreement_number", "phone", "address")
"""What a subscriber writes, and may correct when asked to."""

_PERSONAL = ("organisation", "agreement_number")


class AlreadyApplied(Exception):
    """The user has an application under way already."""


class AlreadyTaken(Exception):
    """Another operator works on the application."""


class NotYours(Exception):
    """Only the applicant may correct what they wrote."""


@transaction.atomic
def submit(*, user: User, fields: Mapping[str, str], at: datetime) -> Application:
    """Store what somebody asks for (fields: those of FIELDS); it waits for the address's proof.

    Raises AlreadyApplied if the user has one under way, ValidationError if a field says what
    cannot be, NoSuchField if it is none of FIELDS.
    """
    if strange := set(fields) - set(FIELDS):
        raise NoSuchField(", ".join(sorted(strange)))
    User.objects.select_for_update().get(pk=user.pk)
    if Application.objects.filter(user=user, state__in=OPEN).exists():
        raise AlreadyApplied(f"user {user.pk}")
    application = Application(
        user=user, email=user.email, submitted_at=at, due_at=due(at), **fields
    )
    _check(application)
    application.full_clean()
    application.save(force_insert=True)
    audit.note(
        "contracts.application.submitted",
        of=application,
        by=user,
        at=at,
        after={"kind": application.kind},
    )
    return application


def _check(application: Application) -> None:
    is_firm = application.kind == Application.Kind.ORGANISATION
    if is_firm and not application.organisation.strip():
        raise ValidationError({"organisation": _("Please name the organisation.")})


@transaction.atomic
def confirm(*, user: User, at: datetime) -> Application | None:
    """The user's address is proven: the application waits for the desk, a mail tells so.

    The term runs from now on. None where nothing waits for the proof; so twice is once.
    """
    found = Application.objects.filter(user=user, state=Application.State.UNCONFIRMED).first()
    if found is None:
        return None
    application = held(found, Move.CONFIRM)
    application.email, application.confirmed_at = user.email, at
    application.due_at = due(at)
    application.save()
    audit.note("contracts.application.confirmed", of=application, by=user, at=at)
    tell(application, "received", {"due": application.due_at}, at=at)
    return application


@transaction.atomic
def take(*, application: Application, by: User, at: datetime) -> Application:
    """Work on it oneself («в работе»); twice is once. Raises AlreadyTaken if somebody else does."""
    found = held_by_staff(application, Move.TAKE, by)
    if found.taken_by_id == by.pk:
        return found
    if found.taken_by_id is not None:
        raise AlreadyTaken(f"application {found.pk}: by {found.taken_by_id}, not {by.pk}")
    found.taken_by, found.taken_at = by, at
    found.save()
    audit.note("contracts.application.taken", of=found, by=by, at=at)
    return found


@transaction.atomic
def release(*, application: Application, by: User, at: datetime) -> Application:
    """Leave it to others again, whoever took it; twice is once."""
    found = held(application, Move.RELEASE)
    if found.taken_by_id is None:
        return found
    before = {"taken_by": found.taken_by_id}
    found.taken_by = found.taken_at = None
    found.save()
    audit.note("contracts.application.released", of=found, by=by, at=at, before=before)
    return found


@transaction.atomic
def ask(*, application: Application, text: str, by: User, at: datetime) -> Application:
    """Ask the applicant for a correction. Raises AlreadyDecided, WrongMove, ValidationError."""
    found = held_by_staff(application, Move.ASK, by)
    found.save()
    note = _add_note(found, required("text", text), ApplicationNote.Kind.CORRECTION, by=by, at=at)
    audit.note("contracts.application.returned", of=found, by=by, at=at, after={"note": note.pk})
    tell(found, "correction", {"text": note.text}, at=at)
    return found


@transaction.atomic
def correct(
    *, application: Application, fields: Mapping[str, str], by: User, at: datetime
) -> Application:
    """The applicant writes the fields anew (those of FIELDS) and sends them again.

    The term runs from now on. Raises NotYours, WrongMove, ValidationError, NoSuchField.
    """
    found = held(application, Move.CORRECT)
    if found.user_id != by.pk:
        raise NotYours(f"application {found.pk}")
    changed = apply(found, fields, allowed=FIELDS)
    _check(found)
    found.due_at = due(at)
    found.save()
    audit.note(
        "contracts.application.corrected",
        of=found,
        by=by,
        at=at,
        before=changed.before,
        after=changed.after,
        personal=_PERSONAL,
    )
    return found


@transaction.atomic
def write(*, application: Application, text: str, by: User, at: datetime) -> ApplicationNote:
    """Add to the talk; what the desk writes is mailed to the applicant.

    Raises WrongMove where nothing more is to be said, ValidationError for an empty text.
    """
    found = held(application, Move.WRITE)
    note = _add_note(found, required("text", text), ApplicationNote.Kind.MESSAGE, by=by, at=at)
    audit.note("contracts.application.written", of=found, by=by, at=at, after={"note": note.pk})
    if found.user_id != by.pk:
        tell(found, "message", {"text": note.text}, at=at)
    return note


def _add_note(
    application: Application, text: str, kind: ApplicationNote.Kind, *, by: User, at: datetime
) -> ApplicationNote:
    return ApplicationNote.objects.create(
        application=application, author=by, kind=kind, text=text, at=at
    )

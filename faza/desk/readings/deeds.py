"""What a person does to one typed reading: accept, correct, refuse, ask, withdraw; and undo."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from faza.accounts.models import User
from faza.contracts.permissions import Right
from faza.core.units import from_unit
from faza.desk.doors import needs
from faza.desk.lists import request_user, typed_text
from faza.desk.readings import rows, words
from faza.desk.readings.asked import Asked
from faza.desk.readings.views import reached, shown
from faza.manual_entry import asking, deciding, services, undoing
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import WrongMove
from faza.manual_entry.weighing import Line, weigh
from faza.ui import formats

LONGEST = 500
"""Characters of a reason, as the model keeps them."""
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{0,9})?", re.ASCII)


def _held(request: HttpRequest, pk: int) -> tuple[User, datetime, Entry]:
    """Raises Http404; PermissionDenied of what the person has typed as a subscriber."""
    user, at = request_user(request), timezone.now()
    entry = reached(user, pk, at)
    if rows.is_own(user, entry):
        raise PermissionDenied("own readings are checked by somebody else")
    return user, at, entry


def _asked(request: HttpRequest, pk: int) -> Asked:
    """The place in the queue, with the reading itself beside it."""
    asked = Asked.of_text(request.POST.get("query", ""))
    return Asked(filters=asked.filters, group=asked.group, page=asked.page, key=pk)


def _next(request: HttpRequest, pk: int) -> HttpResponse:
    """After a decision the next of the queue; of what did not wait the reading itself."""
    asked = _asked(request, pk)
    following = request.POST.get("following", "")
    is_number = following.isascii() and following.isdecimal() and len(following) < 19
    return redirect(asked.address(key=int(following) if is_number else None))


def _meanwhile(request: HttpRequest, user: User, pk: int, at: datetime) -> HttpResponse:
    """Somebody else was faster: how, is told beside the reading."""
    entry = reached(user, pk, at)
    told = _("It was decided meanwhile: %(how)s.") % {"how": words.decided(entry)}
    messages.error(request, told)
    return redirect(_asked(request, pk).address())


@require_POST
@needs(Right.CHECK_READINGS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a reading count, as it was typed or as it is corrected here."""
    user, at, entry = _held(request, pk)
    (weighed,) = weigh([entry], at=at)
    typed = {
        line.register: request.POST[f"value-{line.register}"][:30]
        for line in weighed.lines
        if f"value-{line.register}" in request.POST
    }
    try:
        values = {
            line.register: value_of(typed[line.register], line)
            for line in weighed.lines
            if line.register in typed
        }
        corrected = deciding.corrected(weighed, values) if values else None
    except ValidationError as wrong:
        return shown(request, _asked(request, pk), error=" ".join(wrong.messages), typed=typed)
    try:
        found = services.approve(entry=entry, by=user, at=at, corrected=corrected)
    except WrongMove:
        return _meanwhile(request, user, pk, at)
    told = _("%(point)s: the reading is corrected and accepted.") if found.accepted else _(
        "%(point)s: the reading is accepted."
    )  # fmt: skip
    messages.success(request, told % {"point": entry.usage_point.name})
    return _next(request, pk)


def value_of(text: str, line: Line) -> int:
    """Quanta of what was typed in for a register. Raises ValidationError in words.

    What stands there as the field began is the reading as it was typed, finer digits too.
    """
    plain = _plain(text)
    if plain == _plain(words.amount(line.register, line.shown, line.decimals)):
        return line.shown
    said = {"text": text[:30], "zone": words.zone(line.register)}
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(_("%(zone)s: “%(text)s” is no reading.") % said)
    value, kind = Decimal(plain), words.kind_of(line.register)
    if value * line.quantum >= line.capacity:
        raise ValidationError(_("%(zone)s: the meter cannot show “%(text)s”.") % said)
    quanta, is_rounded = from_unit(value, kind)
    if is_rounded:
        raise ValidationError(_("%(zone)s: “%(text)s” is finer than readings are kept.") % said)
    return quanta


def _plain(text: str) -> str:
    return "".join(text.split()).replace(",", ".")


@require_POST
@needs(Right.CHECK_READINGS)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a reading count nowhere; its sender is told why."""
    user, at, entry = _held(request, pk)
    reason = typed_text(request, "reason", longest=LONGEST)
    if not reason:
        asked, error = _asked(request, pk), _("Say why: the subscriber reads it.")
        return shown(request, asked, error=error)
    try:
        services.refuse(entry=entry, reason=reason, by=user, at=at)
    except WrongMove:
        return _meanwhile(request, user, pk, at)
    told = _("%(point)s: the reading is refused, its sender is told why.")
    messages.success(request, told % {"point": entry.usage_point.name})
    return _next(request, pk)


@require_POST
@needs(Right.CHECK_READINGS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an approval: all is as before it."""
    user, at, entry = _held(request, pk)
    reason = typed_text(request, "reason", longest=LONGEST)
    if not reason:
        asked, error = _asked(request, pk), _("Say why: the subscriber reads it.")
        return shown(request, asked, error=error)
    try:
        services.withdraw(entry=entry, reason=reason, by=user, at=at)
    except WrongMove:
        return _meanwhile(request, user, pk, at)
    told = _("%(point)s: the reading counts no more; all is as before it.")
    messages.success(request, told % {"point": entry.usage_point.name})
    return redirect(_asked(request, pk).address())


@require_POST
@needs(Right.CHECK_READINGS)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the subscriber something; until it is answered the reading is out of the queue."""
    user, at, entry = _held(request, pk)
    question = request.POST.get("question", "")
    try:
        asking.ask(entry=entry, text=question, by=user, at=at)
    except asking.Empty:
        return shown(request, _asked(request, pk), error=_("Write what is to be asked."))
    except WrongMove:
        return _meanwhile(request, user, pk, at)
    told = _("%(point)s: the subscriber is asked; the answer brings the reading back.")
    messages.success(request, told % {"point": entry.usage_point.name})
    return _next(request, pk)


@require_POST
@needs(Right.CHECK_READINGS)
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the own last decision: all that it decided waits again."""
    user, at = request_user(request), timezone.now()
    asked = Asked.of_text(request.POST.get("query", ""))
    try:
        decided_at = datetime.fromisoformat(request.POST.get("decided_at", ""))
        if decided_at.tzinfo is None:
            raise ValueError
        undone = undoing.undo(decided_at=decided_at, by=user, at=at)
    except (ValueError, OverflowError):
        messages.error(request, _("There is nothing to undo."))
        return redirect(asked.address(key=None))
    except undoing.TooLate:
        messages.error(request, _("It is too late to undo it: withdraw it with a reason."))
        return redirect(asked.address(key=None))
    count = len(undone.done)
    if count:
        told = ngettext(
            "Undone: %(n)s reading waits again.", "Undone: %(n)s readings wait again.", count
        )
        messages.success(request, told % {"n": formats.number(count)})
    if undone.left:
        left = ngettext(
            "%(n)s stays decided: another reading of its meter waits already.",
            "%(n)s stay decided: other readings of their meters wait already.",
            len(undone.left),
        )
        messages.warning(request, left % {"n": formats.number(len(undone.left))})
    first = undone.done[0].pk if undone.done else None
    return redirect(asked.address(key=first))

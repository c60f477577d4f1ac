"""Questions of the desk about a typed reading, and the answers of the subscriber's side.

A reading of which something is asked waits for the answer, not for the desk; decided it may be all
the same, and another reading of the meter takes its place as ever. Who may is asked at the door,
which readings of `queries.desk_entries` and `queries.own_entries`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.manual_entry import telling
from faza.manual_entry.models import Entry, EntryWord
from faza.manual_entry.rules import moves
from faza.manual_entry.rules.moves import Move, State
from faza.manual_entry.telling import What

LONGEST = 1000
"""Characters of a word, as the model keeps them."""


class Empty(Exception):
    """Nothing was written."""


@transaction.atomic
def ask(*, entry: Entry, text: str, by: User, at: datetime) -> EntryWord:
    """Ask the subscriber about a reading that waits; its sender is told.

    Raises Empty, and WrongMove where it is decided already.
    """
    found, word = _said(entry, Move.ASK, EntryWord.Kind.QUESTION, text, by=by, at=at)
    audit.note("manual_entry.entry.asked", of=found, by=by, at=at, after={"question": word.text})
    telling.decided([found], What.ASKED, by=by, at=at, question=word.text)
    return word


@transaction.atomic
def answer(*, entry: Entry, text: str, by: User, at: datetime) -> EntryWord:
    """Answer what the desk asked: the reading waits for the desk again.

    Raises Empty, and WrongMove where nothing is asked any more.
    """
    found, word = _said(entry, Move.ANSWER, EntryWord.Kind.ANSWER, text, by=by, at=at)
    audit.note("manual_entry.entry.answered", of=found, by=by, at=at, after={"answer": word.text})
    return word


def is_answered(*, entry: Entry, text: str, by: User) -> bool:
    """Whether somebody's very answer is the last word already: a phone may say it twice."""
    last = EntryWord.objects.filter(entry=entry).last()
    said = EntryWord.Kind.ANSWER, by.pk, _plain(text)
    return last is not None and (last.kind, last.author_id, last.text) == said


def _plain(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _said(
    entry: Entry, move: Move, kind: EntryWord.Kind, text: str, *, by: User, at: datetime
) -> tuple[Entry, EntryWord]:
    said = _plain(text)
    if not said:
        raise Empty
    found = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    found.state = moves.moved(State(found.state), move)
    found.save(update_fields=["state"])
    return found, EntryWord.objects.create(entry=found, kind=kind, author=by, text=said, at=at)

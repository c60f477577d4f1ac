from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from faza.accounts import rules, texts
from faza.accounts.models import Acceptance, LegalText, User, Withdrawal
from faza.accounts.services.users import end_sessions
from faza.audit import services as audit
from faza.outbox import services as outbox


class NoDraft(Exception):
    """There is no draft of this kind to publish."""


class DraftChanged(Exception):
    """Somebody wrote another draft since this person saw it."""


class EmptyText(Exception):
    """A title or a body is missing: nobody can accept nothing."""


class NotCurrent(Exception):
    """The edition is a draft, or a newer one is in force: it cannot be accepted any more."""


class AlreadyHandled(Exception):
    """Somebody handled it before."""


@transaction.atomic
def draft_text(
    *,
    kind: LegalText.Kind,
    title: str,
    body: str,
    at: datetime,
    seen: str | None = None,
    by: User | None = None,
) -> LegalText:
    """Write the draft of a kind's next edition, or rewrite it; nobody sees it but staff.

    `seen` is the `texts.mark` of what it is written over. Raises DraftChanged if that is not the
    draft any more; the same words once more change nothing.
    """
    title, body = title.strip(), body.strip()
    draft = LegalText.objects.select_for_update().filter(kind=kind, published_at=None).first()
    if draft is None:
        last = LegalText.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0
        draft = LegalText(kind=kind, number=last + 1)
    elif (draft.title, draft.body) == (title, body):
        return draft
    elif seen is not None and seen != texts.mark(draft):
        raise DraftChanged(kind)
    draft.title, draft.body = title, body
    draft.save()
    after = {"kind": kind, "number": draft.number, "title": title, "length": len(body)}
    audit.note("accounts.text.drafted", of=draft, by=by, at=at, after=after)
    return draft


@transaction.atomic
def publish_text(
    *, kind: LegalText.Kind, at: datetime, seen: str | None = None, by: User | None = None
) -> LegalText:
    """Put the draft of a kind in force; it never changes after that, and is asked of everybody.

    Raises NoDraft, EmptyText if it has no title or no body, and DraftChanged if its `texts.mark`
    is not `seen`.
    """
    draft = LegalText.objects.select_for_update().filter(kind=kind, published_at=None).first()
    if draft is None:
        raise NoDraft(kind)
    if not (draft.title and draft.body):
        raise EmptyText(kind)
    if seen is not None and seen != texts.mark(draft):
        raise DraftChanged(kind)
    draft.published_at = at
    draft.save(update_fields=["published_at"])
    after = {"kind": kind, "number": draft.number, "title": draft.title}
    audit.note("accounts.text.published", of=draft, by=by, at=at, after=after)
    # Now for this transaction, afterwards for those who asked while it was open.
    texts.forget_current()
    transaction.on_commit(texts.forget_current)
    return draft


@transaction.atomic
def accept(
    *, user: User, texts: Iterable[LegalText], at: datetime, address: str | None = None
) -> list[Acceptance]:
    """Keep that a person accepts editions in force, from a network address; twice keeps it once.

    Raises NotCurrent if one is a draft or has been replaced: the person read another text.
    """
    return [_accept(user, text, at, address) for text in texts]


def _accept(user: User, text: LegalText, at: datetime, address: str | None) -> Acceptance:
    newer = LegalText.objects.filter(kind=text.kind, number__gt=text.number)
    if text.published_at is None or newer.exclude(published_at=None).exists():
        raise NotCurrent(f"{text.kind} {text.number}")
    standing = Acceptance.objects.filter(user=user, text=text, withdrawn_at=None).first()
    if standing:
        return standing
    given = Acceptance.objects.create(user=user, text=text, at=at, address=address)
    after = {"kind": text.kind, "number": text.number}
    audit.note("accounts.text.accepted", of=given, by=user, at=at, after=after)
    return given


@transaction.atomic
def withdraw_consent(
    *,
    user: User,
    at: datetime,
    kind: LegalText.Kind = LegalText.Kind.CONSENT,
    but: str = "",
) -> Withdrawal:
    """Take a consent back: its acceptances end, and the desk has to act by a due time.

    All sessions end but the one with the key `but`. While one withdrawal waits to be handled,
    another is not opened.
    """
    Acceptance.objects.filter(user=user, text__kind=kind, withdrawn_at=None).update(withdrawn_at=at)
    waiting = Withdrawal.objects.filter(user=user, kind=kind, handled_at=None)
    try:
        with transaction.atomic():
            asked, is_new = waiting.get_or_create(
                user=user,
                kind=kind,
                handled_at=None,
                defaults={"at": at, "due_at": at + rules.WITHDRAWAL_DUE},
            )
    except IntegrityError:
        asked, is_new = waiting.get(), False
    end_sessions(user=user, but=but, at=at)
    if is_new:
        after = {"kind": kind, "due_at": asked.due_at}
        audit.note("accounts.consent.withdrawn", of=asked, by=user, at=at, after=after)
        outbox.tell(
            "accounts.withdrawal.received",
            to=user.pk,
            address=user.email,
            language=user.language,
            key=f"accounts.withdrawal.received:{asked.pk}",
            payload={"name": user.full_name, "when": at, "due": asked.due_at},
            at=at,
        )
    return asked


@transaction.atomic
def handle_withdrawal(
    *, withdrawal: Withdrawal, at: datetime, by: User, done: str = ""
) -> Withdrawal:
    """Close a withdrawal: what it asks for has been done, told in words. Raises AlreadyHandled."""
    held = Withdrawal.objects.select_for_update().get(pk=withdrawal.pk)
    if held.handled_at is not None:
        raise AlreadyHandled(held.pk)
    held.handled_at, held.handled_by = at, by
    held.save(update_fields=["handled_at", "handled_by"])
    after = {"kind": held.kind, "done": done.strip()}
    audit.note(
        "accounts.withdrawal.handled", of=held, by=by, at=at, after=after, personal=("done",),
        about=held.user,
    )  # fmt: skip
    return held

"""The file of all that Faza holds about a person, for that person alone."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from faza.accounts import queries
from faza.accounts.models import LegalText, User
from faza.cabinet.account import own_tables
from faza.cases.models import Case, CaseMessage
from faza.cases.queries import PUBLIC
from faza.contracts import access
from faza.contracts.models import (
    AccessConsent,
    AgreementPoint,
    Application,
    ApplicationNote,
    CustomerMember,
    HouseManagement,
    Token,
    TokenPoint,
    TokenUse,
)
from faza.notifications import queries as notices
from faza.notifications import subscriptions
from faza.reports import queries as reports


def archive(user: User, *, at: datetime) -> Iterator[bytes]:
    """A ZIP, made while it is sent.

    `data.json` with all that is said of the person and the own agreements, tables of what was
    measured at the own points (`own_tables`), and each edition that the person accepted as text.
    Secrets (hashes of passwords, keys of codes) are not in it.
    """
    user.acting_for = None
    windows = access.own_windows_of(user, at=at)
    told = json.dumps(data(user, at=at), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    files: list[Iterable[tuple[str, Iterable[bytes]]]] = [
        [("README.txt", [_readme().encode()]), ("data.json", [told.encode()])],
        (
            (f"texts/{text.kind}-{text.number}.md", [f"# {text.title}\n\n{text.body}\n".encode()])
            for text in _texts_of(user)
        ),
        own_tables.tables(windows, language=get_language() or "ru", at=at),
    ]
    return _packed(chain.from_iterable(files), at)


def _packed(files: Iterable[own_tables.Table], at: datetime) -> Iterator[bytes]:
    out = _Outbox()
    with zipfile.ZipFile(out, "w") as pack:  # type: ignore[call-overload]  # write, flush suffice
        for name, chunks in files:
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with pack.open(entry, "w", force_zip64=True) as file:
                for chunk in chunks:
                    file.write(chunk)
                    yield out.taken()
    yield out.taken()


class _Outbox:
    """What a ZIP is written to: bytes wait here until they are sent; nothing is read back."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> bytes:
        told, self.waiting = b"".join(self.waiting), []
        return told


def _readme() -> str:
    return _(
        "data.json: account, consents, applications, agreements, points, questions, notices.\n"
        "days.csv: each day of each channel. intervals/: every interval by point and year.\n"
        "registers.csv: what the meters showed. events.csv: their journals.\n"
        "charges.csv: the reference cost of months, not to be paid by.\n"
        "typed.csv: readings that were typed. photos/: their photos.\n"
        "An empty value is not known; it is not zero.\n"
    )


def data(user: User, *, at: datetime) -> dict[str, Any]:
    """All but what was measured, by where it is from; of all customers, whichever is chosen."""
    user.acting_for = None
    return {
        "made_at": at,
        "account": {
            name: getattr(user, name)
            for name in ("email", "full_name", "phone", "role", "language", "created_at")
        }
        | {"last_sign_in": user.last_login},
        "addresses": list(
            EmailAddress.objects.filter(user_id=user.pk).values("email", "verified", "primary")
        ),
        "second_factors": list(
            Authenticator.objects.filter(user_id=user.pk).values(
                "type", "created_at", "last_used_at"
            )
        ),
        "devices": list(
            UserSession.objects.filter(user_id=user.pk).values(
                "created_at", "last_seen_at", "ip", "user_agent"
            )
        ),
        "sign_ins": list(
            queries.sign_ins_of(user).values("at", "address", "browser", "method", "outcome")
        ),
        "acceptances": list(
            queries.acceptances_of(user).values(
                "text__kind", "text__number", "text__title", "at", "address", "withdrawn_at"
            )
        ),
        "withdrawals": list(
            queries.withdrawals_of(user).values("kind", "at", "due_at", "handled_at")
        ),
        **_papers(user, at),
        **_programs(user),
        **_cases(user),
        **_reports(user),
        "notices": notices.own_notices(user, at=at),
        "subscriptions": list(
            subscriptions.own(user).values(
                "topic", "category", "usage_point__code", "limit", "way", "made_at"
            )
        ),
    }


def _programs(user: User) -> dict[str, Any]:
    """Tokens of programs, devices, links and applications, with consents and logs; no secrets."""
    uses = TokenUse.objects.filter(token__user=user).order_by("day", "pk")
    return {
        "tokens": list(
            Token.objects.filter(user=user).order_by("pk").values(
                *("id", "kind", "name", "scopes", "is_limited", "resolution", "period_from"),
                *("period_to", "made_at", "expires_at", "revoked_at", "used_at"),
            )
        ),
        "token_points": list(
            TokenPoint.objects.filter(token__user=user).order_by("pk").values(
                "token", "usage_point__code"
            )
        ),
        "token_consents": list(
            AccessConsent.objects.filter(token__user=user).order_by("pk").values(
                *("token", "client__name", "client__owner", "text", "given_at", "address"),
                *("withdrawn_at", "shows_address", "shows_name"),
            )
        ),
        "token_uses": list(
            uses.values("token", "day", "operation", "count", "last_at", "address")
        ),
    }  # fmt: skip


def _cases(user: User) -> dict[str, Any]:
    """What the person asked, with all that was written to them about it."""
    own = Case.objects.filter(asked_by=user)
    return {
        "cases": list(
            own.order_by("pk").values(
                *("id", "usage_point__code", "start", "end", "subject", "question", "shown"),
                *("state", "asked_at", "due_at", "answered_at", "closed_at"),
            )
        ),
        "case_messages": list(
            CaseMessage.objects.filter(case__in=own, kind__in=PUBLIC)
            .order_by("pk")
            .values("case", "kind", "text", "at")
        ),
    }


def _reports(user: User) -> dict[str, Any]:
    """Reports that the person saved, has sent by mail and had made; those of others are not own."""
    return {
        "personal_reports": list(
            reports.own(user)
            .order_by("pk")
            .values("title", "query", "layout", "customer__name", "created_at", "changed_at")
        ),
        "report_schedules": list(
            reports.schedules(user).values(
                *("report__title", "every", "on_day", "hour", "zone", "format"),
                *("created_at", "next_at"),
            )
        ),
        "reports_made": list(
            reports.runs(user).values(
                "title", "query", "format", "state", "created_at", "ended_at", "why"
            )
        ),
    }


def _papers(user: User, at: datetime) -> dict[str, Any]:
    agreements = access.own_agreements_of(user, at=at)
    own = Application.objects.filter(user=user)
    return {
        "applications": list(
            own.values(
                *("kind", "full_name", "organisation", "agreement_number", "phone", "email"),
                *("address", "state", "submitted_at", "decided_at", "reason"),
            )
        ),
        "messages": list(
            ApplicationNote.objects.filter(application__in=own)
            .order_by("at")
            .values("kind", "text", "at")
        ),
        # Of a customer that the person no longer reads for, not what its papers say by now.
        "customers": list(
            CustomerMember.objects.filter(user=user)
            .valid_at(at)
            .values(
                *("customer__name", "customer__kind", "customer__inn"),
                *("customer__legal_address", "customer__actual_address"),
                *("valid_from", "valid_to"),
            )
        ),
        "customers_before": list(
            CustomerMember.objects.filter(user=user, valid_to__lte=at).values(
                "customer", "valid_from", "valid_to"
            )
        ),
        "agreements": list(
            agreements.order_by("pk").values(
                *("number", "kind", "valid_from", "valid_to", "signed_on"),
                *("supplier__name", "tariff__name"),
            )
        ),
        "points": list(
            AgreementPoint.objects.filter(agreement__in=agreements).order_by("pk").values(
                *("agreement__number", "usage_point__code", "usage_point__name"),
                *("usage_point__address", "usage_point__resource", "valid_from", "valid_to"),
            )
        ),
        "houses": list(
            HouseManagement.objects.filter(user=user).order_by("pk").values(
                "node__name", "valid_from", "valid_to"
            )
        ),
    }  # fmt: skip


def _texts_of(user: User) -> Iterator[LegalText]:
    seen = set()
    for given in queries.acceptances_of(user):
        if given.text_id not in seen:
            seen.add(given.text_id)
            yield given.text

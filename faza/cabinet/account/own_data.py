"""The file of all that Faza holds about a person, for that person alone."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder

from faza.accounts import queries
from faza.accounts.models import LegalText, User
from faza.cases.models import Case, CaseMessage
from faza.cases.queries import PUBLIC
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Application, ApplicationNote, CustomerMember


def archive(user: User, *, at: datetime) -> bytes:
    """A ZIP: `data.json` with everything, and each edition that the person accepted as text.

    Secrets (hashes of passwords, keys of codes) are not in it, and readings are not: the
    explorer gives those as files of their own.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        told = json.dumps(data(user, at=at), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        pack.writestr("data.json", told)
        for text in _texts_of(user):
            pack.writestr(f"texts/{text.kind}-{text.number}.md", f"# {text.title}\n\n{text.body}\n")
    return out.getvalue()


def data(user: User, *, at: datetime) -> dict[str, Any]:
    """Everything, by where it is from; of all customers, whichever is chosen in the header."""
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
        **_cases(user),
    }


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


def _papers(user: User, at: datetime) -> dict[str, Any]:
    agreements = access.agreements_of(user, at=at) if user.role in _PUBLIC else None
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
        "agreements": [] if agreements is None else list(
            agreements.values("number", "kind", "valid_from", "valid_to", "signed_on")
        ),
        "points": [] if agreements is None else list(
            AgreementPoint.objects.filter(agreement__in=agreements).values(
                *("agreement__number", "usage_point__code", "usage_point__name"),
                *("valid_from", "valid_to"),
            )
        ),
    }  # fmt: skip


_PUBLIC = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER})


def _texts_of(user: User) -> Iterator[LegalText]:
    seen = set()
    for given in queries.acceptances_of(user):
        if given.text_id not in seen:
            seen.add(given.text_id)
            yield given.text

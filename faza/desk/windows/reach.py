"""Which rules of entry a person of the desk sees, and which they may change.

An operator sees what holds for points of the own areas, from above too, and changes what lies
wholly within them; the administrator all. Source: design/rules.md, "Manual entry".
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.access import EVERYWHERE
from faza.contracts.models import AgreementPoint, CustomerAgreement, OperatorArea
from faza.contracts.permissions import Right, may
from faza.manual_entry.models import EntryException, EntryRule
from faza.metering.rules import chain


def own_agreements(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """Agreements of which every point, now and to come, is one that a person works with."""
    found = access.agreements_of(user, at=at)
    if user.role in EVERYWHERE:
        return found
    points = access.worked_points_of(user, at=at).values("pk")
    lasting = AgreementPoint.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at))
    return found.exclude(pk__in=lasting.exclude(usage_point__in=points).values("agreement"))


def changeable(user: User, *, at: datetime) -> Q:
    """What chooses the rules and exceptions that a person may change."""
    if user.role in EVERYWHERE:
        return Q()
    return (
        Q(node__in=access.nodes_of(user, at=at).values("pk"))
        | Q(usage_point__in=access.worked_points_of(user, at=at).values("pk"))
        | Q(agreement__in=own_agreements(user, at=at).values("pk"))
    )


def _seen(user: User, at: datetime) -> Q:
    if user.role in EVERYWHERE:
        return Q()
    paths = OperatorArea.objects.filter(user=user).values_list("node__path", flat=True)
    above = {node for path in paths for node in chain(path)}
    return (
        changeable(user, at=at)
        | Q(node=None, agreement=None, usage_point=None)
        | Q(node__in=above)
        | Q(agreement__in=access.agreements_of(user, at=at).values("pk"))
    )


def rules_of(user: User, *, at: datetime) -> QuerySet[EntryRule]:
    """The rules that a person of the desk sees."""
    return EntryRule.objects.filter(_seen(user, at)).select_related(
        "node", "agreement__customer", "usage_point", "approves_by", "made_by"
    )


def exceptions_of(user: User, *, at: datetime) -> QuerySet[EntryException]:
    """The exceptions that a person of the desk sees, past ones too."""
    return EntryException.objects.filter(_seen(user, at)).select_related(
        "node", "agreement__customer", "usage_point", "made_by"
    )


def may_change(user: User, row: EntryRule | EntryException, *, at: datetime) -> bool:
    """Whether a person may change a rule or an exception that they see."""
    if not may(user, Right.EDIT_WINDOWS):
        return False
    return type(row).objects.filter(changeable(user, at=at), pk=row.pk).exists()

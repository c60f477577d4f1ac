"""Objects that a user reaches, as querysets: lists page them, pages take one of them or answer 404.

Staff reach what belongs to their part of the network, and what belongs to none yet; subscribers,
suppliers and house managers reach papers of their own. Installed things are for staff alone:
others see them through the windows of their points.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from faza.accounts.models import User
from faza.contracts.access.windows import (
    EVERYWHERE,
    customers_read_for,
    nodes_under,
    of_customers,
    throughout,
)
from faza.contracts.models import (
    AgreementPoint,
    Application,
    Customer,
    CustomerAgreement,
    CustomerMember,
    HouseManagement,
    OperatorArea,
)
from faza.contracts.querysets import ApplicationQuerySet
from faza.contracts.rules.applications import State
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    NetworkNode,
    UsagePoint,
)
from faza.metering.querysets import (
    MeteringComplexQuerySet,
    NetworkNodeQuerySet,
    UsagePointQuerySet,
)

_PUBLIC = (User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER)


def worked_points_of(user: User, *, at: datetime) -> UsagePointQuerySet:
    """The points a user works with at the desk: of the own areas, or all.

    Not those of an agreement of one's own: `points_visible` has them too.
    """
    return throughout(user) if user.is_active else UsagePoint.objects.none()


def nodes_of(user: User, *, at: datetime) -> NetworkNodeQuerySet:
    """The places of the network a user works in, those under them included."""
    nodes = NetworkNode.objects.all()
    if _sees_all(user):
        return nodes
    return nodes.filter(pk__in=_nodes(user)) if _is_operator(user) else nodes.none()


def complexes_of(user: User, *, at: datetime) -> MeteringComplexQuerySet:
    """What stands and stood at the points a user works with."""
    complexes = MeteringComplex.objects.all()
    if _sees_all(user):
        return complexes
    if not _is_operator(user):
        return complexes.none()
    return complexes.filter(usage_point__in=throughout(user).values("id"))


def meters_of(user: User, *, at: datetime) -> QuerySet[Meter]:
    """Meters that stand or stood at the points a user works with, and those in stock.

    In stock is what never stood anywhere.
    """
    if _sees_all(user):
        return Meter.objects.all()
    if not _is_operator(user):
        return Meter.objects.none()
    here = complexes_of(user, at=at).values("meter")
    anywhere = MeteringComplex.objects.filter(meter=OuterRef("pk"))
    return Meter.objects.filter(Q(id__in=here) | ~Exists(anywhere))


def transformers_of(user: User, *, at: datetime) -> QuerySet[InstrumentTransformer]:
    """Instrument transformers, as meters_of has meters."""
    transformers = InstrumentTransformer.objects.all()
    if _sees_all(user):
        return transformers
    if not _is_operator(user):
        return transformers.none()
    link = MeteringComplex.transformers.through.objects
    here = link.filter(meteringcomplex__in=complexes_of(user, at=at).values("id"))
    anywhere = link.filter(instrumenttransformer=OuterRef("pk"))
    return transformers.filter(Q(id__in=here.values("instrumenttransformer")) | ~Exists(anywhere))


def own_customers_of(user: User, *, at: datetime) -> QuerySet[Customer]:
    """The customers a user may read for: the switch in the header, whatever is chosen in it."""
    if not user.is_active:
        return Customer.objects.none()
    members = CustomerMember.objects.filter(user=user).valid_at(at)
    return Customer.objects.filter(id__in=members.values("customer"))


def customers_of(user: User, *, at: datetime) -> QuerySet[Customer]:
    """The customers whose papers a user reaches.

    An operator: those that have points in the own areas, or no points at all. A supplier: its own
    and those it supplies. Others: those they may read for.
    """
    if not user.is_active:
        return Customer.objects.none()
    if _sees_all(user):
        return Customer.objects.all()
    if _is_operator(user):
        return Customer.objects.filter(_within_reach(user, "agreement__customer"))
    reached = Q(id__in=customers_read_for(user, at))
    if user.role == User.Role.SUPPLIER:
        reached |= Q(id__in=agreements_of(user, at=at).values("customer"))
    return Customer.objects.filter(reached)


def agreements_of(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements a user reaches, past and coming ones too; as customers_of has customers."""
    if not user.is_active:
        return CustomerAgreement.objects.none()
    if _sees_all(user):
        return CustomerAgreement.objects.all()
    if _is_operator(user):
        return CustomerAgreement.objects.filter(_within_reach(user, "agreement"))
    return CustomerAgreement.objects.filter(of_customers(user, at))


def applications_of(user: User, *, at: datetime) -> ApplicationQuerySet:
    """The applications a user reaches: the own ones, or those of the own part of the queue.

    An operator does not reach the own one, nor one whose address is not proven. Of others: those
    decided for an agreement within reach; else those whose number is that of an agreement within
    reach, or of none.
    """
    applications = Application.objects.all()
    if not user.is_active:
        return applications.none()
    if _sees_all(user):
        return applications
    if not _is_operator(user):
        return applications.filter(user=user)
    named = CustomerAgreement.objects.filter(number_key=OuterRef("number_key"))
    by_number = (
        Q(number_key="") | ~Exists(named) | Exists(named.filter(_within_reach(user, "agreement")))
    )
    decided = CustomerAgreement.objects.filter(
        _within_reach(user, "agreement"), pk=OuterRef("agreement")
    )
    return (
        applications.exclude(state=State.UNCONFIRMED)
        .exclude(user=user)
        .filter(Q(by_number, agreement=None) | Q(Exists(decided), agreement__isnull=False))
    )


def people_of(user: User, *, at: datetime) -> QuerySet[User]:
    """The users whose card a user may open.

    An operator: subscribers, suppliers and house managers who are or were members of customers
    within reach, run houses of the own areas, or have an application within reach. Others but
    administrators and auditors: themselves.
    """
    if not user.is_active:
        return User.objects.none()
    if _sees_all(user):
        return User.objects.all()
    if not _is_operator(user):
        return User.objects.filter(pk=user.pk)
    members = CustomerMember.objects.filter(_within_reach(user, "agreement__customer", "customer"))
    houses = HouseManagement.objects.filter(node__in=_nodes(user))
    # Who was approved is a member.
    applicants = applications_of(user, at=at).exclude(state=State.APPROVED)
    # Each set once, not row by row: people are reached in too many ways.
    return User.objects.filter(
        Q(id__in=members.values("user"))
        | Q(id__in=houses.values("user"))
        | Q(id__in=applicants.values("user")),
        role__in=_PUBLIC,
    )


def _within_reach(user: User, by: str, of: str = "pk") -> Q:
    """Rows with a point of the own areas, or with none at all; `by` leads to them from a binding.

    Asked row by row, by an index: of ten rows of a hundred thousand only ten are looked at.
    """
    bound = AgreementPoint.objects.filter(**{by: OuterRef(of)})
    here = bound.filter(usage_point__node__in=_nodes(user))
    return Q(Exists(here)) | ~Q(Exists(bound))


def _nodes(user: User) -> QuerySet[NetworkNode, int]:
    """The ids of the nodes of an operator's areas and of those below."""
    return nodes_under(OperatorArea.objects.filter(user=user))


def _sees_all(user: User) -> bool:
    return user.is_active and user.role in EVERYWHERE


def _is_operator(user: User) -> bool:
    return user.is_active and user.role == User.Role.OPERATOR

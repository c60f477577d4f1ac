"""Which agreements an application may be about, and whether it can be approved unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from faza.contracts.models import (
    AgreementPoint,
    Application,
    Customer,
    CustomerAgreement,
    CustomerMember,
)
from faza.contracts.rules import addresses, keys, matching
from faza.contracts.rules.applications import OPEN, State
from faza.contracts.rules.matching import Claim, Compared, Papers, Verdict
from faza.metering.models import UsagePoint

MOST = 10
"""So many matches are worth showing."""
FEWEST_SCORE = 15
LOOKED_AT = 500
"""So many candidates are compared for one application; those found by number come first."""
ADDRESSES = 5_000

COLUMNS = ("number_key", "customer__name_key", "customer__phone_key")

CLOSED_COSTS = 15
"""What an agreement that has ended loses of its score."""


@dataclass(frozen=True, slots=True)
class Match:
    """An agreement that an application may be about; score from 0 to 100.

    `reasons` are codes (number_same, name_initials, closed), `fields` stand in the order shown.
    """

    agreement: CustomerAgreement
    customer: Customer
    score: int
    reasons: tuple[str, ...]
    fields: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """An application with its best match, and why it cannot be approved unseen.

    `obstacles` are codes; where there are none everything matches.
    """

    application: Application
    match: Match | None
    obstacles: tuple[str, ...]

    @property
    def passes(self) -> bool:
        return not self.obstacles


def matches_of(
    application: Application,
    *,
    at: datetime,
    among: QuerySet[CustomerAgreement] | None = None,
) -> list[Match]:
    """The agreements that an application is likely about, the likeliest first; at most MOST.

    Found by the number, by slips of the pen in it, by name, phone and address. `among`: those
    within somebody's reach; all by default. Seven queries at most.
    """
    return _matches([application], at=at, among=among, nearly=True)[application.pk]


def best_matches(
    applications: Sequence[Application],
    *,
    at: datetime,
    among: QuerySet[CustomerAgreement] | None = None,
) -> dict[int, Match]:
    """The likeliest agreement of each application, for lists; absent where there is none.

    Found by number, name and phone as they stand, without slips. Five queries, however many.
    """
    found = _matches(applications, at=at, among=among, nearly=False)
    return {key: matches[0] for key, matches in found.items() if matches}


def compared_with(
    application: Application, agreements: Sequence[CustomerAgreement], *, at: datetime
) -> list[Match]:
    """An application beside agreements that somebody picked by hand, however little they fit.

    Each comes with its customer. One query.
    """
    if not agreements:
        return []
    places, claim = _addresses(agreements), claim_of(application)
    return [_match(claim, one, places[one.pk], at) for one in agreements]


def checked(
    applications: Sequence[Application],
    *,
    at: datetime,
    among: QuerySet[CustomerAgreement] | None = None,
) -> list[Checked]:
    """Each application with its best match and what stands against approving it unseen.

    Everything matches where number and name are the same, phone and address are not otherwise,
    and the agreement holds, has points, no user yet and no second application that waits. Eight
    queries, however many.
    """
    found = _matches(applications, at=at, among=among, nearly=False)
    best = {key: matches[0] for key, matches in found.items() if matches}
    standing = _standing(applications, list(best.values()), at)
    return [
        Checked(one, match, tuple(_obstacles(one, match, found[one.pk], standing)))
        for one in applications
        for match in (best.get(one.pk),)
    ]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the database says of the best matches: agreements, customers, keys of numbers."""

    with_points: set[int]
    with_users: set[int]
    rivals: set[str]


def _standing(applications: Sequence[Application], matches: list[Match], at: datetime) -> _Standing:
    covered = AgreementPoint.objects.covering_at(at).filter(
        agreement__in={match.agreement.pk for match in matches}
    )
    members = CustomerMember.objects.valid_at(at).filter(
        customer__in={match.customer.pk for match in matches}
    )
    waiting = Application.objects.filter(
        state__in=OPEN - {State.UNCONFIRMED},
        number_key__in={one.number_key for one in applications},
    )
    several = waiting.values("number_key").annotate(count=Count("pk")).filter(count__gt=1)
    return _Standing(
        with_points=set(covered.values_list("agreement_id", flat=True).distinct()),
        with_users=set(members.values_list("customer_id", flat=True).distinct()),
        rivals=set(several.values_list("number_key", flat=True)),
    )


def _obstacles(
    application: Application, match: Match | None, matches: list[Match], standing: _Standing
) -> Iterable[str]:
    if application.state != Application.State.WAITING:
        yield "not_waiting"
    if match is None:
        yield "no_agreement"
        return
    for one in match.fields:
        wanted = one.field in ("number", "name")
        if one.verdict == Verdict.DIFFERS or (wanted and one.verdict == Verdict.MISSING):
            yield f"{one.field}_{one.verdict.value}"
        elif one.note == "initials":
            yield "name_initials"
    if "closed" in match.reasons:
        yield "closed"
    if match.agreement.pk not in standing.with_points:
        yield "no_points"
    if match.customer.pk in standing.with_users:
        yield "has_user"
    if application.number_key in standing.rivals:
        yield "rivals"
    if sum(_same_number(one) for one in matches) > 1:
        yield "several"


def _same_number(match: Match) -> bool:
    return any(one.field == "number" and one.agrees for one in match.fields)


def _matches(
    applications: Sequence[Application],
    *,
    at: datetime,
    among: QuerySet[CustomerAgreement] | None,
    nearly: bool,
) -> dict[int, list[Match]]:
    found = _candidates(applications, nearly=nearly)
    # What is within reach is asked of those found, not of all.
    reach = CustomerAgreement.objects.all() if among is None else among
    rows = reach.filter(pk__in={key for several in found.values() for key in several})
    agreements = {one.pk: one for one in rows.select_related("customer")}
    places = _addresses(agreements.values())
    return {
        one.pk: _ranked(
            one, [agreements[key] for key in found[one.pk] if key in agreements], places, at
        )
        for one in applications
    }


def _ranked(
    application: Application,
    agreements: list[CustomerAgreement],
    places: dict[int, list[str]],
    at: datetime,
) -> list[Match]:
    claim = claim_of(application)
    matches = [_match(claim, one, places[one.pk], at) for one in agreements]
    likely = [one for one in matches if one.score >= FEWEST_SCORE]
    likely.sort(key=lambda one: (-one.score, one.agreement.pk))
    return likely[:MOST]


def _match(claim: Claim, agreement: CustomerAgreement, places: list[str], at: datetime) -> Match:
    customer = agreement.customer
    papers = Papers(
        number=agreement.number,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        addresses=tuple(places),
    )
    fields = matching.compare(claim, papers)
    score, reasons = matching.score(fields), matching.reasons(fields)
    if agreement.valid_to is not None and agreement.valid_to <= at:
        score, reasons = max(score - CLOSED_COSTS, 0), (*reasons, "closed")
    return Match(agreement, customer, score, reasons, fields)


def claim_of(application: Application) -> Claim:
    """What is compared of an application: the organisation's name where one applies."""
    is_firm = application.kind == Application.Kind.ORGANISATION
    return Claim(
        number=application.agreement_number,
        name=application.organisation if is_firm else application.full_name,
        phone=application.phone,
        email=application.email,
        address=application.address,
    )


def _candidates(applications: Sequence[Application], *, nearly: bool) -> dict[int, list[int]]:
    """The ids of agreements worth comparing, by application; those found by number first."""
    wanted: dict[str, dict[str, set[int]]] = {column: defaultdict(set) for column in COLUMNS}
    for one in applications:
        for column, looked_up in _keys(claim_of(one), nearly=nearly).items():
            for text in looked_up:
                wanted[column][text].add(one.pk)
    found: dict[int, dict[int, None]] = {one.pk: {} for one in applications}
    for column, asked in wanted.items():
        # A question for each column of keys: with OR between tables no index would answer.
        rows = CustomerAgreement.objects.filter(**{f"{column}__in": list(asked)}).order_by("pk")
        for key, text in rows.values_list("pk", column)[: LOOKED_AT * len(applications)]:
            for application in asked[text]:
                found[application].setdefault(key)
    if nearly:
        for one in applications:
            for key in _by_address(one.address):
                found[one.pk].setdefault(key)
    return {key: list(several)[:LOOKED_AT] for key, several in found.items()}


def _keys(claim: Claim, *, nearly: bool) -> dict[str, set[str]]:
    number, names = keys.number_key(claim.number), set(keys.name_keys(claim.name))
    numbers = {number}
    if nearly:
        numbers |= keys.number_slips(number)
        if not keys.is_firm(claim.name):
            names |= keys.name_slips(keys.name_key(claim.name))
    looked_up = (numbers, names, {keys.phone_key(claim.phone)})
    return {column: one - {""} for column, one in zip(COLUMNS, looked_up, strict=True)}


def _by_address(address: str) -> Iterable[int]:
    said = addresses.parse(address)
    if not (said.names and said.house):
        return ()
    # As names are written; SQLite knows capital letters of Latin only.
    longest = max(said.names, key=len).lstrip("0123456789")
    named = Q(address__contains=longest[:1].upper() + longest[1:]) | Q(address__contains=longest)
    places = UsagePoint.objects.filter(named, address__contains=said.house)
    if said.flat:
        places = places.filter(address__contains=said.flat)
    bound = AgreementPoint.objects.filter(usage_point__in=places.values("id")[:LOOKED_AT])
    return bound.values_list("agreement_id", flat=True).distinct()[:LOOKED_AT]


def _addresses(agreements: Collection[CustomerAgreement]) -> dict[int, list[str]]:
    """The addresses of agreements: of their points, then of their customers' papers."""
    found: dict[int, list[str]] = {one.pk: [] for one in agreements}
    rows = AgreementPoint.objects.filter(agreement__in=found).exclude(usage_point__address="")
    pairs = rows.values_list("agreement_id", "usage_point__address").distinct()
    for key, address in pairs.order_by("agreement_id", "usage_point__address")[:ADDRESSES]:
        found[key].append(address)
    for one in agreements:
        own = (one.customer.actual_address, one.customer.legal_address)
        found[one.pk] += [address for address in own if address]
    return found

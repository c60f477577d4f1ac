"""A row's agreement and customer against those that there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from rapidfuzz import process

from faza.collection.grid.plan import Draft, NewAgreement, shown
from faza.collection.grid.scope import Agreement, Binding, Existing, Scope
from faza.contracts.models import Customer, CustomerAgreement
from faza.contracts.rules import keys
from faza.core.periods import FOREVER, start_of_day

name_key = lru_cache(maxsize=100_000)(keys.name_key)
"""A file names its customers several times over, and each is asked for twice."""
HOUSEHOLD = CustomerAgreement.Kind.HOUSEHOLD.value
SUPPLY = CustomerAgreement.Kind.ENERGY_SUPPLY.value


def kind_of_agreement(customer_kind: str) -> str:
    return HOUSEHOLD if customer_kind == Customer.Kind.PERSON else SUPPLY


def kind_of_customer(name: str, inn: str) -> str:
    """The kind of customer that a name and a taxpayer number leave no doubt of, or nothing."""
    is_firm, _ = keys.without_form(keys.words(name))
    if is_firm or len(inn) == 10:
        return str(Customer.Kind.ORGANISATION)
    first = keys.words(name)[:2]
    if first[:1] == ["ип"] or first == ["индивидуальный", "предприниматель"]:
        return str(Customer.Kind.ENTREPRENEUR)
    said = keys.words(name)
    if len(said) == 3 and said[2].endswith(("вич", "вна", "чна", "оглы", "кызы")):
        return str(Customer.Kind.PERSON)
    return ""


@dataclass(slots=True)
class PaperChecker:
    """Goes through the rows of one file; `new` are the agreements to be made, by number's key."""

    scope: Scope
    existing: Existing
    new: dict[str, NewAgreement] = field(default_factory=dict)
    _told: dict[str, tuple[int, tuple[object, ...]]] = field(default_factory=dict)

    def check(self, draft: Draft) -> None:
        """What the row's agreement is, and whether the point comes into it."""
        number = draft.values.get("agreement")
        self._dates(draft)
        tariff = self._tariff(draft)
        if number is None:
            if draft.values.get("customer") is not None:
                draft.say("customer", "agreement-missing")
            return
        key = keys.number_key(number)
        found = self.existing.agreements.get(key, [])
        seen = [one for one in found if one.id in self.existing.agreements_seen]
        if found and not seen:
            draft.say("agreement", "agreement-hidden")
            return
        if len(seen) > 1:
            seen = [one for one in seen if one.number == number] or seen
            seen = [one for one in seen if one.valid_to is None] or seen
        if len(seen) > 1:
            draft.say("agreement", "agreement-ambiguous")
        elif seen:
            self._existing(draft, seen[0], tariff)
        else:
            self._new(draft, key, number, tariff)

    def _dates(self, draft: Draft) -> None:
        start, end = draft.values.get("agreement_from"), draft.values.get("agreement_to")
        if start and end and end <= start:
            draft.say("agreement_to", "agreement-dates")

    def _tariff(self, draft: Draft) -> int | None:
        code = draft.values.get("tariff")
        if code is None:
            return None
        found = self.existing.tariffs.get(code)
        if found is None:
            best = process.extractOne(code, list(self.existing.tariffs), score_cutoff=60)
            draft.say("tariff", "tariff-unknown", proposal=best[0] if best else "")
            return None
        return found[0]

    def _existing(self, draft: Draft, agreement: Agreement, tariff: int | None) -> None:
        draft.agreement = agreement.id
        name, inn = draft.values.get("customer"), draft.values.get("inn")
        same_inn = inn and agreement.customer__inn == inn
        if name and not same_inn:
            if name_key(name) != name_key(agreement.customer__name):
                draft.say("customer", "customer-differs", was=agreement.customer__name)
        elif inn and agreement.customer__inn and not same_inn:
            draft.say("inn", "customer-differs", was=agreement.customer__name)
        if tariff is not None and tariff != agreement.tariff_id:
            codes = {key: code for code, (key, _) in self.existing.tariffs.items()}
            draft.changes("tariff", codes.get(agreement.tariff_id or 0, ""))
            draft.agreement_fields["tariff_id"] = tariff
        zone = ZoneInfo(draft.zone)
        for key in ("agreement_from", "agreement_to"):
            moment = agreement.valid_from if key == "agreement_from" else agreement.valid_to
            was = moment.astimezone(zone).date() if moment else None
            if draft.values.get(key) not in (None, was):
                draft.say(key, "kept", was=shown(was) or "—")
        self._bind(draft, agreement.id, agreement.kind, agreement.valid_from, agreement.valid_to)

    def _new(self, draft: Draft, key: str, number: str, tariff: int | None) -> None:
        name, inn = draft.values.get("customer"), draft.values.get("inn") or ""
        if name is None:
            draft.say("agreement", "agreement-none")
            return
        customer, kind = self._customer(draft, name, inn)
        if not kind:
            column = "customer_kind" if "customer_kind" in draft.texts else "customer"
            draft.say(column, "customer-kind")
            return
        start: date = draft.values.get("agreement_from") or self.scope.since
        end: date | None = draft.values.get("agreement_to")
        if end and end <= start:
            draft.say("agreement_to", "agreement-dates")
            return
        told = (name_key(name), inn, kind, tariff, start, end)
        line, first = self._told.setdefault(key, (draft.line, told))
        if first != told:
            draft.say("agreement", "agreement-conflict", line=str(line))
            return
        agreement = self.new.get(key)
        if agreement is None:
            agreement = self.new[key] = NewAgreement(
                number, customer, name, kind, inn, tariff, start_of_day(start, draft.zone),
                start_of_day(end, draft.zone) if end else None,
            )  # fmt: skip
        draft.agreement = key
        self._bind(draft, None, kind_of_agreement(kind), agreement.valid_from, agreement.valid_to)

    def _customer(self, draft: Draft, name: str, inn: str) -> tuple[int | None, str]:
        """The customer that there is, if there is one, and its kind.

        A person is not known by a name: two people may have one.
        """
        found = self.existing.customers_by_inn.get(inn, []) if inn else []
        if not inn:
            found = self.existing.customers_by_name.get(name_key(name), [])
        if len(found) == 1:
            return found[0][0], found[0][2]
        return None, draft.values.get("customer_kind") or kind_of_customer(name, inn)

    def _bind(
        self,
        draft: Draft,
        agreement: int | None,
        kind: str,
        valid_from: datetime,
        valid_to: datetime | None,
    ) -> None:
        """Whether the agreement comes to cover the point, and from when on.

        A point that was there before may have had others, so that by default it is bound from
        the import's own date on; a new one from the agreement's start.
        """
        told = draft.values.get("bound_from")
        start = start_of_day(told, draft.zone) if told else valid_from
        bound = self.existing.bindings.get(draft.point, []) if draft.point else []
        if agreement is not None and any(
            one.agreement_id == agreement and (one.valid_to is None or one.valid_to > start)
            for one in bound
        ):
            return
        if not told and draft.point is not None:
            start = max(valid_from, start_of_day(self.scope.since, draft.zone))
        if start >= (valid_to or FOREVER) or start < valid_from:
            draft.say("bound_from" if told else "agreement", "agreement-ended")
            return
        other = next((one for one in bound if _stands_against(one, kind, start)), None)
        if other is not None:
            draft.say("agreement", "bound-elsewhere", was=other.agreement__number)
            return
        draft.bound_from = start


def _stands_against(other: Binding, kind: str, start: datetime) -> bool:
    """Whether another agreement of the same kind covers the point from a moment on."""
    return other.agreement__kind == kind and (other.valid_to is None or other.valid_to > start)

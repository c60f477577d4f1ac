"""The deed: what a trial found is made, in bulk and in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from faza.accounts.models import User
from faza.audit import services as audit
from faza.audit.services import Done
from faza.collection.grid.papers import kind_of_agreement
from faza.collection.grid.plan import Draft, Instrument, NewAgreement, NodeKey, Plan
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.contracts.rules import keys
from faza.metering import rules
from faza.metering.fields import remade_keys
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)

M = TypeVar("M", bound=models.Model)

BATCH = 2_000
APPLYING = "applying"
STEPS = 10
Tell = Callable[[int, int, str], None]


@dataclass(slots=True)
class Made:
    """What was made and changed: ids by model; of a change the fields' values before and now.

    Kept in the import's row, so that exactly this can be taken back.
    """

    created: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    changed: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    mounted: list[tuple[int, int]] = field(default_factory=list)
    dismounted: list[tuple[int, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "created": dict(self.created),
            "changed": [list(one) for one in self.changed],
            "mounted": [list(pair) for pair in self.mounted],
            "dismounted": [list(pair) for pair in self.dismounted],
        }


def carry_out(plan: Plan, *, number: int, by: User | None, at: datetime, progress: Tell) -> Made:
    """Make what a plan says for its rows without errors; call it inside a transaction.

    The plan has to be of the same transaction: `checking.check(lock=True)`. `number` is the
    import's: the codes of new nodes begin with it.
    """
    return _Work(plan, plan.chosen(), number, by, at, progress).run()


@dataclass(slots=True)
class _Work:
    """One application; each step makes the rows of one model."""

    plan: Plan
    drafts: list[Draft]
    number: int
    by: User | None
    at: datetime
    progress: Tell
    made: Made = field(default_factory=Made)
    nodes: dict[NodeKey, int] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    meters: dict[int, int] = field(default_factory=dict)
    complexes: dict[int, int] = field(default_factory=dict)
    agreements: dict[str, int] = field(default_factory=dict)

    def run(self) -> Made:
        steps = (
            self._nodes, self._points, self._models, self._meters, self._ends, self._complexes,
            self._transformers, self._agreements, self._bindings, self._changes,
        )  # fmt: skip
        for n, step in enumerate(steps):
            self.progress(n, STEPS, APPLYING)
            step()
        self.progress(STEPS, STEPS, APPLYING)
        return self.made

    def _nodes(self) -> None:
        """A level at a time, because a path holds the ids above it."""
        needed = self.plan.needed_nodes()
        levels: dict[int, list[NodeKey]] = defaultdict(list)
        for key in needed:
            levels[len(key)].append(key)
        parents = {one.parent_id for key in needed if (one := self.plan.nodes[key]).parent_id}
        paths = dict(NetworkNode.objects.filter(id__in=parents).values_list("id", "path"))
        for depth in sorted(levels):
            rows: list[NetworkNode] = []
            for key in sorted(levels[depth]):
                new = self.plan.nodes[key]
                parent = new.parent_id or (self.nodes[new.parent_key] if new.parent_key else None)
                code = f"I{self.number}-{len(self.nodes) + len(rows) + 1}"
                rows.append(
                    NetworkNode(kind=new.kind, name=new.name, parent_id=parent, code=code, path="")
                )
            self._create(rows)
            for key, node in zip(sorted(levels[depth]), rows, strict=True):
                self.nodes[key] = node.pk
                node.path = rules.path_of(node.pk, paths.get(node.parent_id or 0, ""))
                paths[node.pk] = node.path
            NetworkNode.objects.bulk_update(rows, ["path"], batch_size=BATCH)
            self._note("metering.node.added", rows, ("code", "name"))

    def _node_of(self, draft: Draft) -> int:
        place = draft.place
        assert place is not None, "a row without a place is an error"
        return place.id if place.id is not None else self.nodes[place.key]

    def _points(self) -> None:
        new = [draft for draft in self.drafts if draft.is_new]
        rows = [UsagePoint(**draft.point_fields, node_id=self._node_of(draft)) for draft in new]
        self._create(rows)
        for draft, point in zip(new, rows, strict=True):
            self.points[draft.line] = point.pk
        self._note("metering.usage_point.added", rows, ("code", "node_id", "zone"))

    def _models(self) -> None:
        wanted = {draft.model: draft for draft in self.drafts if isinstance(draft.model, tuple)}
        rows = {
            key: MeterModel(
                manufacturer=key[0], name=key[1], phases=draft.values.get("phases") or 3
            )
            for key, draft in wanted.items()
        }
        self._create(list(rows.values()))
        self._note("metering.meter_model.added", rows.values(), ("manufacturer", "name"))
        for draft in self.drafts:
            if isinstance(draft.model, tuple):
                draft.model = rows[draft.model].pk

    def _meters(self) -> None:
        new = [d for d in self.drafts if d.meter is None and "number" in d.meter_fields]
        rows = []
        for draft in new:
            assert isinstance(draft.model, int), "types were made before"
            rows.append(Meter(model_id=draft.model, **draft.meter_fields))
        self._create(rows)
        for draft, meter in zip(new, rows, strict=True):
            self.meters[draft.line] = meter.pk
        self._note("metering.meter.added", rows, ("model_id", "number"))

    def _ends(self) -> None:
        """Complexes that end where a row's begins: the meter was replaced, or came from there."""
        ends = {key: draft.starts_at for draft in self.drafts for key in draft.ends}
        rows = list(MeteringComplex.objects.filter(id__in=ends))
        for row in rows:
            self._changed(row, {"valid_to": ends[row.pk]})
        MeteringComplex.objects.bulk_update(rows, ["valid_to"], batch_size=BATCH)
        self._note("metering.complex.removed", rows, ("valid_to",))

    def _complexes(self) -> None:
        new = [(draft, start) for draft in self.drafts if (start := draft.starts_at)]
        rows = [
            MeteringComplex(
                usage_point_id=draft.point or self.points[draft.line],
                meter_id=draft.meter or self.meters[draft.line],
                valid_from=start,
                **draft.complex_fields,
            )
            for draft, start in new
        ]
        self._create(rows)
        for (draft, _), complex_ in zip(new, rows, strict=True):
            self.complexes[draft.line] = complex_.pk
        told = ("usage_point_id", "meter_id", "role", "valid_from", "ct_numerator",
                "ct_denominator", "vt_numerator", "vt_denominator")  # fmt: skip
        self._note("metering.complex.installed", rows, told)

    def _transformers(self) -> None:
        drafts = [draft for draft in self.drafts if draft.transformers]
        wanted = {one[:3]: one for draft in drafts for one in draft.transformers or ()}
        numbers = sorted({key[2] for key in wanted})
        known: dict[tuple[str, ...], int] = {}
        for first in range(0, len(numbers), BATCH):
            found = InstrumentTransformer.objects.filter(number__in=numbers[first : first + BATCH])
            for key, *names in found.values_list("id", "kind", "type_name", "number"):
                known[tuple(names)] = key
        new = [one for key, one in wanted.items() if key not in known]
        rows = [_instrument(one) for one in new]
        self._create(rows)
        known |= {one[:3]: row.pk for one, row in zip(new, rows, strict=True)}
        self._note("metering.transformer.added", rows, ("kind", "type_name", "number"))
        self._mount(drafts, known)

    def _mount(self, drafts: Sequence[Draft], known: dict[tuple[str, ...], int]) -> None:
        """Say which transformers stand in which complex; of the kinds told, only these."""
        link = MeteringComplex.transformers.through
        told = {draft.complex: draft for draft in drafts if draft.complex is not None}
        present: dict[int, dict[int, str]] = defaultdict(dict)
        for complex_, transformer, kind in link.objects.filter(
            meteringcomplex__in=told
        ).values_list(
            "meteringcomplex_id", "instrumenttransformer_id", "instrumenttransformer__kind"
        ):
            present[complex_][transformer] = kind
        for draft in drafts:
            complex_ = draft.complex or self.complexes[draft.line]
            wanted = {known[one[:3]] for one in draft.transformers or ()}
            kinds = {one[0] for one in draft.transformers or ()}
            there = {key for key, kind in present[complex_].items() if kind in kinds}
            self.made.mounted += [(complex_, key) for key in sorted(wanted - there)]
            self.made.dismounted += [(complex_, key) for key in sorted(there - wanted)]
        for complex_, key in self.made.dismounted:
            link.objects.filter(meteringcomplex_id=complex_, instrumenttransformer_id=key).delete()
        link.objects.bulk_create(
            (
                link(meteringcomplex_id=complex_, instrumenttransformer_id=key)
                for complex_, key in self.made.mounted
            ),
            batch_size=BATCH,
        )

    def _agreements(self) -> None:
        wanted = {d.agreement for d in self.drafts if isinstance(d.agreement, str)}
        new = {key: self.plan.agreements[key] for key in sorted(wanted)}
        customers = self._customers(new)
        rows = {
            key: CustomerAgreement(
                kind=kind_of_agreement(one.customer_kind),
                number=one.number,
                customer_id=customers[key],
                tariff_id=one.tariff_id,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
            )
            for key, one in new.items()
        }
        self._create(list(rows.values()))
        self.agreements = {key: row.pk for key, row in rows.items()}
        told = ("kind", "number", "customer_id", "tariff_id", "valid_from", "valid_to")
        self._note("contracts.agreement.signed", rows.values(), told)

    def _customers(self, new: dict[str, NewAgreement]) -> dict[str, int]:
        """The customer of each agreement: there already, or made once for all that are its own."""
        same = {key: _customer_key(key, one) for key, one in new.items()}
        rows = {
            same[key]: Customer(kind=one.customer_kind, name=one.customer, inn=one.inn)
            for key, one in new.items()
            if one.customer_id is None
        }
        self._create(list(rows.values()))
        self._note("contracts.customer.added", rows.values(), ("kind",))
        return {key: one.customer_id or rows[same[key]].pk for key, one in new.items()}

    def _bindings(self) -> None:
        rows = []
        for draft in self.drafts:
            agreement, start = draft.agreement, draft.bound_from
            if agreement is None or start is None:
                continue
            if isinstance(agreement, str):
                agreement = self.agreements[agreement]
            point = draft.point or self.points[draft.line]
            rows.append(
                AgreementPoint(agreement_id=agreement, usage_point_id=point, valid_from=start)
            )
        self._create(rows)
        self._note("contracts.point.bound", rows, ("agreement_id", "usage_point_id", "valid_from"))

    def _changes(self) -> None:
        """Fields of points, meters, complexes and agreements that were there before."""
        points = {d.point: dict(d.point_fields) for d in self.drafts if d.point}
        for draft in self.drafts:
            if draft.point and "node_id" in draft.point_fields:
                points[draft.point]["node_id"] = self._node_of(draft)
        self._change(UsagePoint, points, "metering.usage_point.changed")
        meters = {d.meter: d.meter_fields for d in self.drafts if d.meter}
        self._change(Meter, meters, "metering.meter.changed")
        complexes = {d.complex: d.complex_fields for d in self.drafts if d.complex}
        self._change(MeteringComplex, complexes, "metering.complex.changed")
        agreements = {
            d.agreement: d.agreement_fields for d in self.drafts if isinstance(d.agreement, int)
        }
        self._change(CustomerAgreement, agreements, "contracts.agreement.changed")

    def _change(
        self, model: type[models.Model], fields: dict[Any, dict[str, Any]], action: str
    ) -> None:
        wanted = {key: values for key, values in fields.items() if values}
        manager = model._default_manager
        found: list[models.Model] = []
        ids = sorted(wanted)
        for first in range(0, len(ids), BATCH):
            found += manager.filter(pk__in=ids[first : first + BATCH])
        done = []
        for row in found:
            was, now = self._changed(row, wanted[row.pk])
            done.append(Done(row, was, now))
        names = sorted({name for values in wanted.values() for name in values})
        if names:
            columns = [name.removesuffix("_id") for name in names]
            columns += remade_keys(model, columns, found)
            manager.bulk_update(found, columns, batch_size=BATCH)
        audit.note_many(action, done, by=self.by, at=self.at)

    def _changed(
        self, row: models.Model, values: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        was = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        self.made.changed.append((row._meta.label_lower, row.pk, was, dict(values)))
        return was, dict(values)

    def _create(self, rows: Sequence[M]) -> None:
        if rows:
            manager = type(rows[0])._default_manager
            manager.bulk_create(rows, batch_size=BATCH)
            self.made.created[rows[0]._meta.label_lower] += [row.pk for row in rows]

    def _note(self, action: str, rows: Iterable[models.Model], told: Sequence[str]) -> None:
        done = (
            Done(row, None, {name.removesuffix("_id"): getattr(row, name) for name in told})
            for row in rows
        )
        audit.note_many(action, done, by=self.by, at=self.at)


def _instrument(one: Instrument) -> InstrumentTransformer:
    kind, type_name, number, phase, top, bottom = one
    return InstrumentTransformer(
        kind=kind, type_name=type_name, number=number, phase=phase, ratio_numerator=top,
        ratio_denominator=bottom,
    )  # fmt: skip


def _customer_key(key: str, one: NewAgreement) -> tuple[str, str]:
    """What makes two new agreements of one customer; a person has one per agreement."""
    if one.inn:
        return "inn", one.inn
    if one.customer_kind != Customer.Kind.PERSON:
        return "firm", keys.name_key(one.customer)
    return "agreement", key

"""Taking an import back: exactly what it made and changed, if nothing was built upon it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps

from faza.accounts.models import User
from faza.audit import services as audit
from faza.audit.models import Entry
from faza.audit.services import Done
from faza.collection.grid import scope
from faza.collection.grid.applying import BATCH
from faza.collection.models import GridImport
from faza.metering.fields import remade_keys
from faza.metering.models import MeteringComplex

NODE = "metering.networknode"
DAYS = 7
"""For so many days an import can be taken back. Source: product.md, 3."""
WITHDRAWING = "withdrawing"
SHOWN = 5

ORDER = (
    "contracts.agreementpoint", "contracts.customeragreement", "contracts.customer",
    "metering.meteringcomplex", "metering.instrumenttransformer", "metering.meter",
    "metering.metermodel", "metering.usagepoint", NODE,
)  # fmt: skip
"""Models in the order in which their rows can go."""

Tell = Callable[[int, int, str], None]


class CannotUndo(Exception):
    """What stands against it: (code, how many, first names) each."""

    def __init__(self, reasons: Sequence[tuple[str, int, str]]) -> None:
        super().__init__("; ".join(f"{code}: {count} {first}" for code, count, first in reasons))
        self.reasons = list(reasons)


def is_in_time(one: GridImport, *, at: datetime) -> bool:
    return one.applied_at is not None and at < one.applied_at + timedelta(days=DAYS)


def reasons_against(one: GridImport, *, at: datetime) -> list[tuple[str, int, str]]:
    """Why an import cannot be taken back: nothing if it can. Some twenty queries."""
    if not is_in_time(one, at=at):
        return [("late", DAYS, "")]
    made: Mapping[str, Any] = one.made
    created: dict[str, list[int]] = made["created"]
    found: list[tuple[str, int, str]] = []
    read = scope.points_with_readings(created.get("metering.usagepoint", []))
    meters = _names("metering.meter", created.get("metering.meter", []), "number")
    waiting = scope.meters_with_readings(meters.values())
    moved = {
        row[0]
        for row in _rows(
            "metering.meteringcomplex", created.get("metering.meteringcomplex", []),
            ("usage_point_id",),
        )
    } - set(created.get("metering.usagepoint", []))  # fmt: skip
    read |= _read_since(moved, one)
    if read:
        first = _names("metering.usagepoint", sorted(read)[:1], "code")
        found.append(("readings", len(read), next(iter(first.values()), "")))
    if waiting:
        found.append(("readings", len(waiting), min(waiting)))
    later = _changed_later(one)
    if later:
        found.append(("later", len(later), later[0]))
    built = _built_upon(created)
    if built:
        found.append(("built", len(built), built[0]))
    return found


def _read_since(points: Collection[int], one: GridImport) -> set[int]:
    """Points that were there before and have readings of the time of the import's own meters."""
    meters = set(one.made["created"].get("metering.meter", []))
    model = apps.get_model("readings", "RegisterReading")
    rows = model._default_manager.filter(usage_point__in=points, meter_id__in=meters)
    return set(rows.values_list("usage_point_id", flat=True).distinct()) if meters else set()


def _changed_later(one: GridImport) -> list[str]:
    """What the trail has of the import's things after it."""
    last = one.made.get("last_entry", 0)
    keys: dict[str, set[str]] = defaultdict(set)
    for label, ids in one.made["created"].items():
        keys[label] |= {str(key) for key in ids}
    for label, key, _, _ in one.made["changed"]:
        keys[label].add(str(key))
    # Looks at a subscriber's card are in the trail too, and change nothing.
    entries = Entry.objects.filter(pk__gt=last, object_kind__in=list(keys)).exclude(
        after=None, before=None
    )
    return [
        f"{kind} {key}"
        for kind, key in entries.values_list("object_kind", "object_id").distinct()
        if key in keys[kind]
    ]


def _built_upon(created: Mapping[str, list[int]]) -> list[str]:
    """Rows of others that point at the import's own."""
    found: list[str] = []
    for label in created:
        model = apps.get_model(label)
        for relation in model._meta.related_objects:
            other = relation.related_model
            if relation.many_to_many or other._meta.label_lower == "collection.gridimport":
                continue
            own = set(created.get(other._meta.label_lower, []))
            for ids in _pieces(created[label]):
                rows = other._default_manager.filter(**{f"{relation.field.name}__in": ids})
                if other._meta.app_label == "readings":
                    continue  # looked for before, without a reading of every partition
                found += [
                    f"{other._meta.verbose_name} {key}"
                    for key in rows.values_list("pk", flat=True)
                    if key not in own
                ]
    return found


def take_back(one: GridImport, *, by: User | None, at: datetime, progress: Tell) -> dict[str, int]:
    """Remove what an import made and restore what it changed; call it inside a transaction.

    How many rows of each model. Raises CannotUndo with the reasons; nothing is touched then.
    """
    if reasons := reasons_against(one, at=at):
        raise CannotUndo(reasons)
    created: dict[str, list[int]] = one.made["created"]
    link = MeteringComplex.transformers.through
    steps = len(ORDER) + 1
    counts: dict[str, int] = {}
    for ids in _pieces(created.get("metering.meteringcomplex", [])):
        link.objects.filter(meteringcomplex__in=ids).delete()
    for complex_, transformer in one.made["mounted"]:
        if complex_ not in set(created.get("metering.meteringcomplex", ())):
            link.objects.filter(
                meteringcomplex_id=complex_, instrumenttransformer_id=transformer
            ).delete()
    for n, label in enumerate(ORDER):
        progress(n, steps, WITHDRAWING)
        if label == "metering.metermodel":
            # What ended for the import's own goes on, once those are gone.
            counts["changed"] = _restore(one, by=by, at=at)
        counts[label] = _remove(label, created.get(label, []), by=by, at=at)
    link.objects.bulk_create(
        link(meteringcomplex_id=complex_, instrumenttransformer_id=transformer)
        for complex_, transformer in one.made["dismounted"]
    )
    progress(steps, steps, WITHDRAWING)
    return counts


def _remove(label: str, ids: Sequence[int], *, by: User | None, at: datetime) -> int:
    manager = apps.get_model(label)._default_manager
    for piece in _levels(ids) if label == NODE else _pieces(ids):
        rows = list(manager.filter(pk__in=piece))
        done = (Done(row, audit.state(row), None) for row in rows)
        audit.note_many("collection.grid.withdrawn", done, by=by, at=at)
        manager.filter(pk__in=piece).delete()
    return len(ids)


def _levels(ids: Sequence[int]) -> list[Sequence[int]]:
    """Nodes in pieces, the deepest first: a parent goes after its children."""
    levels: dict[int, list[int]] = defaultdict(list)
    for key, path in _names(NODE, ids, "path").items():
        levels[len(path)].append(key)
    return [piece for depth in sorted(levels, reverse=True) for piece in _pieces(levels[depth])]


def _restore(one: GridImport, *, by: User | None, at: datetime) -> int:
    by_model: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for label, key, was, _ in one.made["changed"]:
        # A thing that was changed twice was first what it was before the first time.
        by_model[label][key] = was | by_model[label].get(key, {})
    for label, rows in by_model.items():
        model = apps.get_model(label)
        names = sorted({name for was in rows.values() for name in was})
        done, found = [], []
        for ids in _pieces(sorted(rows)):
            found += list(model._default_manager.filter(pk__in=ids))
        for row in found:
            before = {name: getattr(row, name) for name in rows[row.pk]}
            for name, value in rows[row.pk].items():
                column = row._meta.get_field(name.removesuffix("_id"))
                setattr(row, name, value if column.is_relation else column.to_python(value))
            done.append(Done(row, before, rows[row.pk]))
        fields = [name.removesuffix("_id") for name in names]
        fields += remade_keys(model, fields, found)
        model._default_manager.bulk_update(found, fields, batch_size=BATCH)
        audit.note_many("collection.grid.restored", done, by=by, at=at)
    return sum(len(rows) for rows in by_model.values())


def _names(label: str, ids: Sequence[int], name: str) -> dict[int, str]:
    return dict(_rows(label, ids, ("id", name)))


def _rows(label: str, ids: Sequence[int], fields: tuple[str, ...]) -> list[Any]:
    manager = apps.get_model(label)._default_manager
    return [
        row for piece in _pieces(ids) for row in manager.filter(pk__in=piece).values_list(*fields)
    ]


def _pieces(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]

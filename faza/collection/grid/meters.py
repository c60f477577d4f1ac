"""A row's meter against those that there are: same, new, replaced, or standing elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from faza.collection.grid.catalogue import Catalogue, ModelKey
from faza.collection.grid.instruments import Instruments, ratios
from faza.collection.grid.places import Places
from faza.collection.grid.plan import Draft, Instrument, shown
from faza.collection.grid.scope import Complex, Existing, MeterRow, Scope
from faza.core.periods import start_of_day

FIELDS = ("made_in", "verified_on", "verification_due", "certificate")
SOON = timedelta(days=31)
BILLING = "billing"


@dataclass(slots=True)
class MeterChecker:
    """Goes through the rows of one file. `rewired`: rows that change what readings depend on."""

    scope: Scope
    existing: Existing
    places: Places
    today: date
    rewired: list[tuple[Draft, list[str]]] = field(default_factory=list)
    _seen: dict[tuple[object, str], int] = field(default_factory=dict)
    _catalogue: Catalogue = field(init=False)
    _instruments: Instruments = field(init=False)

    def __post_init__(self) -> None:
        self._catalogue = Catalogue(self.existing.models, may_add="models" in self.scope.create)
        self._instruments = Instruments(self.existing)

    def check(self, draft: Draft) -> None:
        """Which meter the row is of, where it stands, and what would change."""
        self._dates(draft)
        number = draft.values.get("meter_number")
        standing = self._standing(draft)
        if number is None:
            self._without_number(draft, standing)
            return
        model, meter = self._known(draft, number, standing)
        if model is None:
            return
        first = self._seen.setdefault((model, number), draft.line)
        if first != draft.line:
            draft.say("meter_number", "meter-twice", line=str(first))
            return
        draft.model, draft.meter = model, meter.id if meter else None
        self._passport(draft, number, meter)
        phases = self._catalogue.phases(model)
        wanted = draft.values.get("phases") or draft.point_fields.get("phases")
        if phases and wanted and phases != wanted:
            draft.say("meter_model", "phases-differ", phases=str(wanted))
        if standing and meter and standing.meter_id == meter.id:
            self._same(draft, standing)
        else:
            self._install(draft, meter, standing)

    def _standing(self, draft: Draft) -> Complex | None:
        rows = self.existing.at_point.get(draft.point, []) if draft.point else []
        return next((c for c in rows if c.role == BILLING and c.valid_to is None), None)

    def _dates(self, draft: Draft) -> None:
        made, due = draft.values.get("verified_on"), draft.values.get("verification_due")
        if made and due and due <= made:
            draft.say("verification_due", "due-before", was=shown(made))
        elif due and due <= self.today:
            draft.say("verification_due", "due-past")
        elif due and due <= self.today + SOON:
            draft.say("verification_due", "due-soon")

    def _without_number(self, draft: Draft, standing: Complex | None) -> None:
        if draft.values.get("meter_model") is not None:
            key = "meter_number" if "meter_number" in draft.texts else "meter_model"
            draft.say(key, "meter-no-number")
            return
        if standing is not None:
            self._same(draft, standing)
        elif any(draft.values.get(key) for key in ("ct_ratio", "vt_ratio", "ct_a", "vt_a")):
            draft.say("ct_ratio" if draft.values.get("ct_ratio") else "vt_ratio", "meter-needed")

    def _known(
        self, draft: Draft, number: str, standing: Complex | None
    ) -> tuple[int | ModelKey | None, MeterRow | None]:
        """The model and the meter that a row names."""
        text, maker = draft.values.get("meter_model"), draft.values.get("manufacturer")
        there = self.existing.meters[standing.meter_id] if standing else None
        named = self.existing.by_number.get(number, [])
        model: int | ModelKey | None
        if text is None:
            if there and there.number == number:
                model = there.model_id
            elif len(named) == 1:
                model = named[0].model_id
            else:
                key = "meter_model" if "meter_model" in draft.texts else "meter_number"
                draft.say(key, "meter-no-model")
                return None, None
        else:
            model = self._catalogue.find(draft, text, maker)
        if there and there.number != number and there.number.lstrip("0") == number.lstrip("0"):
            draft.say("meter_number", "number-zeros", proposal=there.number)
            return None, None
        meter = next((m for m in named if m.model_id == model), None)
        return model, meter

    def _passport(self, draft: Draft, number: str, meter: MeterRow | None) -> None:
        for key in FIELDS:
            value = draft.values.get(key)
            was = getattr(meter, key) if meter else None
            if value is None or value == was:
                continue
            draft.meter_fields[key] = value
            if meter:
                draft.changes(key, was)
        if meter is None:
            draft.meter_fields["number"] = number

    def _same(self, draft: Draft, standing: Complex) -> None:
        """The meter stands there: its ratios and transformers may change."""
        draft.complex = standing.id
        told = self._instruments.told(draft)
        draft.complex_fields = ratios(draft, standing)
        columns = [
            f"{key}_ratio" for key in ("ct", "vt") if f"{key}_numerator" in draft.complex_fields
        ]
        if self._instruments.check(draft, told, standing):
            draft.transformers = told
            if self._instruments.replaces(told, standing):
                columns += [f"{told[0][0].lower()}_{told[0][3].lower()}"]
        if columns:
            self.rewired.append((draft, columns))
        since = draft.values.get("installed_from")
        if since and since != standing.valid_from.astimezone(ZoneInfo(draft.zone)).date():
            was = standing.valid_from.astimezone(ZoneInfo(draft.zone)).date()
            draft.say("installed_from", "kept", was=shown(was))

    def _install(self, draft: Draft, meter: MeterRow | None, standing: Complex | None) -> None:
        """A complex is to begin here; what stands here, or where the meter stands, is to end."""
        since = draft.values.get("installed_from") or self.scope.since
        draft.starts_at = start_of_day(since, draft.zone)
        ends: list[Complex] = []
        for complex_ in self.existing.of_meter.get(meter.id, []) if meter else []:
            if complex_.valid_to is None and not self._moves(draft, complex_):
                return
            if complex_.valid_to is None:
                ends.append(complex_)
        if standing is not None:
            if not self._replaces(draft, standing):
                return
            ends.append(standing)
        if not self._is_free(draft, meter, ends, draft.starts_at):
            return
        draft.ends = tuple(sorted({c.id for c in ends}))
        told: tuple[Instrument, ...] = self._instruments.told(draft)
        self._instruments.check(draft, told, None)
        draft.complex_fields = ratios(draft, None)
        draft.transformers = told

    def _moves(self, draft: Draft, elsewhere: Complex) -> bool:
        """Whether the row says that the meter comes from another point."""
        node, name = self.existing.places[elsewhere.usage_point_id]
        if not (self.places.everywhere or node in self.places.own):
            draft.say("meter_number", "meter-hidden")
            return False
        place = "\\".join((*self.places.key_of(node)[-2:], name))
        if draft.line not in self.scope.replace:
            since = _local(elsewhere.valid_from, draft.zone)
            draft.say("meter_number", "meter-elsewhere", place=place, since=since)
            return False
        draft.say("meter_number", "replaced", was=place)
        return True

    def _replaces(self, draft: Draft, standing: Complex) -> bool:
        """Whether the row says that its meter takes the place of the one that stands there."""
        was = self.existing.meters[standing.meter_id].number
        if draft.line not in self.scope.replace:
            since = _local(standing.valid_from, draft.zone)
            draft.say("meter_number", "meter-differs", was=was, since=since)
            return False
        draft.say("meter_number", "replaced", was=was)
        return True

    def _is_free(
        self, draft: Draft, meter: MeterRow | None, ends: list[Complex], at: datetime
    ) -> bool:
        key = "installed_from" if "installed_from" in draft.texts else "meter_number"
        for complex_ in ends:
            if complex_.valid_from >= at:
                draft.say(key, "replace-date", since=_local(complex_.valid_from, draft.zone))
                return False
        past = [c for c in self.existing.at_point.get(draft.point or 0, []) if c.role == BILLING]
        past += self.existing.of_meter.get(meter.id, []) if meter else []
        for complex_ in past:
            if complex_.valid_to is not None and complex_.valid_to > at:
                draft.say(key, "installed-before", since=_local(complex_.valid_to, draft.zone))
                return False
        return True


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%d.%m.%Y}"

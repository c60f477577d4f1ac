"""Current and voltage transformers of a row: their plates, and whether they are free."""

from __future__ import annotations

from dataclasses import dataclass, field

from faza.collection.grid.plan import Draft, Instrument
from faza.collection.grid.scope import Complex, Existing, Transformer

KINDS = (("CT", "ct"), ("VT", "vt"))
PHASES = ("a", "b", "c")
ONE = (1, 1)


def ratios(draft: Draft, standing: Complex | None) -> dict[str, int]:
    """The fields of a complex that the row's ratios set; those that are as they are left out."""
    found: dict[str, int] = {}
    for _, key in KINDS:
        told = draft.values.get(f"{key}_ratio")
        was = ONE
        if standing is not None:
            was = (getattr(standing, f"{key}_numerator"), getattr(standing, f"{key}_denominator"))
            if told is None or told[0] * was[1] == was[0] * told[1]:
                continue
            draft.changes(f"{key}_ratio", f"{was[0]}/{was[1]}")
        numerator, denominator = told or was
        found[f"{key}_numerator"], found[f"{key}_denominator"] = numerator, denominator
    return found


@dataclass(slots=True)
class Instruments:
    """Goes through the rows of one file."""

    existing: Existing
    _seen: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def told(self, draft: Draft) -> tuple[Instrument, ...]:
        """The transformers that a row names, by phase."""
        found: list[Instrument] = []
        for kind, key in KINDS:
            numbers = [(p, n) for p in PHASES if (n := draft.values.get(f"{key}_{p}"))]
            type_name, ratio = draft.values.get(f"{key}_type"), draft.values.get(f"{key}_ratio")
            if numbers and (type_name is None or ratio is None):
                if not draft.marks.get(f"{key}_ratio"):
                    draft.say(f"{key}_{numbers[0][0]}", "transformer-type")
                continue
            for phase, number in numbers:
                assert type_name is not None
                assert ratio is not None
                found.append((kind, type_name, number, phase.upper(), *ratio))
        return tuple(found)

    def check(self, draft: Draft, told: tuple[Instrument, ...], standing: Complex | None) -> bool:
        """Whether others stand in a complex than the row names; what is wrong is said."""
        free = {standing.id} if standing else set()
        free |= set(draft.ends)
        for kind, type_name, number, phase, top, bottom in told:
            key, column = (kind, type_name, number), f"{kind.lower()}_{phase.lower()}"
            first = self._seen.setdefault(key, draft.line)
            if first != draft.line:
                draft.say(column, "transformer-twice", line=str(first))
            known = self.existing.transformers.get(key)
            if known is None:
                continue
            if known.ratio_numerator * bottom != top * known.ratio_denominator:
                was = f"{known.ratio_numerator}/{known.ratio_denominator}"
                draft.say(column, "transformer-ratio", was=was)
            places = self.existing.mounted_in.get(known.id, [])
            if any(c.valid_to is None and c.id not in free for c in places):
                draft.say(column, "transformer-elsewhere")
        if standing is None or not told:
            return False
        return self._differ(draft, told, standing)

    def _differ(self, draft: Draft, told: tuple[Instrument, ...], standing: Complex) -> bool:
        mounted = self._mounted(standing)
        differs = False
        for kind in {one[0] for one in told}:
            wanted = {one[:3]: one[3] for one in told if one[0] == kind}
            there = {key: t for key, t in mounted.items() if t.kind == kind}
            if set(wanted) == set(there):
                continue
            differs = True
            by_phase = {t.phase: t.number for t in there.values()}
            for (_, _, number), phase in wanted.items():
                if by_phase.get(phase) != number:
                    draft.changes(f"{kind.lower()}_{phase.lower()}", by_phase.get(phase))
        return differs

    def replaces(self, told: tuple[Instrument, ...], standing: Complex) -> bool:
        """Whether transformers that stand there would go, and not only new ones be named."""
        kinds, wanted = {one[0] for one in told}, {one[:3] for one in told}
        return any(
            t.kind in kinds and key not in wanted for key, t in self._mounted(standing).items()
        )

    def _mounted(self, standing: Complex) -> dict[tuple[str, str, str], Transformer]:
        """The transformers of a complex by kind, type and number."""
        rows = (self.existing.by_id[key] for key in self.existing.mounted.get(standing.id, ()))
        return {(t.kind, t.type_name, t.number): t for t in rows}

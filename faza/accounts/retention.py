"""How long kinds of personal values are kept: rooms register what they hold, a job sweeps daily.

Source: design/rules.md, Personal data: retention per kind is a table run by a job.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

from faza.accounts.models import Retention

Sweep = Callable[[datetime, datetime], int]
"""sweep(before, at): erase what is older than `before`; how much. Doing it twice erases it once."""
Count = Callable[[datetime], int]
"""count(before): how much is older than `before`; what a sweep would erase."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of values with the days that hold until the administrator sets others."""

    name: str
    days: int | None
    sweep: Sweep
    label: str | Promise = ""
    count: Count | None = None


_KINDS: dict[str, Kind] = {}


class NoSuchKind(Exception):
    """No room registered this kind."""


def register(
    kind: str,
    days: int | None,
    sweep: Sweep,
    *,
    label: str | Promise = "",
    count: Count | None = None,
) -> None:
    """Have a kind swept: `days` holds where the table has no row, None keeps it for ever.

    `kind` is dotted: room and noun ("accounts.unconfirmed"). Called from
    `AppConfig.ready`.
    """
    _KINDS[kind] = Kind(kind, days, sweep, label, count)


def kinds() -> list[tuple[Kind, int | None]]:
    """All kinds with the days that hold for each now. One query."""
    chosen = dict(Retention.objects.values_list("kind", "days"))
    return [(kind, chosen.get(name, kind.days)) for name, kind in sorted(_KINDS.items())]


def get_kind(name: str) -> Kind:
    """A kind by its name. Raises NoSuchKind."""
    if name not in _KINDS:
        raise NoSuchKind(name)
    return _KINDS[name]


def run(at: datetime) -> dict[str, int]:
    """Erase what is older than its kind is kept; how much of each. Twice erases it once.

    A kind that fails holds up no other: what failed is raised at the end, as one ExceptionGroup.
    """
    done, failed = {}, []
    for kind, days in kinds():
        if days is None:
            continue
        try:
            done[kind.name] = kind.sweep(at - timedelta(days=days), at)
        except Exception as problem:  # noqa: BLE001  # raised below, with the others
            problem.add_note(f"while {kind.name} was swept")
            failed.append(problem)
    if failed:
        raise ExceptionGroup(f"retention: {len(failed)} of {len(failed) + len(done)}", failed)
    return done

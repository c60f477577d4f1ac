"""Jobs of this room."""

from __future__ import annotations

from collections.abc import Mapping

from faza.accounts import retention
from faza.jobs import registry
from faza.jobs.registry import Running


@registry.daily("accounts.retention.sweep")
def sweep(job: Running) -> Mapping[str, object]:
    """Erase what is older than its kind is kept."""
    return retention.run(job.at)

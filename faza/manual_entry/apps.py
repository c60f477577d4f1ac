from __future__ import annotations

from datetime import datetime

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ManualEntryConfig(AppConfig):
    name = "faza.manual_entry"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.manual_entry.photos import keeping

        retention.register(
            "manual_entry.photos", keeping.DAYS, keeping.sweep_old, count=_count,
            label=_("photos of typed readings; the readings stay"),
        )  # fmt: skip


def _count(before: datetime) -> int:
    from faza.manual_entry.photos import queries

    return queries.kept(before).count()

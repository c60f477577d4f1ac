from __future__ import annotations

from datetime import datetime

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "faza.reports"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.reports import services

        retention.register(
            "reports.runs", services.DAYS, services.sweep, count=_count,
            label=_("reports that were made, with their files"),
        )  # fmt: skip


def _count(before: datetime) -> int:
    from faza.reports.models import Run

    return Run.objects.filter(ended_at__lt=before).count()

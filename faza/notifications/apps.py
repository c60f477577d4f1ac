from __future__ import annotations

from datetime import datetime

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "faza.notifications"

    def ready(self) -> None:
        """The outbox and the jobs stand below the retention table, so they are registered here."""
        from faza.accounts import retention
        from faza.notifications import sweeps

        sweeps.register()
        retention.register(
            "outbox.messages", 90, _sweep_messages,
            label=_("delivered messages"), count=_count_messages,
        )  # fmt: skip
        retention.register(
            "jobs.ended", 180, _sweep_jobs, label=_("jobs that have ended"), count=_count_jobs
        )


def _sweep_messages(before: datetime, at: datetime) -> int:
    from faza.outbox import services

    return services.sweep(before=before)


def _sweep_jobs(before: datetime, at: datetime) -> int:
    from faza.jobs import services

    return services.sweep(before=before)


def _count_messages(before: datetime) -> int:
    from faza.outbox import queries

    return queries.ended(before=before).count()


def _count_jobs(before: datetime) -> int:
    from faza.jobs import queries

    return queries.ended(before=before).count()

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "faza.api"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.api import services

        retention.register(
            "api.kept_answers",
            services.DAYS,
            services.sweep,
            count=services.count,
            label=_("answers to programs, kept in case they ask the same again"),
        )

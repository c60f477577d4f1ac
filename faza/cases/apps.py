from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "faza.cases"

    def ready(self) -> None:
        from faza.cases import sweeps

        sweeps.register()

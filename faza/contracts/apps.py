from __future__ import annotations

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "faza.contracts"

    def ready(self) -> None:
        from faza.contracts import ending, sweeps

        ending.listen()
        sweeps.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingsConfig(AppConfig):
    name = "faza.readings"
    label = "readings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.readings import keeping

        retention.register(
            "readings.versions", None, keeping.sweep_versions,
            label=_("Former versions of intervals and registers"), count=keeping.count_versions,
        )  # fmt: skip
        retention.register(
            "readings.moments", None, keeping.sweep_moments,
            label=_("Moments of network parameters"), count=keeping.count_moments,
        )  # fmt: skip

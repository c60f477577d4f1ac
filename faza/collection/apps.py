from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

GRID_IMPORT_DAYS = 30
"""For so long the files of grid imports are kept; they can be taken back for seven days."""


class CollectionConfig(AppConfig):
    name = "faza.collection"
    label = "collection"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.collection.grid import services

        retention.register(
            "collection.grid_imports",
            GRID_IMPORT_DAYS,
            services.sweep,
            label=_("Files of grid imports"),
        )

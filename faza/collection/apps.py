from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

GRID_IMPORT_DAYS = 30
"""For so long the files of grid imports are kept; they can be taken back for seven days."""
SESSION_DAYS = 30
"""For so long the dialogues with meters are kept."""


class CollectionConfig(AppConfig):
    name = "faza.collection"
    label = "collection"

    def ready(self) -> None:
        from faza.accounts import retention
        from faza.collection.exchange import arrivals, sending
        from faza.collection.grid import services
        from faza.collection.intake import aside
        from faza.collection.polling import services as polling

        retention.register(
            "collection.grid_imports",
            GRID_IMPORT_DAYS,
            services.sweep,
            label=_("Files of grid imports"),
        )
        retention.register(
            "collection.intake_aside",
            aside.DAYS,
            aside.sweep,
            label=_("Messages that could not be stored"),
        )
        retention.register(
            "collection.sessions",
            SESSION_DAYS,
            polling.sweep_sessions,
            label=_("Sessions with meters"),
            count=polling.count_sessions,
        )
        retention.register(
            "collection.arrivals",
            arrivals.DAYS,
            arrivals.forget,
            label=_("Files that came by mail, SFTP or upload"),
        )
        retention.register(
            "collection.dispatches",
            sending.DAYS,
            sending.forget,
            label=_("Files that were sent to counterparties"),
        )

"""Where deliveries and what is laid over them come from."""

from __future__ import annotations

from faza.readings.models import Source


def get_source(kind: str, *, sender: str = "", area: str = "", name: str = "") -> Source:
    """The source of this kind, sender and area; made at its first delivery."""
    source, _ = Source.objects.get_or_create(
        kind=kind, sender=sender, area=area, defaults={"name": name}
    )
    return source

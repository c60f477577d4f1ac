from __future__ import annotations

from django.apps import AppConfig


class ManualEntryConfig(AppConfig):
    name = "faza.manual_entry"

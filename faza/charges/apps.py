from __future__ import annotations

from django.apps import AppConfig


class ChargesConfig(AppConfig):
    name = "faza.charges"

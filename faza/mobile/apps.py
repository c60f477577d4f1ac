"""The mobile client's own place among Django's applications: templates and static files."""

from django.apps import AppConfig


class MobileConfig(AppConfig):
    name = "faza.mobile"

from django.apps import AppConfig


class CabinetConfig(AppConfig):
    name = "faza.cabinet"
    label = "cabinet"

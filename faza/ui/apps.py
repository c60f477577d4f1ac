from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "faza.ui"
    label = "ui"

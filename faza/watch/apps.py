from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "faza.watch"
    label = "watch"

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "faza.collection"
    label = "collection"

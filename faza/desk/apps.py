from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "faza.desk"
    default_auto_field = "django.db.models.BigAutoField"

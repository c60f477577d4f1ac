"""Addresses for programs."""

from django.urls import path

from faza.api import intake

app_name = "api"
urlpatterns = [
    path("intake", intake.push, name="intake"),
]

"""Addresses of alarms."""

from django.urls import URLPattern, path

from faza.desk.alarms import counting as counting  # registers the count of the menu
from faza.desk.alarms import views

urlpatterns: list[URLPattern] = [
    path("alarms/", views.listing, name="alarms"),
    path("alarms/seen/", views.acknowledge, name="alarms-seen"),
]

"""Addresses of typed readings."""

from django.urls import URLPattern, path

from faza.desk.readings import bulk, deeds, views
from faza.desk.readings import counting as counting  # registers the count of the menu

urlpatterns: list[URLPattern] = [
    path("readings/", views.readings, name="readings"),
    path("readings/all/", views.table, name="readings-table"),
    path("readings/approve/", bulk.approve_many, name="readings-approve"),
    path("readings/refuse/", bulk.refuse_many, name="readings-refuse"),
    path("readings/undo/", deeds.undo, name="readings-undo"),
    path("readings/<int:pk>/ask/", deeds.ask, name="reading-ask"),
    path("readings/<int:pk>/approve/", deeds.approve, name="reading-approve"),
    path("readings/<int:pk>/refuse/", deeds.refuse, name="reading-refuse"),
    path("readings/<int:pk>/withdraw/", deeds.withdraw, name="reading-withdraw"),
]

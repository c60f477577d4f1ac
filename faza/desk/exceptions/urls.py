"""Addresses of exceptions and of the rules that find them."""

from django.urls import URLPattern, path

from faza.desk.exceptions import bulk, deeds, ruling, views
from faza.desk.exceptions import counting as counting  # registers the count of the menu

urlpatterns: list[URLPattern] = [
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/all/", views.table, name="exceptions-table"),
    path("exceptions/accept/", bulk.accept_many, name="exceptions-accept"),
    path("exceptions/estimate/", bulk.estimate_many, name="exceptions-estimate"),
    path("exceptions/rules/", ruling.listing, name="rules"),
    path("exceptions/rules/<str:code>/", ruling.rule, name="rule"),
    path("exceptions/rules/<str:code>/reset/", ruling.reset, name="rule-reset"),
    path("exceptions/<str:key>/accept/", deeds.accept, name="exception-accept"),
    path("exceptions/<str:key>/estimate/", deeds.estimate, name="exception-estimate"),
    path("exceptions/<str:key>/edit/", deeds.edit, name="exception-edit"),
    path("exceptions/<str:key>/read/", deeds.read_again, name="exception-read"),
    path("exceptions/<str:key>/undo/", deeds.undo, name="exception-undo"),
]

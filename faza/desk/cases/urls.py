"""Addresses of cases."""

from django.urls import URLPattern, path

from faza.desk.cases import counting as counting  # registers the count of the menu
from faza.desk.cases import views

urlpatterns: list[URLPattern] = [
    path("cases/", views.cases, name="cases"),
    path("cases/<int:pk>/", views.case, name="case"),
    path("cases/<int:pk>/say/", views.say, name="case-say"),
    path("cases/<int:pk>/take/", views.take, name="case-take"),
    path("cases/<int:pk>/release/", views.release, name="case-release"),
    path("cases/<int:pk>/assign/", views.assign, name="case-assign"),
    path("cases/<int:pk>/close/", views.close, name="case-close"),
]

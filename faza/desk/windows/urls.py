"""Addresses of entry windows."""

from django.urls import URLPattern, path

from faza.desk.windows import views

urlpatterns: list[URLPattern] = [
    path("windows/", views.rules, name="windows"),
    path("windows/rules/new/", views.new_rule, name="window-rule-new"),
    path("windows/rules/<int:pk>/", views.rule, name="window-rule"),
    path("windows/rules/<int:pk>/edit/", views.edit_rule, name="window-rule-edit"),
    path("windows/rules/<int:pk>/drop/", views.drop_rule, name="window-rule-drop"),
    path("windows/exceptions/", views.exceptions, name="window-exceptions"),
    path("windows/exceptions/new/", views.new_exception, name="window-exception-new"),
    path("windows/exceptions/<int:pk>/", views.exception, name="window-exception"),
]

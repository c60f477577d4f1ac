"""Addresses of tariffs and of the import of prices."""

from django.urls import URLPattern, path

from faza.desk.tariffs import importing, views

urlpatterns: list[URLPattern] = [
    path("tariffs/", views.tariffs, name="tariffs"),
    path("tariffs/file/", views.file_of_all, name="tariffs-file"),
    path("tariffs/normatives/", views.normatives, name="normatives"),
    path("tariffs/vat/", views.vat, name="tariffs-vat"),
    path("tariffs/import/", importing.imports, name="prices-import"),
    path("tariffs/import/template/", importing.template, name="prices-template"),
    path("tariffs/import/<int:pk>/", importing.one, name="prices-import-one"),
    path("tariffs/import/<int:pk>/apply/", importing.apply, name="prices-import-apply"),
    path("tariffs/import/<int:pk>/drop/", importing.drop, name="prices-import-drop"),
    path("tariffs/market/<int:pk>/", views.market, name="tariffs-market"),
    path("tariffs/<int:pk>/", views.tariff, name="tariff"),
    path("tariffs/<int:pk>/file/", views.file_of_one, name="tariff-file"),
    path("tariffs/<int:pk>/withdraw/", views.withdraw, name="tariff-withdraw"),
]

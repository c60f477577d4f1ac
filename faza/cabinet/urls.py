"""Addresses of the cabinet."""

from django.urls import path

from faza.cabinet.views import files, pages

app_name = "cabinet"
urlpatterns = [
    path("", pages.home, name="home"),
    path("data/", pages.metering_data, name="explorer"),
    path("data/why/", pages.why_estimated, name="why"),
    path("data/export/<slug:format>/", files.export, name="export"),
    path("meters/", pages.meter_list, name="meters"),
]

"""Addresses of links. Who is signed in has no say here, so no text or request comes before."""

from django.urls import path

from faza.cabinet.share import views

app_name = "share"
urlpatterns = [
    path("<str:secret>", views.page, name="page"),
    path("<str:secret>/data.csv", views.file, name="file"),
]

"""Addresses of the mobile client; all lie below the scope of its service worker."""

from django.urls import include, path

from faza.mobile import views

app_name = "mobile"
urlpatterns = [
    path("", views.shell, name="home"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.worker, name="worker"),
    path("", include("faza.mobile.connect.urls")),
]

"""Addresses for programs."""

from django.urls import include, path

from faza.api import intake
from faza.api.v1 import router

app_name = "api"
urlpatterns = [
    path("intake", intake.push, name="intake"),
    path("v1/", include(router.urls(), namespace="v1")),
]

"""Addresses of connecting a phone, and of signing it out; part of the room's."""

from django.urls import path

from faza.mobile.connect import views

urlpatterns = [
    path("connect/", views.connect, name="connect"),
    path("connect/wait/", views.wait, name="connect_wait"),
    path("out/", views.out, name="out"),
]

"""Addresses of route sheets."""

from django.urls import URLPattern, path

from faza.desk.rounds import files, views

urlpatterns: list[URLPattern] = [
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/paper/", views.paper, name="rounds-paper"),
    path("rounds/type/", views.type_in, name="rounds-type"),
    path("rounds/template.<str:ending>", views.template, name="rounds-template"),
    path("rounds/file/", files.files, name="rounds-file"),
    path("rounds/file/<int:pk>/", files.one, name="rounds-file-one"),
    path("rounds/file/<int:pk>/remarks/", files.remarks, name="rounds-file-remarks"),
    path("rounds/file/<int:pk>/send/", files.send, name="rounds-file-send"),
    path("rounds/file/<int:pk>/drop/", files.drop, name="rounds-file-drop"),
    path("rounds/file/<int:pk>/resume/", files.resume, name="rounds-file-resume"),
]

"""Addresses of news."""

from django.urls import URLPattern, path

from faza.desk.news import views

urlpatterns: list[URLPattern] = [
    path("news/", views.listing, name="news"),
    path("news/new/", views.new, name="news-new"),
    path("news/preview/", views.preview, name="news-preview"),
    path("news/<int:pk>/", views.piece, name="news-piece"),
    path("news/<int:pk>/edit/", views.edit, name="news-edit"),
    path("news/<int:pk>/copy/", views.copy, name="news-copy"),
    path("news/<int:pk>/publish/", views.publish, name="news-publish"),
    path("news/<int:pk>/withdraw/", views.withdraw, name="news-withdraw"),
    path("news/<int:pk>/drop/", views.drop, name="news-drop"),
]

"""Addresses of OAuth that programs ask."""

from django.urls import path

from faza.api.oauth import views

app_name = "oauth"
urlpatterns = [
    path("oauth/token", views.token, name="token"),
    path("oauth/revoke", views.revoke, name="revoke"),
    path(".well-known/oauth-authorization-server", views.metadata, name="metadata"),
]

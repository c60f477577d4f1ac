"""Addresses of orders, protections and calendars."""

from django.urls import URLPattern, path

from faza.desk.orders import calendars, protections, views
from faza.desk.orders import counting as counting  # registers the count of the menu

urlpatterns: list[URLPattern] = [
    path("orders/", views.orders, name="orders"),
    path("orders/new/", views.new, name="order-new"),
    path("orders/<int:pk>/", views.order, name="order"),
    path("orders/<int:pk>/papers/<int:number>/", views.paper, name="order-paper"),
    path("orders/<int:pk>/take/", views.take, name="order-take"),
    path("orders/<int:pk>/confirm/", views.confirm, name="order-confirm"),
    path("orders/<int:pk>/refuse/", views.refuse, name="order-refuse"),
    path("orders/<int:pk>/withdraw/", views.withdraw, name="order-withdraw"),
    path("orders/protected/", protections.protections, name="protections"),
    path("orders/protected/<int:pk>/end/", protections.end, name="protection-end"),
    path("calendars/", calendars.listing, name="calendars"),
    path("calendars/write/", calendars.write, name="calendars-write"),
    path("calendars/<int:meter>/", calendars.calendar, name="calendar"),
]

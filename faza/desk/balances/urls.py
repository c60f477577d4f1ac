from django.urls import URLPattern, path

from faza.desk.balances import editing, views

urlpatterns: list[URLPattern] = [
    path("balances/", views.balances, name="balances"),
    path("balances/<int:pk>/", views.balance, name="balance"),
    path("balances/<int:pk>/group/", editing.group, name="balance-group"),
    path("balances/<int:pk>/group/end/", editing.end, name="balance-group-end"),
]

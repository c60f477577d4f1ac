"""Addresses of applications, subscribers and consents taken back."""

from django.urls import URLPattern, path

from faza.desk.requests import bulk, people, views, withdrawals
from faza.desk.requests import counting as counting  # registers the counts of the menu

urlpatterns: list[URLPattern] = [
    path("requests/", views.requests, name="requests"),
    path("requests/matched/", bulk.matched, name="requests-matched"),
    path("requests/<int:pk>/", views.open_request, name="request"),
    path("requests/<int:pk>/take/", views.take, name="request-take"),
    path("requests/<int:pk>/release/", views.release, name="request-release"),
    path("requests/<int:pk>/approve/", views.approve, name="request-approve"),
    path("requests/<int:pk>/refuse/", views.refuse, name="request-refuse"),
    path("requests/<int:pk>/ask/", views.ask, name="request-ask"),
    path("requests/<int:pk>/write/", views.write, name="request-write"),
    path("requests/<int:pk>/reopen/", views.reopen, name="request-reopen"),
    path("subscribers/", people.subscribers, name="subscribers"),
    path("subscribers/close/", people.close_access, name="subscribers-close"),
    path("subscribers/<int:pk>/", people.subscriber, name="subscriber"),
    path("subscribers/<int:pk>/block/", people.block, name="subscriber-block"),
    path("subscribers/<int:pk>/unblock/", people.unblock, name="subscriber-unblock"),
    path("subscribers/<int:pk>/confirm/", people.send_confirmation, name="subscriber-confirm"),
    path("subscribers/<int:pk>/sign-out/", people.sign_out, name="subscriber-sign-out"),
    path("subscribers/<int:pk>/factor/", people.reset_factor, name="subscriber-factor"),
    path("withdrawals/", withdrawals.withdrawals, name="withdrawals"),
    path("withdrawals/<int:pk>/", withdrawals.withdrawal, name="withdrawal"),
]

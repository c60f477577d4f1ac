"""Addresses of import and export."""

from django.urls import path

from faza.desk.exchange import agreed, files

urlpatterns = [
    path("exchange/", files.runs, name="exchange"),
    path("exchange/runs/<int:pk>/", files.run, name="exchange-run"),
    path("exchange/runs/<int:pk>/errors.<str:ending>", files.problems, name="exchange-problems"),
    path("exchange/upload/", files.upload, name="exchange-upload"),
    path("exchange/files/", files.arrivals, name="exchange-files"),
    path("exchange/files/<int:pk>/", files.arrival, name="exchange-file"),
    path("exchange/files/<int:pk>/content/", files.content, name="exchange-content"),
    path("exchange/files/<int:pk>/release/", files.release, name="exchange-release"),
    path("exchange/sent/", files.dispatches, name="exchange-sent"),
    path("exchange/sent/<int:pk>/", files.dispatch, name="exchange-dispatch"),
    path("exchange/sent/<int:pk>/content/", files.sent_content, name="exchange-sent-content"),
    path("exchange/deliveries/<int:pk>/again/", agreed.send_again, name="exchange-again"),
    path("exchange/profiles/", agreed.profiles, name="exchange-profiles"),
    path("exchange/profiles/new/", agreed.profile_add, name="exchange-profile-add"),
    path("exchange/profiles/<int:pk>/", agreed.profile, name="exchange-profile"),
    path("exchange/profiles/<int:pk>/edit/", agreed.profile_edit, name="exchange-profile-edit"),
    path("exchange/profiles/<int:pk>/codes/", agreed.codes, name="exchange-codes"),
    path("exchange/profiles/<int:pk>/codes.csv", agreed.codes_csv, name="exchange-codes-csv"),
    path("exchange/profiles/<int:pk>/send/", agreed.send, name="exchange-send"),
    path("exchange/places/", agreed.places, name="exchange-places"),
    path("exchange/places/new/", agreed.place_add, name="exchange-place-add"),
    path("exchange/places/<int:pk>/", agreed.place_edit, name="exchange-place"),
]

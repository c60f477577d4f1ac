"""Addresses of registration, devices and language: without a namespace, as allauth's own are."""

from django.urls import path, register_converter

from faza.accounts.models import LegalText
from faza.cabinet.account import profile, registration, sessions


class KindConverter:
    regex = "|".join(LegalText.Kind.values)

    def to_python(self, value: str) -> LegalText.Kind:
        return LegalText.Kind(value)

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(KindConverter, "legal")

urlpatterns = [
    path("signup/", registration.signup, name="account_signup"),
    path("signup/sent/", registration.signup_sent, name="account_signup_sent"),
    path("confirm/", registration.confirm_code, name="account_confirm_code"),
    path("confirm/again/", registration.send_again, name="account_send_again"),
    path("confirm/<path:key>/", registration.confirm_page, name="account_confirm_email"),
    path("activated/", registration.activated, name="account_activated"),
    path("closed/", profile.closed, name="account_closed"),
    path("texts/<legal:kind>/", registration.legal_text, name="legal_text"),
    path("organisation/logo/", registration.logo, name="organisation_logo"),
    path("sessions/", sessions.devices, name="usersessions_list"),
    path("sessions/<int:session>/end/", sessions.end, name="usersessions_end"),
    path("language/", sessions.speak, name="set_language"),
]

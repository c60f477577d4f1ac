"""All addresses."""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import include, path

# Of allauth's pages only these are offered; sign-up answers that it is closed.
OFFERED = {
    *("account_login", "account_logout", "account_signup", "account_inactive"),
    *("account_reauthenticate", "account_change_password"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
}

urlpatterns = [
    path("accounts/", include([page for page in account_urls if page.name in OFFERED])),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("faza.cabinet.urls")),
]

"""All addresses."""

from allauth.account.urls import urlpatterns as account_urls
from django.urls import include, path

from faza.ui.views import favicon

# Of allauth's pages only these are offered; registration and activation are the cabinet's own.
OFFERED = {
    *("account_login", "account_logout", "account_inactive"),
    *("account_email", "account_email_verification_sent"),
    *("account_reauthenticate", "account_change_password"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
}

handler500 = "faza.ui.faults.broken"

urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("accounts/", include("faza.cabinet.account.urls")),
    path("accounts/", include([page for page in account_urls if page.name in OFFERED])),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("desk/", include("faza.desk.urls")),
    path("api/", include("faza.api.urls")),
    path("m/", include("faza.mobile.urls")),
    path("s/", include("faza.cabinet.share.urls")),
    path("", include("faza.watch.urls")),
    path("", include("faza.api.oauth.urls")),
    path("", include("faza.cabinet.urls")),
]

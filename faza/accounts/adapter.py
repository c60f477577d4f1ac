"""What allauth asks about accounts: mails go to the outbox, attempts into the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faza.accounts import card, links, mails, secrets, services, texts
from faza.accounts.browsers import name_of
from faza.accounts.models import SignIn, User
from faza.audit.middleware import network_address

STAFF = frozenset({User.Role.OPERATOR, User.Role.ADMINISTRATOR, User.Role.AUDITOR})
NOWHERE = "0.0.0.0"  # noqa: S104  # what is kept where a request has no address, as on a socket


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in, passwords, addresses."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The address and the password do not go together."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
        "too_many_login_attempts": _(
            "There were too many attempts. Try again in five minutes, or set a new password."
        ),
        "rate_limited": _("There were too many attempts. Try again in a few minutes."),
        "email_taken": _("This address cannot be taken. Choose another one."),
        "same_as_current": _("This is your address already."),
        "incorrect_code": _("This code does not fit, or it has been used already."),
    }

    def is_open_for_signup(self, request: HttpRequest | None) -> bool:
        """Open once both texts are published. Source: design/rules.md, Personal data."""
        return texts.is_registration_open()

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address as the trail knows it; of what proxies say only the trusted count."""
        return network_address(request) or NOWHERE

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under FAZA_URL: a link of a mail never follows the Host of whoever asked for it."""
        return links.password_from_key(key)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Put a mail into the outbox; nothing here talks to a mail server."""
        user = context.get("user") or self._user_of(email)
        mails.tell(
            template_prefix,
            user=user,
            address=email,
            context=context,
            browser=self._browser(),
            came_from=network_address(self.request),
            at=timezone.now(),
        )

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """Send the link that proves an address."""
        address = emailconfirmation.email_address
        if address.user_id:
            services.send_confirmation(user=address.user, at=timezone.now())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One counter for an address, under whichever of the allowed names Faza is asked."""
        return str(credentials.get("email") or "").strip().lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt. Raises ValidationError where there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._record(SignIn.Outcome.LOCKED, email=credentials.get("email"))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Keep a refused attempt."""
        self._record(SignIn.Outcome.WRONG_PASSWORD, email=credentials.get("email"))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Say that access is closed to whoever knows the password."""
        self._record(SignIn.Outcome.INACTIVE, user=user)
        return super().respond_user_inactive(request, user)

    def respond_email_verification_sent(
        self, request: HttpRequest, user: User | None
    ) -> HttpResponse:
        """Say that the address waits to be proven to whoever knows the password."""
        self._record(SignIn.Outcome.UNCONFIRMED, user=user)
        return super().respond_email_verification_sent(request, user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The staff's day begins at the desk, everybody else's in the cabinet."""
        works = isinstance(request.user, User) and request.user.role in STAFF
        return reverse("desk:home") if works else super().get_login_redirect_url(request)

    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        """Keep the sign-in, speak the person's language."""
        response = super().post_login(request, user, **told)
        self._record(SignIn.Outcome.DONE, user=user, method=_method(request))
        speak(response, user.language)
        return response

    def _record(
        self,
        outcome: SignIn.Outcome,
        *,
        user: User | None = None,
        email: str | None = None,
        method: str = "",
    ) -> None:
        services.record_sign_in(
            outcome=outcome,
            user=user or self._user_of(email or ""),
            address=network_address(self.request),
            browser=self._browser(),
            method=method,
            at=timezone.now(),
        )

    def _browser(self) -> str:
        return name_of(self.request.META.get("HTTP_USER_AGENT", ""))

    @staticmethod
    def _user_of(email: str) -> User | None:
        return User.objects.filter(email=email.strip().lower()).first()


class SecondFactorAdapter(DefaultMFAAdapter):
    """Codes and passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code does not fit, or it has been used already."),
    }

    def encrypt(self, text: str) -> str:
        """Secrets do not lie open in the database."""
        return secrets.closed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        """The name that stands beside the code in the person's app."""
        return self._get_site_name()

    def _get_site_name(self) -> str:
        known = card.current()
        return known.name if known else "Faza"


def speak(response: HttpResponse, language: str) -> None:
    """Have the browser ask for pages in a language, as the language switch does."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _method(request: HttpRequest) -> str:
    """How a person signed in: `password`, `password+totp`, `webauthn`."""
    done = request.session.get("account_authentication_methods", [])
    names = [one.get("type") or one.get("method", "") for one in done]
    return "+".join(dict.fromkeys(filter(None, names)))

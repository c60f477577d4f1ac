"""All settings: values from the environment with safe defaults; docs/reference lists them.

Rules of the business do not live here: they are constants in `rules.py` or dated rows.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from faza.cli import environment
from faza.core import logs

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
PACKAGE = Path(__file__).resolve().parent
TOLD = environment.told(os.environ)  # with what stands in files
HOME = Path(TOLD.get("FAZA_HOME", "var")).resolve()
LOOKING = TOLD.get("ONLY_LOOK_AT_FAZA") == "1"  # nothing is to be made then
if not LOOKING:
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)


def _secret_key(file: Path) -> str:
    """The key kept in a file that only the owner reads; made at the first start."""
    if LOOKING and not file.exists():
        return secrets.token_urlsafe(64)
    if not file.exists():
        handle, fresh = tempfile.mkstemp(dir=file.parent)  # mode 0600
        with open(handle, "w") as out:
            out.write(secrets.token_urlsafe(64))
        # Of two processes that start at once one key wins, and it is never seen half written.
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)
        os.unlink(fresh)
    return file.read_text().strip()


def _database(url: str) -> dict[str, Any]:
    """Django's settings for sqlite:///path or postgres://user:password@host:port/name?option=value.

    Parts may be percent-encoded; `?host=/run/postgresql` names a socket's folder.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")) or str(HOME / "faza.sqlite3"),
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS},
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL: {parts.scheme}:// is neither sqlite:// nor postgres://")
    # Compiling the questions of a page took longer than answering them, with 5,000 points.
    options.setdefault("options", "-c jit=off")
    # A machine that has vanished says nothing: nobody waits for it for minutes.
    options.setdefault("connect_timeout", "5")
    options.setdefault("tcp_user_timeout", "30000")  # milliseconds; libpq 12
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


# Where it runs
URL = TOLD.get("FAZA_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = URL.startswith("https://")
PROXIES = int(TOLD.get("FAZA_PROXIES", "0"))  # trusted reverse proxies in front
DEBUG = TOLD.get("FAZA_DEBUG") == "1"
SECRET_KEY = TOLD.get("FAZA_SECRET_KEY") or _secret_key(HOME / "secret-key")
# It closes passwords and keys of meters: the first of several, all of them open.
BACKUP_KEY = TOLD.get("FAZA_BACKUP_KEY", "")
METER_KEY = TOLD.get("FAZA_METER_KEY") or _secret_key(HOME / "meter-key")
# What others send: a folder that is watched, a broker's and a mailbox's address; empty is none.
INBOX, MQTT = TOLD.get("FAZA_INBOX", ""), TOLD.get("FAZA_MQTT", "")
IMAP_URL = TOLD.get("FAZA_IMAP_URL", "")
# Web Push: off without somebody whom push services may write to (mailto: or https:).
PUSH_CONTACT = TOLD.get("FAZA_PUSH_CONTACT", "")
PUSH_KEY = TOLD.get("FAZA_PUSH_KEY") or (_secret_key(HOME / "push-key") if PUSH_CONTACT else "")
# Who knows it is told the figures of /metrics; without one only this machine is.
METRICS_TOKEN = TOLD.get("FAZA_METRICS_TOKEN", "")
PUSH_SERVICES = tuple(
    TOLD.get(
        "FAZA_PUSH_SERVICES",
        "fcm.googleapis.com,*.push.services.mozilla.com,*.notify.windows.com,*.push.apple.com",
    ).split(",")
)
EXCEPTION_HOURS = int(TOLD.get("FAZA_EXCEPTION_HOURS", "48"))
ALLOWED_HOSTS = TOLD.get("FAZA_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ALLOWED_HOSTS.append(urlsplit(URL).hostname or "localhost")
DATABASES = {"default": _database(TOLD.get("DATABASE_URL", "sqlite:///"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counters of refused sign-ins have to be common to all processes.
_FILES = "faza.accounts.cache.SharedCache"
CACHES = {
    "default": {"BACKEND": _FILES, "LOCATION": HOME / "cache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}
# console:, smtp://user:password@host:port (STARTTLS where there is a user) or smtps://...
_MAIL = urlsplit(TOLD.get("FAZA_EMAIL_URL", "console:"))
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL.scheme.removesuffix('s')}.EmailBackend"
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp" and bool(_MAIL.username)
EMAIL_HOST = _MAIL.hostname or "localhost"
EMAIL_PORT = _MAIL.port or (465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_TIMEOUT = 20  # seconds for one answer of the mail server
DEFAULT_FROM_EMAIL = SERVER_EMAIL = TOLD.get("FAZA_EMAIL_FROM", "faza@localhost")

# Rooms stand before packages: their templates take the place of the packages' own.
INSTALLED_APPS = [
    *("faza.audit", "faza.jobs", "faza.outbox", "faza.accounts", "faza.metering"),
    *("faza.events", "faza.tariffs"),
    *(
        "faza.readings",
        "faza.contracts",
        "faza.charges",
        "faza.ui",
        "faza.collection",
        "faza.cases",
        "faza.reports",
        "faza.manual_entry",
    ),
    "faza.notifications",
    *("faza.cabinet", "faza.desk", "faza.api", "faza.mobile", "faza.watch"),
    *("faza.demo", "faza.bench"),
    *(f"django.contrib.{app}" for app in ("auth", "contenttypes", "sessions", "messages")),
    *("django.contrib.humanize", "django.contrib.staticfiles", "django.forms"),
    *("allauth", "allauth.account", "allauth.mfa", "allauth.usersessions"),
    *("django_tables2", "django_filters"),
    *("csp", "django_htmx", "django_vite", "template_partials"),
]
MIDDLEWARE = [
    "faza.watch.middleware.Watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "faza.ui.middleware.PackedPages",
    "faza.ui.middleware.NoNul",
    "faza.ui.camera.Permissions",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "faza.audit.middleware.Actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "faza.cabinet.doorstep.Doorstep",
]
_CONTEXT = [
    *("template.context_processors.request", "template.context_processors.i18n"),
    *("contrib.auth.context_processors.auth", "contrib.messages.context_processors.messages"),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [f"django.{name}" for name in _CONTEXT]},
    }
]
ROOT_URLCONF = "faza.urls"

# Time and language
USE_TZ = True
TIME_ZONE = "Europe/Moscow"
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
FILTERS_EMPTY_CHOICE_LABEL = _("all")
LOCALE_PATHS = [PACKAGE / "locale"]

# Static files: from the source tree, or collected and compressed where FAZA_STATIC_ROOT is given.
STATIC_URL = "/static/"
STATIC_ROOT = TOLD.get("FAZA_STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
_PACKED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PACKED if STATIC_ROOT else _PLAIN},
}
_MANIFEST = PACKAGE / "ui/static/ui/dist/.vite/manifest.json"
DJANGO_VITE = {"default": {"manifest_path": _MANIFEST, "static_url_prefix": "ui/dist"}}

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator", "OPTIONS": options}
    for name, options in (
        *(("UserAttributeSimilarity", {"user_attributes": ("email", "full_name")}),),
        *(("MinimumLength", {"min_length": 10}), ("CommonPassword", {})),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "cabinet:home"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "faza.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # scanners of mail follow links
ACCOUNT_CHANGE_EMAIL = ACCOUNT_EMAIL_NOTIFICATIONS = ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = None  # the person ticks «Запомнить меня»
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/m/ip,5/5m/key",
    "signup": "10/m/ip",
    "reset_password": "10/m/ip,3/10m/key",
    "confirm_email": "10/m/ip,1/m/key",
    # Of links and of OAuth only what is refused is counted.
    **dict.fromkeys(("share", "oauth"), "30/m/ip"),
}
ACCOUNT_FORMS = {"reset_password": "faza.accounts.forms.ResetPassword"}
MFA_ADAPTER = "faza.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # for http://localhost, which browsers trust
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

# Security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [URL]
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whether all subdomains of the operator's domain speak https is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# nosniff, referrer and opener same-origin, no frames: Django's defaults already.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **dict.fromkeys(("script-src", "style-src", "img-src", "font-src"), [SELF]),
        **dict.fromkeys(("connect-src", "manifest-src"), [SELF]),
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# One line for what would come as often as somebody likes.
_QUIET = "django.utils.log.CallbackFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": logs.Line}, "json": {"()": logs.Json}},
    "filters": {
        "host": {"()": _QUIET, "callback": logs.without_trace},
        "outage": {"()": _QUIET, "callback": logs.without_outage},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": TOLD.get("FAZA_LOG_FORMAT", "text"),
        },
    },
    "loggers": {
        "django.security.DisallowedHost": {"filters": ["host"]},
        "django.request": {"filters": ["outage"]},
        "paramiko": {"level": "WARNING"},
        "oauthlib": {"level": "WARNING"},  # it tells secrets when asked for more
    },
    "root": {"handlers": ["stderr"], "level": TOLD.get("FAZA_LOG", "INFO")},
}

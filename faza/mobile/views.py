"""The shell of the mobile client, its manifest and its service worker.

They are the same for everybody and hold nothing personal; data come by the API alone.
"""

from __future__ import annotations

import json

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from faza import __version__
from faza.mobile.built import BADGE, FAVICON, ICONS, TOUCH, built

LIGHT, DARK = "#f7f8fa", "#0d1014"
"""The ground of tokens.css, for the bars of the phone."""
SIZES = ("192x192", "512x512")


@csp_update({"img-src": ["blob:"], "worker-src": [SELF]})
@cache_control(no_cache=True)
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The page that the scripts draw everything into. Photos are looked at before they are sent."""
    told = {"built": built(), "version": __version__, "light": LIGHT, "dark": DARK}
    pictures = {"favicon": FAVICON, "touch": TOUCH}
    return render(request, "mobile/shell.html", told | pictures)


@cache_control(no_cache=True)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to install the client (W3C Web Application Manifest)."""
    start = reverse("mobile:home")
    told = {
        "id": start,
        "name": _("Faza: metering"),
        "short_name": _("Faza"),
        "description": _("Consumption, readings and notices of your usage points."),
        "lang": request.LANGUAGE_CODE,
        "dir": "ltr",
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "orientation": "any",
        "background_color": LIGHT,
        "theme_color": LIGHT,
        "categories": ["utilities"],
        "icons": [
            {"src": static(file), "sizes": size, "type": "image/png", "purpose": purpose}
            for purpose, files in ICONS.items()
            for file, size in zip(files, SIZES, strict=True)
        ],
        "shortcuts": [
            {"name": _("Enter readings"), "url": f"{start}#/entry"},
            {"name": _("Consumption history"), "url": f"{start}#/history"},
        ],
    }
    text = json.dumps(told, ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/manifest+json")


@cache_control(no_cache=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, preceded by what it is to keep: another build is another worker."""
    found = built()
    shell_at = reverse("mobile:home")
    kept = {
        "version": found.version,
        "shell": shell_at,
        "files": [*found.files, reverse("mobile:manifest")],
        "icon": static(ICONS["any"][0]),
        "badge": static(BADGE),
    }
    text = f"self.BUILT = {json.dumps(kept)};\n{found.worker}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")

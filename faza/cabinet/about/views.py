from __future__ import annotations

import platform

import django
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza import __version__
from faza.accounts import card
from faza.cabinet.about import packages
from faza.core import software


@require_safe
@login_required
def about(request: HttpRequest) -> HttpResponse:
    """Version, licences, and the fingerprint of the significant part as it lies here now."""
    parts = software.present()
    whole, each = software.fingerprints(parts)
    told = {
        "version": __version__,
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
        "card": card.current(),
        "whole": whole,
        "parts": [(part, _(part.words), found) for part, found in each.items()],
        "command": software.command(parts),
        "packages": packages.of_python(),
        "front_end": packages.of_the_front_end(),
    }
    return render(request, "cabinet/about/about.html", told)

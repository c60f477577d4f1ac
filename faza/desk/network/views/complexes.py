"""What is changed of a complex that stands: its role, transformers and ratios."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from faza.contracts import access
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network.finding import complex_of, who_and_when
from faza.desk.network.forms import ComplexForm
from faza.metering import services as metering
from faza.metering.models import MeteringComplex
from faza.readings import installation
from faza.ui.standing import ratio_words


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a complex; ratios only while nothing was read by them."""
    user, at = who_and_when(request)
    held = complex_of(user, pk, at=at)
    transformers = list(held.transformers.all())
    initial = {
        "role": held.role,
        "transformers": transformers,
        "ct": ratio_words(held.ct_ratio, transformers),
        "vt": ratio_words(held.vt_ratio, transformers),
    }
    reachable = access.transformers_of(user, at=at)
    form = ComplexForm(request.POST or None, initial=initial, reachable=reachable)
    back = reverse("desk:point", args=[held.usage_point.code])
    if form.is_valid():
        told = form.cleaned_data
        role = MeteringComplex.Role(told["role"])
        control_of = held.control_of if role == MeteringComplex.Role.CONTROL else None
        try:
            with transaction.atomic():
                installation.correct_ratios(
                    installed=held, ct=told["ct"], vt=told["vt"],
                    transformers=told["transformers"], at=at, by=user,
                )  # fmt: skip
                metering.change_role(
                    installed=held, role=role, control_of=control_of, at=at, by=user
                )
        except installation.HasReadings:
            words = _(
                "Readings were counted by the ratio that stands. A ratio that changed one day is"
                " recorded as a replacement; one that was wrong from the start needs the"
                " readings counted anew."
            )
            form.add_error("ct", words)
        except metering.AnotherInstalled:
            form.add_error("role", _("Another billing meter stands there at that time."))
        else:
            messages.success(request, _("The changes are kept."))
            return redirect(back)
    page = {
        "title": _("Complex of %(name)s") % {"name": held.usage_point.name},
        "lead": _("Meter No. %(number)s: role, transformers and ratios.")
        % {"number": held.meter.number},
        "submit": _("Keep the changes"),
        "back": back,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/form.html", page, status=status)

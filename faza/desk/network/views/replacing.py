"""The wizard that puts in, replaces and takes away a meter, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network import counted, stepping
from faza.desk.network.finding import point_of, who_and_when
from faza.desk.network.heard import last_shown
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel, UsagePoint
from faza.readings import installation, replacement, services
from faza.readings.models import Source
from faza.ui import formats

WORDS: dict[str, str | Promise] = {
    "when": gettext_lazy("What and when"),
    "closing": gettext_lazy("Closing reading"),
    "meter": gettext_lazy("New meter"),
    "opening": gettext_lazy("Opening reading and ratio"),
    "check": gettext_lazy("Check"),
}
REFUSED: dict[type[Exception], str | Promise] = {
    replacement.ReadAfterwards: gettext_lazy(
        "The meter has readings after that moment: it was still there. Check the date."
    ),
    replacement.BeforeInstalled: gettext_lazy("The meter came later than that. Check the date."),
    replacement.NothingInstalled: gettext_lazy("No meter stood there then. Check the date."),
    replacement.ReplacedOtherwise: gettext_lazy(
        "For this very moment another replacement is recorded already."
    ),
    metering.AnotherInstalled: gettext_lazy("Another meter stands there for some of that time."),
    metering.MeterElsewhere: gettext_lazy("The new meter stands somewhere else at that time."),
    metering.NotInstalled: gettext_lazy("The meter does not stand there at that moment."),
}


@dataclass(frozen=True, slots=True)
class Wizard:
    """What is being done at a point: the steps, and the forms of what was typed so far."""

    point: UsagePoint
    standing: MeteringComplex | None
    user: User
    at: datetime
    data: QueryDict | None
    is_removal: bool

    @property
    def what(self) -> str:
        """Another meter, or other transformers with the same one."""
        asked = self.data.get("when-what") if self.data else None
        same = asked == stepping.RATIO and self.has_choice
        return stepping.RATIO if same else stepping.ANOTHER

    @property
    def has_choice(self) -> bool:
        """Whether the meter may stay and its transformers change."""
        is_replaced = self.standing is not None and not self.is_removal
        return is_replaced and counted.is_electric(self.point.resource)

    @property
    def steps(self) -> list[str]:
        if self.is_removal:
            return ["when", "closing", "check"]
        if self.standing is None:
            return ["when", "meter", "opening", "check"]
        if self.what == stepping.RATIO:
            return ["when", "closing", "opening", "check"]
        return ["when", "closing", "meter", "opening", "check"]

    def form(self, step: str, *, is_bound: bool) -> forms.Form:
        """The form of a step; unbound it shows what was typed there before."""
        told: dict[str, Any] = {"prefix": step, "data": self.data if is_bound else None}
        if not is_bound and self.data is not None:
            start = f"{step}-"
            told["initial"] = {
                name.removeprefix(start): value
                for name, value in self.data.items()
                if name.startswith(start)
            }
        match step:
            case "when":
                since = self.standing.valid_from if self.standing else None
                return stepping.WhenForm(
                    zone=self.point.zone, at=self.at, since=since, is_choice=self.has_choice,
                    **told,
                )  # fmt: skip
            case "closing":
                assert self.standing is not None
                return stepping.ClosingForm(
                    model=self.standing.meter.model, resource=self.point.resource, **told
                )
            case "meter":
                reachable = access.meters_of(self.user, at=self.at)
                points = access.worked_points_of(self.user, at=self.at)
                return stepping.NewMeterForm(
                    reachable=reachable, points=points, resource=self.point.resource, **told
                )
            case "opening":
                if not told.get("initial") and not is_bound:
                    told["initial"] = self._ratios()
                return stepping.OpeningForm(
                    model=self._model(), resource=self.point.resource,
                    is_read=self.what == stepping.ANOTHER,
                    reachable=access.transformers_of(self.user, at=self.at), **told,
                )  # fmt: skip
        return forms.Form(**told)

    def _ratios(self) -> dict[str, Any]:
        """Transformers and ratios as they stand: with another meter they mostly stay."""
        if self.standing is None:
            return {}
        kept = list(self.standing.transformers.all())
        told: dict[str, Any] = {"transformers": ", ".join(one.number for one in kept)}
        for name, ratio in (("ct", self.standing.ct_ratio), ("vt", self.standing.vt_ratio)):
            if ratio != 1 and not any(one.kind == name.upper() for one in kept):
                told[name] = f"{ratio.numerator}/{ratio.denominator}"
        return told

    def _model(self) -> MeterModel | None:
        if self.what == stepping.RATIO and self.standing is not None:
            return self.standing.meter.model
        number = self.data.get("meter-model", "") if self.data else ""
        is_number = number.isascii() and number.isdecimal() and len(number) < 19
        return MeterModel.objects.filter(pk=number).first() if is_number else None


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def replace(request: HttpRequest, code: str) -> HttpResponse:
    """Replace the meter of a point or its ratio; where none stands, put one in."""
    return _step(request, code, is_removal=False)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def take_away(request: HttpRequest, code: str) -> HttpResponse:
    """Take away the meter of a point; none comes in its place."""
    return _step(request, code, is_removal=True)


def _step(request: HttpRequest, code: str, *, is_removal: bool) -> HttpResponse:
    user, at = who_and_when(request)
    point = point_of(user, code, at=at)
    standing = (
        MeteringComplex.objects.billing()
        .filter(usage_point=point, valid_to=None)
        .select_related("meter__model")
        .first()
    )
    if is_removal and standing is None:
        raise Http404("no meter stands there")
    data = request.POST if request.method == "POST" else None
    wizard = Wizard(point, standing, user, at, data, is_removal)
    if data is None:
        return _page(request, wizard, "when", wizard.form("when", is_bound=False), {})
    asked = data.get("step", "")
    now = wizard.steps.index(asked) if asked in wizard.steps else 0
    if "back" in data:
        step = wizard.steps[max(0, now - 1)]
        return _page(request, wizard, step, wizard.form(step, is_bound=False), {})
    told: dict[str, Any] = {}
    for step in wizard.steps[: now + 1]:
        form = wizard.form(step, is_bound=True)
        if not form.is_valid():
            return _page(request, wizard, step, form, told, status=422)
        told[step] = form.cleaned_data
    if asked == "check":
        problem = _do(wizard, told)
        if problem is None:
            messages.success(request, _said(wizard))
            return redirect("desk:point", point.code)
        form = wizard.form("check", is_bound=True)
        form.add_error(None, str(problem))
        return _page(request, wizard, "check", form, told, status=422)
    step = wizard.steps[now + 1]
    return _page(request, wizard, step, wizard.form(step, is_bound=False), told)


def _do(wizard: Wizard, told: Mapping[str, Any]) -> str | Promise | None:
    """Do what was told; why not, where it is refused, and then nothing is done."""
    moment = told["when"]["moment"]
    common: dict[str, Any] = {
        "source": services.get_source(Source.Kind.MANUAL), "at": wizard.at, "by": wizard.user,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if wizard.is_removal:
                assert wizard.standing is not None
                installation.take_away(
                    installed=wizard.standing, removed_at=moment,
                    closing=told["closing"]["shown"], **common,
                )  # fmt: skip
                return None
            opening = told["opening"]
            common |= {name: opening[name] for name in ("ct", "vt", "transformers")}
            meter = _meter(wizard, told)
            if wizard.standing is None:
                installation.install_meter(
                    usage_point=wizard.point, meter=meter, installed_at=moment,
                    opening=opening["shown"], **common,
                )  # fmt: skip
                return None
            closing = told["closing"]["shown"]
            same = wizard.what == stepping.RATIO
            replacement.replace_meter(
                usage_point=wizard.point, meter=meter, replaced_at=moment, closing=closing,
                opening=closing if same else opening["shown"], **common,
            )  # fmt: skip
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    return None


def _meter(wizard: Wizard, told: Mapping[str, Any]) -> Meter:
    if wizard.what == stepping.RATIO:
        assert wizard.standing is not None
        return wizard.standing.meter
    meter: Meter = told["meter"]["meter"]
    if meter.pk is None:
        metering.add_meter(meter, at=wizard.at, by=wizard.user)
    return meter


def _said(wizard: Wizard) -> str:
    if wizard.is_removal:
        return _("The meter is taken away; its closing reading is kept.")
    if wizard.standing is None:
        return _("The meter is put in.")
    return _("The replacement is recorded with both readings.")


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    old: str
    new: str


def _facts(wizard: Wizard, told: Mapping[str, Any]) -> list[Fact]:
    """What was and what will be, to be checked before it is done."""
    found = []
    closing = told.get("closing", {}).get("shown", {})
    opening = told.get("opening", {})
    standing = wizard.standing
    if standing and not wizard.is_removal and wizard.what == stepping.ANOTHER:
        meter = told["meter"]["meter"]
        found.append(Fact(_("Meter"), f"{standing.meter.model} № {standing.meter.number}",
                          f"{meter.model} № {meter.number}"))  # fmt: skip
    elif not standing:
        meter = told["meter"]["meter"]
        found.append(Fact(_("Meter"), formats.DASH, f"{meter.model} № {meter.number}"))
    else:
        name = f"{standing.meter.model} № {standing.meter.number}"
        found.append(Fact(_("Meter"), name, formats.DASH if wizard.is_removal else name))
    if opening and counted.is_electric(wizard.point.resource):
        old = standing.ratio if standing else None
        new: Fraction = opening["ct"] * opening["vt"]
        found.append(Fact("K", formats.DASH if old is None else str(old), str(new)))
    begun = closing if wizard.what == stepping.RATIO else opening.get("shown", {})
    for number in sorted({*closing, *begun}):
        found.append(
            Fact(
                f"{counted.words(number)}, {counted.unit(number)}",
                _shown(wizard, number, closing),
                _shown(wizard, number, begun),
            )
        )
    return found


def _shown(wizard: Wizard, register: int, shown: Mapping[int, int]) -> str:
    places = counted.places(wizard.point.resource)
    return formats.number(counted.read(register, shown.get(register)), places)


def _warnings(wizard: Wizard, told: Mapping[str, Any]) -> list[str]:
    """What is not plausible; it is said, and nothing is refused for it."""
    windows = access.windows_of(wizard.user, at=wizard.at, points=[wizard.point.pk])
    last = last_shown(windows, at=wizard.at).get(wizard.point.pk)
    resource = wizard.point.resource
    main = counted.main(resource)
    closing = counted.read(main, told.get("closing", {}).get("shown", {}).get(main))
    if last is None or closing is None or closing >= last[0]:
        return []
    words = _("The closing reading is less than the last one read: %(shown)s on %(day)s.")
    shown = formats.number(last[0], counted.places(resource))
    return [words % {"shown": shown, "day": formats.day(last[1].date())}]


def _page(
    request: HttpRequest, wizard: Wizard, step: str, form: forms.Form, told: Mapping[str, Any], *,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    here = f"{step}-"
    sent = wizard.data.lists() if wizard.data else ()
    kept = [
        (name, value)
        for name, values in sent
        for value in values
        if "-" in name and not name.startswith(here)
    ]
    place = wizard.steps.index(step)
    if wizard.is_removal:
        title = _("Take away the meter")
    else:
        title = _("Replace the meter") if wizard.standing else _("Put in a meter")
    page = {
        "title": title,
        "point": wizard.point,
        "standing": wizard.standing,
        "step": step,
        "steps": [
            (WORDS[name], "done" if number < place else "now" if name == step else "")
            for number, name in enumerate(wizard.steps)
        ],
        "form": form,
        "kept": kept,
        "is_first": place == 0,
        "is_last": step == "check",
        "back": reverse("desk:point", args=[wizard.point.code]),
    }
    if step == "check":
        page |= {
            "facts": _facts(wizard, told),
            "warnings": _warnings(wizard, told),
            "moment": told["when"]["moment"],
        }
    return render(request, "desk/network/replace.html", page, status=status)

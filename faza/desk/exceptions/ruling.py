"""«Правила»: what validation looks for, what each rule does, and where it is set otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk.board import parts
from faza.desk.doors import needs
from faza.desk.exceptions import words
from faza.desk.forms import DeskForm
from faza.desk.network.finding import node_of, who_and_when
from faza.metering import rules as metering
from faza.metering.models import NetworkNode
from faza.readings.models import RuleSetting
from faza.readings.validation import PARAMETERS, RULES
from faza.readings.validation.shapes import Rule
from faza.readings.vee import ruling as services
from faza.ui import formats
from faza.ui.periods import Choice

FAR_BACK = timedelta(days=1100)
"""Further back nobody looks again: what is billed is closed by then."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as it holds at a place. own: it is set there; where: the place above it is set at,
    "" for everywhere, None where nobody set it."""

    rule: Rule
    title: str
    explains: str
    is_on: bool
    effect: int
    parameters: Mapping[str, float]
    is_own: bool
    where: str | None
    url: str

    @property
    def effect_words(self) -> str:
        return str(words.EFFECTS[self.effect])

    @property
    def css(self) -> str:
        return words.EFFECTS_CSS[self.effect]

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        """Parameters: words, value, whether it is other than the default."""
        return [
            (_(PARAMETERS[name]), _number(value), value != self.rule.parameters[name])
            for name, value in self.parameters.items()
        ]


def _number(value: float) -> str:
    return formats.number(value, 0 if float(value).is_integer() else 1)


def _place(user: User, asked: str, at: datetime) -> NetworkNode | None:
    """The place that an address names. Raises Http404 for one out of reach."""
    return node_of(user, asked, at=at) if asked else None


def _held(node: NetworkNode | None) -> dict[str, Shown]:
    """Each rule as it holds at a place; two queries at most."""
    chain = metering.chain(node.path) if node else []
    told = services.of_places(list(chain))
    names = dict(NetworkNode.objects.filter(pk__in=chain).values_list("pk", "name"))
    return {code: _shown(rule, told, list(chain), names, node) for code, rule in RULES.items()}


def _shown(
    rule: Rule, told: Mapping[tuple[int | None, str], RuleSetting], chain: list[int],
    names: Mapping[int, str], node: NetworkNode | None,
) -> Shown:  # fmt: skip
    nearest = [key for key in (*reversed(chain), None) if (key, rule.code) in told]
    row = told[nearest[0], rule.code] if nearest else None
    given = row.parameters if row else {}
    own = node.pk if node else None
    query = f"?node={node.pk}" if node else ""
    return Shown(
        rule=rule,
        title=_(rule.title),
        explains=_(rule.explains),
        is_on=row is None or row.is_on,
        effect=int(rule.effect) if row is None or row.effect is None else row.effect,
        parameters={name: float(given.get(name, value)) for name, value in rule.parameters.items()},
        is_own=bool(nearest) and nearest[0] == own,
        where=None if not nearest else "" if nearest[0] is None else names[nearest[0]],
        url=reverse("desk:rule", args=[rule.code]) + query,
    )


@require_safe
@needs(Right.SEE_EXCEPTIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """All rules as they hold everywhere, or at the place that the address names."""
    user, at = who_and_when(request)
    node = _place(user, request.GET.get("node", ""), at)
    here = reverse("desk:rules")
    nodes = parts(user)
    if node is not None and node.pk not in {one.pk for one in nodes}:
        nodes = [*nodes, node]
    mine = access.nodes_of(user, at=at)
    others = RuleSetting.objects.filter(node__in=mine.values("id")).select_related("node")
    told = {
        "node": node,
        "shown": _held(node).values(),
        "places": [
            Choice(_("Everywhere"), here, node is None),
            *(Choice(one.name, f"{here}?node={one.pk}", node is not None and one.pk == node.pk)
              for one in nodes),
        ],
        "others": [
            (row, words.title(row.rule)) for row in others.order_by("node__name_key", "rule")[:200]
        ],
        "may_edit": may(user, Right.EDIT_RULES),
    }  # fmt: skip
    return render(request, "desk/exceptions/rules.html", told)


class RuleForm(DeskForm):
    """A rule at a place; `since`: from which day on data are looked at again."""

    is_on = forms.BooleanField(label=gettext_lazy("The rule is on"), required=False)
    effect = forms.TypedChoiceField(
        label=gettext_lazy("What it does to the values"), coerce=int,
        choices=lambda: list(words.EFFECTS.items()),
    )  # fmt: skip
    since = forms.DateField(
        label=gettext_lazy("Look again at the data since"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Validation works these days anew in the background: findings, doubts and estimates "
            "become what the rule now says; what people decided stays. Empty: only data that come "
            "from now on."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, shown: Shown, today: date, **kwargs: Any) -> None:
        self.today, self.shown = today, shown
        initial = {"is_on": shown.is_on, "effect": shown.effect, "since": today.replace(day=1)}
        initial |= {_field(name): value for name, value in shown.parameters.items()}
        super().__init__(*args, initial=initial, **kwargs)
        for name, default in shown.rule.parameters.items():
            self.fields[_field(name)] = forms.FloatField(
                label=_(PARAMETERS[name]), min_value=0, max_value=services.GREATEST,
                help_text=_("by default %(value)s") % {"value": _number(default)},
                widget=forms.NumberInput(attrs={"step": "any", "class": "form-control"}),
            )  # fmt: skip
        self.order_fields(["is_on", "effect", *map(_field, shown.parameters), "since"])

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since is not None and not self.today - FAR_BACK <= since <= self.today:
            raise forms.ValidationError(
                _("Three years back at most, and not later than today.")
            )  # fmt: skip
        return since

    @property
    def given(self) -> dict[str, float]:
        """The parameters as they were typed in."""
        return {name: self.cleaned_data[_field(name)] for name in self.shown.rule.parameters}


def _field(name: str) -> str:
    return f"of_{name}"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_RULES)
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """Set a rule at a place or everywhere."""
    user, at = who_and_when(request)
    if code not in RULES:
        raise Http404("no such rule")
    node = _place(user, request.GET.get("node", ""), at)
    shown = _held(node)[code]
    today = timezone.localdate(at)
    form = RuleForm(request.POST or None, shown=shown, today=today)
    back = reverse("desk:rules") + (f"?node={node.pk}" if node else "")
    if form.is_valid():
        told = form.cleaned_data
        effect = None if told["effect"] == shown.rule.effect else told["effect"]
        services.set_rule(
            node=node, rule=code, is_on=told["is_on"], effect=effect, parameters=form.given,
            by=user, at=at,
        )  # fmt: skip
        _look_again(request, node, told["since"], at)
        return redirect(back)
    page = {"form": form, "shown": shown, "node": node, "back": back}
    return render(
        request, "desk/exceptions/rule.html", page, status=422 if form.is_bound else 200
    )  # fmt: skip


def _look_again(
    request: HttpRequest, node: NetworkNode | None, since: date | None, at: datetime
) -> None:
    if since is None:
        messages.success(request, _("It is kept, and holds for data that come from now on."))
        return
    points = services.look_again(node, since, at=at)
    told = ngettext(
        "It is kept; data of %(n)s point since %(day)s are looked at again.",
        "It is kept; data of %(n)s points since %(day)s are looked at again.", points,
    )  # fmt: skip
    messages.success(request, told % {"n": formats.number(points), "day": formats.day(since)})


@require_POST
@needs(Right.EDIT_RULES)
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Let the setting of the place above, or the default, hold again; this month is looked at."""
    user, at = who_and_when(request)
    if code not in RULES:
        raise Http404("no such rule")
    node = _place(user, request.GET.get("node", ""), at)
    if services.unset_rule(node=node, rule=code, by=user, at=at):
        _look_again(request, node, timezone.localdate(at).replace(day=1), at)
    return redirect(reverse("desk:rules") + (f"?node={node.pk}" if node else ""))

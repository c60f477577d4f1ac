"""What plates, certificates and passports of instruments say, as lines of a page and of a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faza.cabinet.meters import Due, due
from faza.core.reading_types import Commodity
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, MeterModel
from faza.ui import formats

ROLES = {
    MeteringComplex.Role.BILLING: gettext_lazy("Billing complex"),
    MeteringComplex.Role.CONTROL: gettext_lazy("Control complex"),
    MeteringComplex.Role.TECHNICAL: gettext_lazy("Technical complex"),
}
UNITS = {
    Commodity.ELECTRICITY.value: "kWh", Commodity.WATER.value: "m³", Commodity.GAS.value: "m³",
    Commodity.HEAT.value: "Gcal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A line: what it is, what is known of it (a dash where nothing), a word on it."""

    label: str
    text: str
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a title."""

    title: str
    facts: tuple[Fact, ...]


def known(value: object) -> str:
    return str(value) if value not in (None, "") else formats.DASH


def classes(model: MeterModel) -> str:
    """«0,5S / 1»: active, then reactive energy."""
    return " / ".join(one for one in (model.accuracy_active, model.accuracy_reactive) if one)


def interval(months: int | None) -> str:
    """How often an instrument is verified: «16 лет», «18 мес.»."""
    if not months:
        return formats.DASH
    if months % 12:
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return ngettext("%(n)s year", "%(n)s years", months // 12) % {"n": months // 12}


def current(model: MeterModel) -> str:
    """«5 (60) А»: nominal, and the greatest in brackets."""
    if model.nominal_current is None and model.max_current is None:
        return formats.DASH
    nominal = _short(model.nominal_current, 1000)
    greatest = f" ({_short(model.max_current, 1000)})" if model.max_current else ""
    return f"{nominal}{greatest}{formats.NBSP}{_('A')}"


def voltage(model: MeterModel) -> str:
    """«3 × 57,7/100 В» as plates say it; one phase has the voltage to neutral alone."""
    if model.nominal_voltage is None:
        return formats.DASH
    nominal = Decimal(model.nominal_voltage) / 10
    if model.phases == 1:
        return str(formats.quantity(nominal, "V", _places(nominal)))
    between = round(Decimal(model.nominal_voltage) / 10 * Decimal(3).sqrt())
    line = _usual(between)
    number = formats.number(nominal, _places(nominal))
    return f"3{formats.NBSP}×{formats.NBSP}{number}/{line}{formats.NBSP}{formats.unit_name('V')}"


def _usual(between: int) -> int:
    """The usual name of a voltage between phases: 398 V is called 400, 100.5 is 100."""
    usual = (100, 110, 173, 220, 230, 380, 400, 660, 690)
    return min((one for one in usual if abs(one - between) <= between * 0.01), default=between)


def register(model: MeterModel, resource: str) -> str:
    """How a register is shown: «000000,00 кВт·ч», whole digits and decimals."""
    # `digits` are those before the point: it rolls over at 10 ** digits kWh.
    point = formats.number(Decimal("0.5"), 1)[1]
    shown = "0" * model.digits + (point + "0" * model.decimals if model.decimals else "")
    return f"{shown}{formats.NBSP}{formats.unit_name(UNITS.get(resource, 'kWh'))}"


def of_model(model: MeterModel, resource: str) -> Group:
    """What the type of a meter is; of water, gas and heat without what only electricity has."""
    if resource != Commodity.ELECTRICITY:
        return Group(
            _("Type"),
            (
                Fact(_("Type"), model.name),
                Fact(_("Manufacturer"), known(model.manufacturer)),
                Fact(_("Accuracy class"), known(classes(model))),
                Fact(_("Digits of a register"), register(model, resource)),
                Fact(_("Type approval"), known(model.type_approval)),
            ),
        )
    phases = ngettext("%(n)s phase", "%(n)s phases", model.phases) % {"n": model.phases}
    constant = formats.DASH
    if model.constant:
        constant = _("%(n)s impulses per kWh") % {"n": formats.number(model.constant)}
    return Group(
        _("Type"),
        (
            Fact(_("Type"), model.name),
            Fact(_("Manufacturer"), known(model.manufacturer)),
            Fact(_("Accuracy class"), known(classes(model)), _("active / reactive energy")),
            Fact(_("Nominal voltage"), voltage(model)),
            Fact(_("Current, nominal (greatest)"), current(model)),
            Fact(_("Number of phases"), phases),
            Fact(_("Constant"), constant),
            Fact(_("Digits of a register"), register(model, resource)),
            Fact(_("Tariff registers"), known(model.tariffs)),
            Fact(_("Relay"), _("yes, supply can be limited") if model.has_relay else _("no")),
            Fact(_("Type approval"), known(model.type_approval)),
        ),
    )


def of_specimen(meter: Meter) -> Group:
    """What this very meter is."""
    return Group(
        _("This meter"),
        (
            Fact(_("Number"), meter.number),
            Fact(_("Year"), known(meter.made_in)),
            Fact(_("Firmware"), known(meter.firmware)),
            Fact(_("Interface"), known(meter.interface)),
            *(
                Fact(
                    _("Seal"), known(seal.get("number")),
                    " · ".join(filter(None, (_place(seal), _set_on(seal)))),
                )
                for seal in meter.seals
                if isinstance(seal, dict)
            ),
        ),
    )  # fmt: skip


def of_verification(
    one: Meter | InstrumentTransformer, months: int | None, *, today: date
) -> Group:
    """When an instrument was verified and until when that holds."""
    until = due(one.verification_due, today=today)
    return Group(
        _("Verification"),
        (
            Fact(_("Verification interval"), interval(months)),
            Fact(_("Last verification"), formats.day(one.verified_on)),
            Fact(_("Next verification"), *told_due(until)),
            Fact(_("Certificate"), known(one.certificate)),
        ),
    )


def told_due(until: Due | None) -> tuple[str, str, str]:
    """The end of a verification: its day, a word on it, its colour."""
    return (formats.day(until.day), until.words, until.kind) if until else (formats.DASH, "", "")


def _place(seal: dict[str, object]) -> str:
    return str(seal.get("place") or "")


def _set_on(seal: dict[str, object]) -> str:
    try:
        day = date.fromisoformat(str(seal.get("set_on")))
    except ValueError:
        return ""
    return _("set on %(day)s") % {"day": formats.day(day)}


def _short(value: int | None, by: int) -> str:
    if value is None:
        return formats.DASH
    exact = Decimal(value) / by
    return formats.number(exact, _places(exact))


def _places(value: Decimal) -> int:
    """So many decimals as it has, three at most."""
    exponent = value.normalize().as_tuple().exponent
    return min(3, max(0, -int(exponent)))

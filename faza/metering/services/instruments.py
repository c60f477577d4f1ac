from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from django.db import transaction

from faza.accounts.models import User
from faza.metering import rules
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, MeterModel, Verified
from faza.metering.services import editing
from faza.metering.services.refusals import InUse

V = TypeVar("V", bound=Verified)

OF_VERIFICATION = ("made_in", "verified_on", "verification_due", "certificate")
OF_METER = ("model", "number", "firmware", "interface", "seals", *OF_VERIFICATION)
OF_MODEL = (
    *("name", "manufacturer", "phases", "accuracy_active", "accuracy_reactive"),
    *("nominal_voltage", "nominal_current", "max_current", "constant", "digits", "decimals"),
    *("tariffs", "has_relay", "type_approval", "verification_interval"),
)
OF_TRANSFORMER = (
    *("kind", "type_name", "number", "phase", "ratio_numerator", "ratio_denominator"),
    *("accuracy", "type_approval", "verification_interval", *OF_VERIFICATION),
)


@transaction.atomic
def add_meter_model(model: MeterModel, *, at: datetime, by: User | None = None) -> MeterModel:
    """Store a new type of meter. Raises ValidationError if a field says what cannot be."""
    return editing.add(model, "metering.meter_model.added", at=at, by=by, told=OF_MODEL)


@transaction.atomic
def change_meter_model(model: MeterModel, *, at: datetime, by: User | None = None) -> MeterModel:
    """Keep what a type of meter has been given.

    Raises ValidationError if a field says what cannot be, InUse if the digits of the register
    change while a meter of the type stands or stood somewhere: past consumption is counted by
    them.
    """
    held = editing.locked(model)
    if (held.digits, held.decimals) != (model.digits, model.decimals):
        _refuse_installed(MeteringComplex.objects.filter(meter__model=held), held)
    action = "metering.meter_model.changed"
    return editing.change(held, model, action, fields=OF_MODEL, at=at, by=by)


@transaction.atomic
def add_meter(meter: Meter, *, at: datetime, by: User | None = None) -> Meter:
    """Store a new meter, in stock until it is installed.

    Where no due day of the verification is told, it follows from the day and the type's interval.
    Raises ValidationError if a field says what cannot be.
    """
    _fill_due(meter, meter.model.verification_interval)
    return editing.add(meter, "metering.meter.added", at=at, by=by, told=OF_METER)


@transaction.atomic
def change_meter(meter: Meter, *, at: datetime, by: User | None = None) -> Meter:
    """Keep what a meter has been given: number, verification, certificate, seals.

    Raises ValidationError if a field says what cannot be, InUse if the type becomes one of other
    digits while the meter stands or stood somewhere.
    """
    held = editing.locked(meter)
    old, new = held.model, meter.model
    if (old.digits, old.decimals) != (new.digits, new.decimals):
        _refuse_installed(MeteringComplex.objects.filter(meter=held), held)
    _fill_due(meter, new.verification_interval)
    return editing.change(held, meter, "metering.meter.changed", fields=OF_METER, at=at, by=by)


@transaction.atomic
def add_transformer(
    transformer: InstrumentTransformer, *, at: datetime, by: User | None = None
) -> InstrumentTransformer:
    """Store a new instrument transformer, in stock until it is part of a complex.

    Raises ValidationError if a field says what cannot be.
    """
    _fill_due(transformer, transformer.verification_interval)
    action = "metering.transformer.added"
    return editing.add(transformer, action, at=at, by=by, told=OF_TRANSFORMER)


@transaction.atomic
def change_transformer(
    transformer: InstrumentTransformer, *, at: datetime, by: User | None = None
) -> InstrumentTransformer:
    """Keep what a transformer has been given.

    Raises ValidationError if a field says what cannot be, InUse if its kind or ratio changes
    while it is or was part of a complex: that complex's ratio was set from it.
    """
    held = editing.locked(transformer)
    if (held.kind, held.ratio) != (transformer.kind, transformer.ratio):
        _refuse_installed(MeteringComplex.objects.filter(transformers=held), held)
    _fill_due(transformer, transformer.verification_interval)
    return editing.change(
        held, transformer, "metering.transformer.changed", fields=OF_TRANSFORMER, at=at, by=by
    )


def _fill_due(instrument: Verified, months: int | None) -> None:
    if instrument.verified_on and months and not instrument.verification_due:
        verified: date = instrument.verified_on
        instrument.verification_due = rules.verification_due(verified, months)


def _refuse_installed(complexes: object, what: object) -> None:
    found = complexes.first()  # type: ignore[attr-defined]
    if found:
        raise InUse(f"{what}: complex {found.pk}")

"""Connections of many meters from a JSON list, as `faza collect --add FILE` takes them.

A list of objects, each of a meter that is known already by its number:

    {"number": "…", "model": "…", "driver": "dlms-wrapper", "host": "…", "port": 4059,
     "address": {…}, "plan": "…", "timeout": 10, "pause": 0, "position": 0,
     "credentials": {"client": 32, "mechanism": "lls", "password": "…"},
     "control": {"client": 48, "mechanism": "hls5", "encryption_key": "hex",
                 "authentication_key": "hex", "system_title": "hex"}}

`model` is needed where several models have the number, `plan` names a plan (the usual one if
absent, which is made), `credentials` and `control` may be the name of a set instead. Equal sets
are stored once. Other keys are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from faza.accounts.models import User
from faza.collection import secrets
from faza.collection.models import CollectionPlan, CredentialSet, Device, Line
from faza.collection.polling import services
from faza.collection.secrets import Secrets
from faza.metering.models import Meter

USUAL = "usual"


@dataclass(slots=True)
class Added:
    """What became of a list; problems are (number in the list from 0, words)."""

    made: int = 0
    changed: int = 0
    same: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


class _Wrong(Exception):
    """What is wrong with one entry, in words."""


def add(told: Any, *, at: datetime, by: User | None = None) -> Added:
    """Make or change the connections of a list; what is wrong is a problem, the rest is done.

    Adding the same again changes nothing.
    """
    done = Added()
    if not isinstance(told, Sequence) or isinstance(told, str | bytes):
        done.problems.append((0, "It is no list of connections."))
        return done
    for number, one in enumerate(told):
        try:
            with transaction.atomic():
                match _add(one, at, by):
                    case None:
                        done.same += 1
                    case True:
                        done.made += 1
                    case _:
                        done.changed += 1
        except _Wrong as problem:
            done.problems.append((number, str(problem)))
        except ValidationError as problem:
            done.problems.append((number, "; ".join(problem.messages)))
        except KeyError as problem:
            done.problems.append((number, f"{problem.args[0]!r} is missing."))
        except (TypeError, ValueError) as problem:
            done.problems.append((number, f"It is not understood: {problem}."))
    return done


def _add(one: Any, at: datetime, by: User | None) -> bool | None:
    """Whether the connection is new; None where it was there as it is."""
    if not isinstance(one, Mapping):
        raise _Wrong("It is no object.")
    meter = _meter(str(one["number"]), str(one.get("model") or ""))
    device = Device.objects.filter(meter=meter).first()
    before = _state(device)
    is_new = device is None
    device = device or Device(meter=meter)
    device.line = _line(one, at, by)
    device.driver, device.address = str(one["driver"]), dict(one.get("address", {}))
    device.position = int(one.get("position", device.position))
    if is_new or "plan" in one:
        device.plan = _plan(str(one.get("plan", USUAL)), at, by)
    device.credentials = _credentials(one.get("credentials"), at, by)
    device.control = _credentials(one.get("control"), at, by)
    if before == _state(device):
        return None
    services.keep_device(device, at=at, by=by)
    return is_new


def _state(device: Device | None) -> tuple[Any, ...] | None:
    if device is None:
        return None
    return (
        device.line_id, device.driver, device.address, device.position, device.plan_id,
        device.credentials_id, device.control_id,
    )  # fmt: skip


def _meter(number: str, model: str) -> Meter:
    found = list(Meter.objects.filter(number=number).select_related("model")[:2])
    if len(found) > 1 and model:
        found = list(Meter.objects.filter(number=number, model__name=model)[:2])
    if not found:
        raise _Wrong(f"Meter {number} is unknown; meters come with the import of the grid.")
    if len(found) > 1:
        raise _Wrong(f"Several meters have the number {number}; tell the model.")
    return found[0]


def _line(one: Mapping[str, Any], at: datetime, by: User | None) -> Line:
    host, port = str(one["host"]), int(one["port"])
    line = Line.objects.filter(host=host, port=port).first()
    is_new = line is None
    line = line or Line(host=host, port=port, name=str(one.get("line") or f"{host}:{port}")[:100])
    before = (line.timeout, line.pause, line.settings)
    line.timeout = float(one.get("timeout", line.timeout))
    line.pause = float(one.get("pause", line.pause))
    line.settings = dict(one.get("settings", line.settings))
    if is_new or before != (line.timeout, line.pause, line.settings):
        services.keep_line(line, at=at, by=by)
    return line


def _plan(name: str, at: datetime, by: User | None) -> CollectionPlan:
    plan = CollectionPlan.objects.filter(name=name).first()
    if plan is None and name != USUAL:
        raise _Wrong(f"There is no plan {name!r}.")
    return plan or services.keep_plan(CollectionPlan(name=name), at=at, by=by)


def _credentials(told: Any, at: datetime, by: User | None) -> CredentialSet | None:
    """The set that is told by name or in full; made where there is no equal one."""
    if told is None:
        return None
    if isinstance(told, str):
        row = CredentialSet.objects.filter(name=told).first()
        if row is None:
            raise _Wrong(f"There are no credentials {told!r}.")
        return row
    given = Secrets(
        str(told.get("password", "")).encode(),
        bytes.fromhex(told.get("encryption_key", "")),
        bytes.fromhex(told.get("authentication_key", "")),
    )
    row = CredentialSet(
        client=int(told.get("client", 16)), mechanism=str(told.get("mechanism", "none")),
        level=int(told.get("level", 1)), system_title=str(told.get("system_title", "")),
        fingerprint=secrets.fingerprint(given), changed_at=at,
    )  # fmt: skip
    like = CredentialSet.objects.filter(
        client=row.client, mechanism=row.mechanism, level=row.level,
        system_title=row.system_title, fingerprint=row.fingerprint,
    ).first()  # fmt: skip
    if like is not None:
        return like
    mark = row.fingerprint or "-"
    row.name = f"{row.mechanism} {row.client}/{row.level} {row.system_title} {mark}"[:100]
    return services.keep_credentials(row, at=at, given=given, by=by)

"""Web Push: where a device is told that there is something to read. Devices only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from faza.api.v1 import schemas
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.errors import Problem
from faza.api.v1.http import told
from faza.contracts.access import Grant
from faza.contracts.models import Token
from faza.contracts.rules.tokens import Kind, Scope
from faza.notifications.pushing import keys, services

router = Router(auth=Door(Scope.NOTICES), tags=["notices"], by_alias=True)


class Keys(Schema):
    p256dh: str = Field(max_length=200)
    auth: str = Field(max_length=100)


class Subscription(Schema):
    """As the browser's PushSubscription gives it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "endpoint": "https://push.example/send/1a2b",
                    "keys": {"p256dh": "BGhl…", "auth": "4vQ…"},
                }
            ]
        }
    )
    endpoint: str = Field(max_length=1000)
    keys: Keys


@router.get("/push", response=schemas.Push, url_name="push", operation_id="push",
            summary="Whether this device is told, and the key to subscribe with")  # fmt: skip
def push(request: HttpRequest) -> HttpResponse:
    grant, is_on = _device(request), keys.is_on()
    return told(
        {
            "on": is_on,
            "key": keys.public() if is_on else None,
            "registered": services.address_of(grant.token) is not None,
        }
    )


@router.put("/push", response={204: None}, url_name="push", operation_id="start_push",
            summary="Have this device told")  # fmt: skip
def start_push(request: HttpRequest, where: Subscription) -> HttpResponse:
    """What is sent has no name, address or reading. The later address of a device stands."""
    grant = _device(request)
    try:
        services.register(
            token=Token.objects.get(pk=grant.token), endpoint=where.endpoint,
            key=where.keys.p256dh, secret=where.keys.auth, at=timezone.now(),
        )  # fmt: skip
    except services.NotOn:
        raise Problem("push-off") from None
    except services.WrongAddress:
        raise Problem("push-address") from None
    return HttpResponse(status=204)


@router.delete("/push", response={204: None}, url_name="push", operation_id="stop_push",
               summary="Tell this device no more")  # fmt: skip
def stop_push(request: HttpRequest) -> HttpResponse:
    """Twice is once."""
    services.forget(_device(request).token)
    return HttpResponse(status=204)


def _device(request: HttpRequest) -> Grant:
    """The grant of a device. Raises Problem for others'."""
    grant = grant_in(request)
    if grant.kind != Kind.DEVICE:
        raise Problem("devices-only")
    return grant

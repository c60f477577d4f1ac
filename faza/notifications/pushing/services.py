"""Where devices are told: put down by the device itself, and taken away with it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from faza.contracts.models import Token
from faza.notifications.models import Notice, PushAddress
from faza.notifications.pushing import keys, rules


class NotOn(Exception):
    """The administrator has not switched push on."""


class WrongAddress(Exception):
    """The address is of no known push service, or the keys are none."""


def address_of(token: int) -> PushAddress | None:
    """Where a device is told, if anywhere."""
    return PushAddress.objects.filter(token=token).first()


@transaction.atomic
def register(*, token: Token, endpoint: str, key: str, secret: str, at: datetime) -> PushAddress:
    """Have a device told from now on; what there is to read already is not pushed.

    endpoint, key (p256dh), secret (auth): as the browser gives them. A device has one address,
    and an address is one device's: the later stands. Raises NotOn, WrongAddress.
    """
    if not keys.is_on():
        raise NotOn
    fits = rules.is_key(key, rules.POINT) and rules.is_key(secret, rules.SECRET)
    if not fits or not rules.is_service(endpoint, settings.PUSH_SERVICES):
        raise WrongAddress
    PushAddress.objects.filter(endpoint=endpoint).exclude(token=token).delete()
    newest = Notice.objects.filter(user=token.user_id).aggregate(newest=Max("id"))["newest"]
    made, _ = PushAddress.objects.update_or_create(
        token=token,
        defaults={
            "user_id": token.user_id, "endpoint": endpoint, "key": key, "secret": secret,
            "made_at": at, "told": newest or 0, "due_at": at, "failures": 0, "leased_until": None,
        },
    )  # fmt: skip
    return made


def forget(token: int) -> bool:
    """Tell a device no more; whether it was told before."""
    return bool(PushAddress.objects.filter(token=token).delete()[0])


def sweep(at: datetime) -> int:
    """Delete the addresses of devices that have ended; how many. For the retention table."""
    ended = Q(token__expires_at__lte=at) | Q(token__revoked_at__isnull=False)
    return PushAddress.objects.filter(ended | Q(user__erased_at__isnull=False)).delete()[0]

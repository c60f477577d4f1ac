"""What every deed on an application has in common: the lock, the verdict, the mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.models import Application
from faza.contracts.rules import applications as rules
from faza.core.periods import start_of_day
from faza.outbox import services as outbox
from faza.tariffs.queries import working_day_after

HOME = "/"
"""Where an applicant reads of the application; notifications put our own address before it."""


class OwnApplication(Exception):
    """Nobody decides about an application of their own."""


def held(application: Application, move: rules.Move) -> Application:
    """The application locked, its state after the move; it is not stored yet.

    Of two who decide at once the second waits here, and gets AlreadyDecided.
    """
    found = Application.objects.select_for_update().get(pk=application.pk)
    found.state = rules.after(rules.State(found.state), move).value
    return found


def held_by_staff(application: Application, move: rules.Move, by: User) -> Application:
    """As held; raises OwnApplication for one's own."""
    found = held(application, move)
    if found.user_id == by.pk:
        raise OwnApplication(f"application {found.pk}")
    return found


def required(name: str, text: str) -> str:
    """A text that a person has to write. Raises ValidationError where there is none."""
    if not text.strip():
        raise ValidationError({name: _("Please write something here.")})
    return text.strip()


ONE_DAY = timedelta(days=1)


def due(at: datetime) -> datetime:
    """By when what came at a moment is to be decided: the same hour some working days later.

    What came on a day off has the whole of that working day: nobody is there at its hour of the
    night. In the installation's zone, by the production calendar.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    came = at.astimezone(zone)
    day = working_day_after(came.date(), rules.DUE_WORKING_DAYS)
    if working_day_after(came.date() - ONE_DAY, 1) != came.date():
        return start_of_day(day + ONE_DAY, settings.TIME_ZONE)
    return datetime.combine(day, came.time(), tzinfo=zone)


def tell(
    application: Application,
    what: str,
    payload: Mapping[str, object],
    *,
    at: datetime,
) -> None:
    """Mail the applicant, once for this deed at this moment."""
    user = application.user
    outbox.tell(
        f"contracts.application.{what}",
        to=user.pk,
        language=user.language,
        key=f"contracts.application:{application.pk}:{what}:{at.isoformat()}",
        payload={"name": application.full_name, "number": application.pk, "url": HOME, **payload},
        at=at,
    )

"""What became of confirmed orders: from their commands, as the collector left them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.audit import services as audit
from faza.collection.models import Command, SupplyOrder
from faza.collection.orders import rules, telling
from faza.collection.orders.rules import State

ENDED = (Command.State.DONE, Command.State.FAILED, Command.State.CANCELLED)
CALLED_OFF = "It was not done in time."
NOT_READ_BACK = "The meter says something else than it was told."


@transaction.atomic
def settle(*, at: datetime) -> int:
    """Put down how the commands of orders ended, and have people told; how many did.

    An order is done only if the meter, read back, says what it was told. May be called at any
    time, again and again; one query where nothing has ended.
    """
    rows = list(
        SupplyOrder.objects.select_for_update(of=("self",))
        .filter(state=State.SENT, command__state__in=ENDED)
        .select_related("command", "usage_point")
        .order_by("id")
    )
    for row in rows:
        _settle(row, at)
    return len(rows)


def _settle(row: SupplyOrder, at: datetime) -> None:
    command = row.command
    assert command is not None
    is_done = command.state == Command.State.DONE
    if is_done and not rules.is_done(command.arguments, command.result):
        row.reason, is_done = NOT_READ_BACK, False
    elif not is_done:
        row.reason = command.words or CALLED_OFF
    row.state = State.DONE if is_done else State.FAILED
    row.result, row.ended_at = command.result, command.ended_at or at
    row.save(update_fields=["state", "reason", "result", "ended_at"])
    audit.note(
        "collection.order.done" if is_done else "collection.order.failed", of=row, by=None, at=at,
        after={"result": row.result, "reason": row.reason},
    )  # fmt: skip
    telling.ended(row, at=at)

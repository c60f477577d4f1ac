from tests.doors.table import DEED, DESK, HERE, Door, by

SWITCH = by(403, anonymous=302, operator=302)
"""A deed of who has the right by name: in this world the operator."""
THERE = by(403, anonymous=302, operator=404)
PAGE = by(403, anonymous=302, operator=200)
EDIT = by(403, anonymous=302, elsewhere=302, operator=302, administrator=302)
PREVIEW = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
"""What is not within reach falls out of a choice."""
ADDED = by(403, anonymous=302, elsewhere=422, operator=302, administrator=302)
REASON = {"reason": "нет акта"}
ORDER = {"deed": "restore", "initiator": "owner", "ground": "cured", "words": "Оплачено."}
PROTECT = {"kind": "life", "code": "{point}", "ground": "Приказ 7"}

DOORS = [
    Door("desk:orders", DESK),
    Door("desk:orders", DESK, query="?q=Здесь&state=waiting"),
    Door("desk:orders", DESK, query="?export=csv"),
    Door("desk:order-new", PAGE, query="?point={point}"),
    Door("desk:order-new", THERE, query="?point={there_point}"),
    Door(
        "desk:order-new", by(403, anonymous=302, operator=422), query="?point={point}", body=ORDER
    ),
    Door("desk:order-new", THERE, query="?point={there_point}", body=ORDER),
    Door("desk:order", HERE, args=("{order}",)),
    Door("desk:order-paper", HERE, args=("{order}", "{paper}")),
    Door(
        "desk:order-paper",
        by(404, anonymous=302, outside=403),
        args=("{order}", "{there_paper}"),
    ),
    *[
        Door(f"desk:order-{deed}", statuses, args=(order,), body=REASON)
        for deed in ("take", "confirm", "refuse", "withdraw")
        for statuses, order in ((SWITCH, "{order}"), (THERE, "{there_order}"))
    ],
    Door("desk:protections", DESK),
    Door("desk:protections", DESK, query="?state=now&export=csv"),
    Door("desk:protections", ADDED, body=PROTECT),
    Door(
        "desk:protections",
        by(403, anonymous=302, elsewhere=302, operator=422, administrator=302),
        body=PROTECT | {"code": "{there_point}"},
    ),
    Door("desk:protection-end", DEED, args=("{protection}",), post=True),
    Door(
        "desk:protection-end",
        by(403, anonymous=302, elsewhere=302, operator=404, administrator=302),
        args=("{there_protection}",),
        post=True,
    ),
    Door("desk:calendars", DESK),
    Door("desk:calendars", DESK, query="?verdict=other"),
    Door("desk:calendars", DESK, query="?export=csv"),
    Door("desk:calendar", HERE, args=("{calendar_meter}",)),
    Door("desk:calendars-write", PREVIEW, body={"chosen": "{calendar_device}"}),
    Door("desk:calendars-write", PREVIEW, body={"chosen": "{there_calendar_device}"}),
    Door("desk:calendars-write", EDIT, body={"chosen": "{calendar_device}", "sure": "1"}),
    Door("desk:calendars-write", EDIT, body={"chosen": "{there_calendar_device}", "sure": "1"}),
    Door("desk:alarms", DESK),
    Door("desk:alarms", DESK, query="?state=open&days=7&category=tamper"),
    Door("desk:alarms", DESK, query="?export=xlsx"),
    Door("desk:alarms-seen", EDIT, body={"chosen": "{alarm}", "note": "Осмотрено"}),
    Door("desk:alarms-seen", EDIT, body={"chosen": "{there_alarm}", "note": "Осмотрено"}),
]

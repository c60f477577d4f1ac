from tests.doors.table import CABINET, DEED, DESK, HERE, NOWHERE, POINT, Door, by

OWNER = by(404, anonymous=302, unverified=302, owner=200)
THEIRS = by(404, anonymous=302, unverified=302, stranger=200)
SAID = by(404, anonymous=302, unverified=302, owner=302)
THERE = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
ASK = {
    "point": "{point}", "subject": "missing", "channel": "A+", "start": "{day}T00:00",
    "end": "{day}T12:00", "question": "Почему?",
}  # fmt: skip
TEXT = {"text": "Здравствуйте"}

DOORS = [
    Door("cabinet:cases", CABINET),
    Door("cabinet:cases", CABINET, query="?page=2"),
    Door("cabinet:case_new", CABINET),
    Door("cabinet:case_new", POINT, query="?point={point}&channel=R%2B&from={day}T10:00"),
    Door("cabinet:case_new", NOWHERE, query="?point={absent}"),
    Door(
        "cabinet:case_new",
        # The day is not of the former owner's time; the staff has nothing to ask.
        by(404, anonymous=302, unverified=302, former=422, owner=302, supplier=302, operator=403,
           auditor=403, administrator=403),
        body=ASK,
    ),
    Door(
        "cabinet:case_new",
        by(404, anonymous=302, unverified=302, stranger=302, elsewhere=403, auditor=403,
           administrator=403),
        body=ASK | {"point": "{there_point}"},
    ),
    Door("cabinet:case", OWNER, args=("{case}",)),
    Door("cabinet:case", THEIRS, args=("{there_case}",)),
    Door("cabinet:case_say", SAID, args=("{case}",), body=TEXT),
    Door("cabinet:case_end", SAID, args=("{case}",), post=True),
    Door("desk:cases", DESK),
    Door("desk:cases", DESK, query="?q=Здесь&state=waiting&who=nobody&sort=due_at"),
    Door("desk:cases", DESK, query="?state=overdue&export=csv"),
    Door("desk:case", HERE, args=("{case}",)),
    Door(
        "desk:case",
        by(200, anonymous=302, outside=403, elsewhere=200, operator=404),
        args=("{there_case}",),
    ),
    *[
        Door(f"desk:case-{deed}", statuses, args=(case,), body=body, post=True)
        for deed, body in (
            ("say", TEXT | {"as": "answer"}),
            ("say", TEXT | {"as": "note"}),
            ("take", {}),
            ("release", {}),
            ("close", {}),
        )
        for statuses, case in ((DEED, "{case}"), (THERE, "{there_case}"))
    ],
    Door("desk:case-assign", DEED, args=("{case}",), body={"to": "{operator}"}),
    Door(
        "desk:case-assign",
        by(403, anonymous=302, elsewhere=404, operator=404, administrator=404),
        args=("{case}",),
        body={"to": "{there_operator}"},
    ),
]  # fmt: skip

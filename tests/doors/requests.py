from tests.doors.table import DEED, DESK, HERE, Door, by

PAGE = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
"""A form about something of this part of the network."""
ABSENT = by(403, anonymous=302, elsewhere=404, operator=404, administrator=404)
THERE = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
"""A deed on something of the other part of the network."""
LED = by(302, outside=403, elsewhere=404)
TEXT = {"template": "", "text": "Здравствуйте"}
REASON = {"reason": "по звонку"}

DOORS = [
    Door("desk:requests", DESK),
    Door("desk:requests", DESK, query="?tab=decided"),
    Door("desk:requests", DESK, query="?q=Здесь&which=mine"),
    Door("desk:requests", HERE, query="?id={application}"),
    Door(
        "desk:requests",
        by(200, anonymous=302, outside=403, elsewhere=200, operator=404),
        query="?id={there_application}",
    ),
    Door(
        "desk:requests",
        by(200, anonymous=302, outside=403, elsewhere=404, operator=404),
        query="?id={application}&agreement={there_agreement}",
    ),
    Door(
        "desk:requests",
        by(404, anonymous=302, outside=403),
        query="?id={application}&points={nobody}",
    ),
    Door(
        "desk:requests-matched",
        by(403, anonymous=302, elsewhere=200, operator=200, administrator=200),
    ),
    Door("desk:requests-matched", DEED, body={"sure": "1", "chosen": "{application}"}),
    Door("desk:requests-matched", THERE, body={"sure": "1", "chosen": "{there_application}"}),
    Door("desk:request", LED, args=("{application}",)),
    Door("desk:request-take", DEED, args=("{application}",), post=True),
    Door("desk:request-release", DEED, args=("{application}",), post=True),
    Door("desk:request-reopen", DEED, args=("{application}",), post=True),
    Door("desk:request-approve", DEED, args=("{application}",), body={"agreement": "{agreement}"}),
    Door(
        "desk:request-approve",
        by(403, anonymous=302, elsewhere=404, operator=404, administrator=302),
        args=("{application}",),
        body={"agreement": "{there_agreement}"},
    ),
    Door(
        "desk:request-approve",
        ABSENT,
        args=("{application}",),
        body={"agreement": "{agreement}", "points": "{nobody}"},
    ),
    Door(
        "desk:request-approve",
        by(403, anonymous=302, elsewhere=404, operator=404, administrator=302),
        args=("{application}",),
        body={"agreement": "{agreement}", "following": "{there_application}"},
    ),
    Door("desk:request-refuse", PAGE, args=("{application}",)),
    Door("desk:request-refuse", DEED, args=("{application}",), body=TEXT),
    Door("desk:request-ask", PAGE, args=("{application}",)),
    Door("desk:request-ask", DEED, args=("{application}",), body=TEXT),
    Door("desk:request-write", DEED, args=("{application}",), body={"text": "Здравствуйте"}),
    Door("desk:subscribers", DESK),
    Door("desk:subscribers", DESK, query="?q=Здесь&state=open"),
    Door("desk:subscribers", DESK, query="?export=csv"),
    Door("desk:subscribers", DESK, query="?export=xlsx"),
    Door("desk:subscribers-close", PAGE, body={"chosen": "{user}"}),
    Door("desk:subscribers-close", DEED, body={"chosen": "{user}", "sure": "1", **REASON}),
    Door("desk:subscribers-close", THERE, body={"chosen": "{there_user}", "sure": "1", **REASON}),
    Door("desk:subscriber", HERE, args=("{user}",)),
    Door("desk:subscriber-block", PAGE, args=("{user}",)),
    Door("desk:subscriber-block", DEED, args=("{user}",), body=REASON),
    Door("desk:subscriber-block", ABSENT, args=("{auditor}",), body=REASON),
    Door("desk:subscriber-unblock", DEED, args=("{user}",), post=True),
    Door("desk:subscriber-confirm", DEED, args=("{user}",), post=True),
    Door("desk:subscriber-sign-out", DEED, args=("{user}",), post=True),
    Door("desk:subscriber-factor", PAGE, args=("{user}",)),
    Door("desk:subscriber-factor", DEED, args=("{user}",), body=REASON),
    Door("desk:withdrawals", DESK),
    Door("desk:withdrawals", DESK, query="?state=open&export=csv"),
    Door("desk:withdrawal", HERE, args=("{withdrawal}",)),
    Door("desk:withdrawal", DEED, args=("{withdrawal}",), body={"done": "Доступ закрыт"}),
]

"""Typed readings and entry windows at the desk."""

from tests.doors.table import DESK, HERE, Door, by

DONE = by(403, anonymous=302, elsewhere=404, operator=302, administrator=302)
THEIRS = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
WRONG = by(403, anonymous=302, elsewhere=404, operator=422, administrator=422)
MANY = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
UNDONE = by(403, anonymous=302, elsewhere=302, operator=302, administrator=302)
SAID = by(403, anonymous=302, elsewhere=422, operator=422, administrator=422)
THERE = by(200, anonymous=302, outside=403, operator=404)
OWN = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
NOT_OWN = by(403, anonymous=302, elsewhere=200, operator=404, administrator=200)
MAKERS = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
NO_SUCH = by(403, anonymous=302, elsewhere=422, operator=422, administrator=200)
WHY = {"reason": "На фото другое число."}
RULE = {
    "scope": "everywhere", "is_allowed": "on", "first_day": "15", "last_day": "25", "every": "1",
}  # fmt: skip
DATES = {
    "scope": "everywhere", "deed": "open", "starts_at": "2150-01-01", "ends_at": "2150-01-02",
    "reason": "Опрос сорвался",
}  # fmt: skip

DOORS = [
    Door("desk:readings", DESK),
    Door("desk:readings", DESK, query="?group=outside&way=file&age=late&q=Здесь&page=9"),
    Door("desk:readings", HERE, query="?f={entry}"),
    Door("desk:readings", THERE, query="?f={there_entry}"),
    Door("desk:readings-table", DESK),
    Door("desk:readings-table", DESK, query="?state=all&sort=-sent_at&export=csv"),
    Door("desk:readings-approve", MANY, body={"chosen": "{entry}"}),
    Door("desk:readings-approve", MANY, body={"chosen": "{there_entry}"}),
    Door("desk:readings-approve", MANY, body={"all": "1", "filters": "state=all"}),
    Door("desk:readings-refuse", MANY, body={"chosen": "{there_entry}"}),
    Door("desk:readings-refuse", SAID, body={"chosen": "{entry}", "sure": "1"}),
    Door("desk:reading-approve", DONE, args=("{entry}",), post=True),
    Door("desk:reading-approve", THEIRS, args=("{there_entry}",), post=True),
    Door("desk:reading-refuse", DONE, args=("{entry}",), body=WHY),
    Door("desk:reading-refuse", WRONG, args=("{entry}",), post=True),
    Door("desk:reading-refuse", THEIRS, args=("{there_entry}",), body=WHY),
    Door("desk:reading-withdraw", DONE, args=("{entry}",), body=WHY),
    Door("desk:reading-withdraw", THEIRS, args=("{there_entry}",), body=WHY),
    Door("desk:reading-ask", DONE, args=("{entry}",), body={"question": "Верно?"}),
    Door("desk:reading-ask", WRONG, args=("{entry}",), post=True),
    Door("desk:reading-ask", THEIRS, args=("{there_entry}",), body={"question": "Верно?"}),
    Door("desk:readings-undo", UNDONE, body={"decided_at": "2020-01-01T00:00:00+00:00"}),
    Door("desk:windows", DESK),
    Door("desk:windows", DESK, query="?q=Здесь&scope=area&approves=off&export=csv"),
    Door("desk:window-exceptions", DESK),
    Door("desk:window-exceptions", DESK, query="?when=all&deed=open&export=xlsx"),
    Door("desk:window-rule", HERE, args=("{entry_rule}",)),
    Door("desk:window-rule", THERE, args=("{there_entry_rule}",)),
    Door("desk:window-rule-new", MAKERS),
    Door("desk:window-rule-new", NO_SUCH, body=RULE),
    Door("desk:window-rule-edit", OWN, args=("{entry_rule}",)),
    Door("desk:window-rule-edit", NOT_OWN, args=("{there_entry_rule}",)),
    Door("desk:window-rule-edit", OWN, args=("{entry_rule}",), body=RULE),
    Door("desk:window-rule-edit", NOT_OWN, args=("{there_entry_rule}",), body=RULE),
    Door("desk:window-rule-drop", DONE, args=("{entry_rule}",), post=True),
    Door("desk:window-rule-drop", THEIRS, args=("{there_entry_rule}",), post=True),
    Door("desk:window-exception-new", MAKERS),
    Door("desk:window-exception-new", NO_SUCH, body=DATES),
    Door("desk:window-exception", OWN, args=("{entry_exception}",)),
    Door("desk:window-exception", NOT_OWN, args=("{there_entry_exception}",)),
    Door("desk:window-exception", DONE, args=("{entry_exception}",), post=True),
    Door("desk:window-exception", THEIRS, args=("{there_entry_exception}",), post=True),
]

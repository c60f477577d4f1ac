from tests.doors.table import DESK, Door, by

EDIT = by(403, anonymous=302, administrator=200)
"""Prices are of all areas: the administrator's alone."""
DONE = by(403, anonymous=302, administrator=302)
WRONG = by(403, anonymous=302, administrator=422)
NOBODY = by(404, anonymous=302, outside=403)
NOTHING = by(403, anonymous=302, administrator=404)
TABLE = {"sort": "prices", "component": "margin", "since": "2020-01-01"}
RATE = {"valid_from": "2026-01-01", "percent": "22", "source": "НК РФ"}

DOORS = [
    Door("desk:tariffs", DESK),
    Door("desk:tariffs", DESK, query="?q=цк&kind=business&sort=-code"),
    Door("desk:tariffs", DESK, query="?export=csv"),
    Door("desk:tariffs", DESK, query="?export=xlsx"),
    Door("desk:tariffs-file", DESK),
    Door("desk:normatives", DESK),
    Door("desk:tariffs-vat", EDIT),
    Door("desk:tariffs-vat", DONE, body=RATE),
    Door("desk:tariffs-vat", WRONG, body=RATE | {"percent": "220"}),
    Door("desk:tariffs-market", DESK, args=("{market}",)),
    Door("desk:tariffs-market", DESK, args=("{market}",), query="?month=2020-02"),
    Door("desk:tariffs-market", NOBODY, args=("999",)),
    Door("desk:tariff", DESK, args=("{tariff}",)),
    Door("desk:tariff", NOBODY, args=("{nobody}",)),
    Door("desk:tariff-file", DESK, args=("{tariff}",)),
    Door("desk:tariff-file", NOBODY, args=("{nobody}",)),
    Door("desk:tariff-withdraw", EDIT, args=("{tariff}",),
         query="?sort=prices&component=margin&since=2020-01-01"),
    Door("desk:tariff-withdraw", NOTHING, args=("{tariff}",), query="?sort=zones&since=2020-01-01"),
    Door("desk:tariff-withdraw", DONE, args=("{tariff}",), body=TABLE),
    Door("desk:tariff-withdraw", NOTHING, args=("{tariff}",), body=TABLE | {"since": "2021-01-01"}),
    Door("desk:tariff-withdraw", NOTHING, args=("{nobody}",), body=TABLE),
    Door("desk:prices-import", EDIT),
    Door("desk:prices-import", WRONG, post=True),
    Door("desk:prices-template", EDIT),
    Door("desk:prices-import-one", EDIT, args=("{price_import}",)),
    Door("desk:prices-import-one", NOTHING, args=("{nobody}",)),
    Door("desk:prices-import-apply", DONE, args=("{price_import}",), body={"seen": "other"}),
    Door("desk:prices-import-apply", NOTHING, args=("{nobody}",), body={"seen": "other"}),
    Door("desk:prices-import-drop", DONE, args=("{price_import}",), post=True),
    Door("desk:prices-import-drop", NOTHING, args=("{nobody}",), post=True),
]  # fmt: skip

from tests.doors.table import CABINET, NOWHERE, POINT, Door, by

FILE = "?point={point}&from={day}&to={day}"

SUPPLIER = by(403, anonymous=302, unverified=302, supplier=200)
ASKED = {"code": "{point}", "deed": "off", "ground": "debt", "words": "Долг."}
"""Without a document: it is refused, and said so."""

DOORS = [
    Door("cabinet:home", CABINET),
    Door("cabinet:home", POINT, query="?point={point}"),
    Door("cabinet:home", NOWHERE, query="?point={absent}"),
    Door("cabinet:explorer", CABINET),
    Door("cabinet:explorer", CABINET, query="?points=all"),
    Door("cabinet:explorer", POINT, query="?point={point}"),
    Door("cabinet:explorer", NOWHERE, query="?point={absent}"),
    Door("cabinet:explorer", POINT, query="?points=all&point={point}"),
    Door("cabinet:why", CABINET),
    Door("cabinet:why", POINT, query="?point={point}&period=day&on={day}"),
    Door("cabinet:why", NOWHERE, query="?point={absent}&period=day&on={day}"),
    Door("cabinet:meters", CABINET),
    Door("cabinet:export", POINT, args=("csv",), query=FILE),
    Door("cabinet:export", POINT, args=("xlsx",), query=FILE),
    Door("cabinet:export", POINT, args=("80020",), query=FILE),
    Door("cabinet:export", NOWHERE, args=("csv",), query=FILE.replace("{point}", "{absent}")),
    Door("cabinet:export", NOWHERE, args=("exe",), query=FILE),
    Door("set_language", by(302), post=True),
    Door("cabinet:supply", SUPPLIER),
    Door("cabinet:supply", by(403, anonymous=302, unverified=302, supplier=422), body=ASKED),
    Door(
        "cabinet:supply",
        by(403, anonymous=302, unverified=302, supplier=422),
        body=ASKED | {"code": "{there_point}"},
    ),
    Door(
        "cabinet:supply_back",
        by(403, anonymous=302, unverified=302, supplier=302),
        args=("{request}",),
        post=True,
    ),
    Door(
        "cabinet:supply_back",
        by(403, anonymous=302, unverified=302, supplier=404),
        args=("{there_order}",),
        post=True,
    ),
]

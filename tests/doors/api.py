from tests.doors.table import OPEN, Door, by

TOKEN = by(401)
"""Programs with a token; whoever has signed in in a browser is nobody here.

What a token of each role finds is in tests/api/v1/test_table.py.
"""
OF_POINT = (
    *("usage_point", "profile", "consumption", "comparison", "registers", "network", "charges"),
    *("forecast", "green_button"),
)
LISTS = (
    *("me", "customers", "agreements", "usage_points", "notices", "entry", "sent_entries"),
    *("report_kinds", "reports", "push"),
)

DOORS = [
    Door("api:intake", by(405)),
    Door("api:intake", TOKEN, body={"point": "{point}"}),
    Door("api:intake", TOKEN, body={"point": "{there_point}"}),
    Door("api:v1:openapi", OPEN),
    Door("api:v1:nothing", by(404), args=("nothing",)),
    Door("api:v1:meters", TOKEN, query="?usage_point={point}"),
    Door("api:v1:complexes", TOKEN, query="?usage_point={point}"),
    Door("api:v1:events", TOKEN, query="?usage_point={point}"),
    Door("api:v1:report", TOKEN, query="?kind=readings&format=csv&points={point}"),
    Door("api:v1:sent_entry", TOKEN, args=("{entry}",)),
    Door("api:v1:run", TOKEN, args=("1",)),
    Door("api:v1:run_file", TOKEN, args=("1",)),
    *(Door(f"api:v1:{name}", TOKEN) for name in LISTS),
    *(Door(f"api:v1:{name}", TOKEN, args=("{point}",)) for name in OF_POINT),
    # Of another method than a form's: who asks without a token is not told even that.
    Door("api:v1:read_notices", by(405)),
    Door("api:v1:send_entry", by(405), args=("{point}",)),
    Door("api:v1:send_photo", by(405)),
    Door("api:v1:answer_entry", by(405), args=("{entry}",)),
    Door("api:v1:send_entry", TOKEN, args=("{point}",), post=True),
    Door("api:v1:send_photo", TOKEN, post=True),
    Door("api:v1:answer_entry", TOKEN, args=("{entry}",), post=True),
    Door("api:v1:answer_entry", TOKEN, args=("{there_entry}",), post=True),
    Door("api:v1:reports", TOKEN, body={"kind": "readings", "points": "{point}"}),
    Door("api:v1:reports", TOKEN, body={"kind": "readings", "points": "{there_point}"}),
]

from tests.doors.table import OPEN, Door, by

TOKEN = by(401)
"""Programs with a token; whoever has signed in in a browser is nobody here.

What a token of each role finds is in tests/api/v1/test_table.py.
"""
OF_POINT = (
    *("usage_point", "profile", "consumption", "registers", "network", "charges", "forecast"),
)

DOORS = [
    Door("api:intake", by(405)),
    Door("api:intake", TOKEN, body={"point": "{point}"}),
    Door("api:intake", TOKEN, body={"point": "{there_point}"}),
    Door("api:v1:openapi", OPEN),
    Door("api:v1:nothing", by(404), args=("nothing",)),
    Door("api:v1:customers", TOKEN),
    Door("api:v1:agreements", TOKEN),
    Door("api:v1:usage_points", TOKEN),
    Door("api:v1:meters", TOKEN, query="?usage_point={point}"),
    Door("api:v1:complexes", TOKEN, query="?usage_point={point}"),
    Door("api:v1:events", TOKEN, query="?usage_point={point}"),
    Door("api:v1:notices", TOKEN),
    *(Door(f"api:v1:{name}", TOKEN, args=("{point}",)) for name in OF_POINT),
]

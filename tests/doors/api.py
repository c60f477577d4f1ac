from tests.doors.table import Door, by

TOKEN = by(401)
"""Programs with a token; whoever has signed in in a browser is nobody here."""

DOORS = [
    Door("api:intake", by(405)),
    Door("api:intake", TOKEN, body={"point": "{point}"}),
    Door("api:intake", TOKEN, body={"point": "{there_point}"}),
]

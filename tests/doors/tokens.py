"""Tokens in the cabinet: each person's own; the staff have none."""

from tests.doors.table import Door, by

READERS = by(200, anonymous=302, unverified=302, staff=404)
OWNER = by(404, anonymous=302, unverified=302, owner=200)
OWNERS_DEED = by(404, anonymous=302, unverified=302, owner=302)
THEIRS = by(404, anonymous=302, unverified=302, stranger=200)
THEIRS_DEED = by(404, anonymous=302, unverified=302, stranger=302)
MISTAKE = by(422, anonymous=302, unverified=302, staff=404)
TOKEN = {"name": "Умный дом", "scopes": "readings", "days": "90"}
OWN_POINT = by(422, anonymous=302, unverified=302, staff=404, former=200, owner=200, supplier=200)
THEIR_POINT = by(422, anonymous=302, unverified=302, staff=404, stranger=200)

DOORS = [
    Door("cabinet:tokens", READERS),
    Door("cabinet:token_new", READERS),
    Door("cabinet:token_new", READERS, body=TOKEN | {"reach": "all"}),
    Door("cabinet:token_new", MISTAKE, body=TOKEN | {"reach": "chosen"}),
    Door("cabinet:token_new", OWN_POINT, body=TOKEN | {"reach": "chosen", "point": "{point}"}),
    Door(
        "cabinet:token_new", THEIR_POINT, body=TOKEN | {"reach": "chosen", "point": "{there_point}"}
    ),
    Door("cabinet:token", OWNER, args=("{token}",)),
    Door("cabinet:token", THEIRS, args=("{there_token}",)),
    Door("cabinet:token_revoke", OWNERS_DEED, args=("{token}",), post=True),
    Door("cabinet:token_revoke", THEIRS_DEED, args=("{there_token}",), post=True),
]

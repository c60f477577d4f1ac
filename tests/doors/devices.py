"""Phones: each person connects the own ones; anybody with a phone may ask."""

from tests.doors.table import OPEN, Door, by

READERS = by(200, anonymous=302, unverified=302, staff=404)
BEGUN = by(302, staff=404)
OWNERS_DEED = by(404, anonymous=302, unverified=302, owner=302)
THEIRS_DEED = by(404, anonymous=302, unverified=302, stranger=302)
ANOTHER_SESSION = by(404, anonymous=302, unverified=302)
"""Only the session that showed the code answers: not even the owner's own other one."""
WRONG = by(422)
LED = by(302)
NO_APP = by(403)
"""Only the client itself sends the header; no other site can."""

DOORS = [
    Door("cabinet:devices", READERS),
    Door("cabinet:connect", READERS),
    Door("cabinet:connect", BEGUN, post=True),
    Door("cabinet:connect_confirm", ANOTHER_SESSION, args=("{pairing}",), post=True),
    Door("cabinet:connect_confirm", ANOTHER_SESSION, args=("{there_pairing}",), post=True),
    Door("cabinet:connect_refuse", ANOTHER_SESSION, args=("{pairing}",), post=True),
    Door("cabinet:connect_refuse", ANOTHER_SESSION, args=("{there_pairing}",), post=True),
    Door("cabinet:device_revoke", OWNERS_DEED, args=("{phone}",), post=True),
    Door("cabinet:device_revoke", THEIRS_DEED, args=("{there_phone}",), post=True),
    # A token of another kind is no device.
    Door("cabinet:device_revoke", ANOTHER_SESSION, args=("{token}",), post=True),
    Door("mobile:connect", OPEN),
    Door("mobile:connect", WRONG, body={"code": "K7MP-2XQ9"}, is_limited=True),
    Door("mobile:connect_wait", LED),
    Door("mobile:connect_wait", LED, post=True),
    Door("mobile:out", NO_APP, post=True),
]

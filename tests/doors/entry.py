"""Readings typed on the page: by those who read the meter as its subscriber, and by nobody else."""

from tests.doors.table import CABINET, Door, by

TYPES = by(404, anonymous=302, unverified=302, owner=422)
"""A form with nothing in it comes back to the owner; supplier and staff type none."""
JUDGED = by(404, anonymous=302, unverified=302, owner=200)
THERE = by(404, anonymous=302, unverified=302, stranger=422)
THERE_JUDGED = by(404, anonymous=302, unverified=302, stranger=200)
NOBODYS = by(404, anonymous=302, unverified=302)
ANSWERED = by(404, anonymous=302, unverified=302, owner=302)
THEIRS = by(404, anonymous=302, unverified=302, stranger=302)
FORMAT = by(200, anonymous=302, unverified=302)

DOORS = [
    Door("cabinet:entry", CABINET),
    Door("cabinet:entry", CABINET, query="?again={there_point}&q={there_point}"),
    Door("cabinet:entry", TYPES, body={"point": "{point}", "r0": ""}),
    Door("cabinet:entry", THERE, body={"point": "{there_point}", "r0": ""}),
    Door("cabinet:entry", NOBODYS, body={"point": "{absent}", "r0": "1"}),
    Door("cabinet:entry_check", JUDGED, body={"point": "{point}", "r0": "1"}),
    Door("cabinet:entry_check", THERE_JUDGED, body={"point": "{there_point}", "r0": "1"}),
    Door("cabinet:entry_check", NOBODYS, body={"point": "{absent}", "r0": "1"}),
    Door("cabinet:entry_answer", ANSWERED, args=("{entry}",), body={"text": "Да"}),
    Door("cabinet:entry_answer", THEIRS, args=("{there_entry}",), body={"text": "Да"}),
    Door("cabinet:entry_history", CABINET),
    Door("cabinet:entry_history_file", FORMAT, args=("csv",)),
    Door("cabinet:entry_history_file", FORMAT, args=("xlsx",)),
    Door("cabinet:entry_history_file", NOBODYS, args=("exe",)),
]

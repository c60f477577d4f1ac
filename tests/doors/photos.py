"""Photos of readings: whose points they are of, and the desk of that part of the network."""

from tests.doors.table import HERE, Door, by

OWNER = by(404, anonymous=302, unverified=302, owner=200)
THEIRS = by(404, anonymous=302, unverified=302, stranger=200)

DOORS = [
    Door("cabinet:entry_photo", OWNER, args=("{entry}",)),
    Door("cabinet:entry_photo", THEIRS, args=("{there_entry}",)),
    Door("cabinet:entry_photo", by(404, anonymous=302, unverified=302), args=("{nobody}",)),
    Door("cabinet:entry_held_photo", OWNER, args=("{held_photo}",)),
    Door("cabinet:entry_held_photo", THEIRS, args=("{there_held_photo}",)),
    Door("desk:reading_photo", HERE, args=("{entry}",)),
    Door(
        "desk:reading_photo",
        by(200, anonymous=302, outside=403, operator=404),
        args=("{there_entry}",),
    ),
]

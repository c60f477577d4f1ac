from tests.doors.table import OPEN, Door, by

DOORS = [
    Door("favicon", by(302)),
    Door("health-live", OPEN),
    Door("health-ready", OPEN),
    # Told on this machine, as which the tests ask; to nobody elsewhere: tests/watch.
    Door("metrics", OPEN),
]

from tests.doors.table import DESK, Door, by

KEEP = {"listing": "points", "name": "Мой", "query": "q=1"}

DOORS = [
    Door("desk:home", DESK),
    Door("desk:search", DESK),
    Door("desk:search", DESK, query="?q=Здесь"),
    Door("desk:search", DESK, query="?q=Там"),
    Door("desk:filter-keep", by(302, outside=403), body=KEEP),
    Door("desk:filter-drop", by(404, anonymous=302, outside=403), args=("999",), post=True),
]

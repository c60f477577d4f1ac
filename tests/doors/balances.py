from tests.desk.balances.factories import form
from tests.doors.table import DEED, DESK, HERE, Door, by

EDIT = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
"""A form of the operator's for a place of this part of the network."""
THERE = by(404, anonymous=302, outside=403, elsewhere=200, auditor=200, administrator=200)
OTHERS = by(403, anonymous=302, elsewhere=422, operator=404, administrator=302)
"""A deed on a place of the other part; there this part's points are not to be had."""
WRONG = by(403, anonymous=302, elsewhere=404, operator=422, administrator=302)

OURS = form(inward="{house}", outward="{point}")

DOORS = [
    Door("desk:balances", DESK),
    Door("desk:balances", HERE, query="?node={node}&day={day}&span=month"),
    Door("desk:balances", THERE, query="?node={there_node}"),
    Door("desk:balances", DESK, query="?export=csv"),
    Door("desk:balances", DESK, query="?export=xlsx"),
    Door("desk:balance", HERE, args=("{node}",)),
    Door("desk:balance", HERE, args=("{node}",), query="?day={day}&span=month&by=month"),
    Door("desk:balance", HERE, args=("{node}",), query="?day={day}&export=csv"),
    Door("desk:balance", HERE, args=("{node}",), query="?day={day}&export=xlsx"),
    Door("desk:balance", THERE, args=("{there_node}",)),
    Door("desk:balance-group", EDIT, args=("{node}",)),
    Door("desk:balance-group", DEED, args=("{node}",), body=OURS),
    # A point of the other part is not there to be chosen.
    Door("desk:balance-group", WRONG, args=("{node}",),
         body=form(inward="{house}", outward="{there_point}")),
    Door("desk:balance-group", WRONG, args=("{node}",),
         body=form(inward="{there_point}", outward="{point}")),
    Door("desk:balance-group", OTHERS, args=("{there_node}",), body=OURS),
    Door("desk:balance-group-end", DEED, args=("{node}",), post=True),
    Door("desk:balance-group-end", by(404, anonymous=302, outside=403, auditor=403),
         args=("{there_node}",), post=True),
]  # fmt: skip

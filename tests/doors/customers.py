from tests.doors.table import DEED, DESK, HERE, Door, by

CUSTOMER = {"kind": "person", "name": "Новый"}
PERIOD = {"valid_from": "2020-01-01", "valid_to": ""}
AGREEMENT = {"number": "Д-9", "kind": "household", **PERIOD}
END = {"last_day": "2040-01-01"}
NORMATIVE = {"group": "", "residents": "2", "since": "2026-01-01"}
NOT_THERE = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
"""A deed on something of the other part."""
PAGE = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
"""A form about something of this part of the network."""
ANYWHERE = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
"""A form about nothing in particular."""
OTHERS = by(403, anonymous=302, elsewhere=200, operator=404, administrator=200)
"""A form about something of the other part."""
REFUSED = by(403, anonymous=302, elsewhere=404, operator=422, administrator=302)
"""What names something foreign: the operator is told that it is not there."""

DOORS = [
    Door("desk:customers", DESK),
    Door("desk:customers", DESK, query="?q=Здесь"),
    Door("desk:customers", DESK, query="?export=csv"),
    Door("desk:customers", DESK, query="?export=xlsx"),
    Door("desk:customer-add", ANYWHERE),
    Door("desk:customer-add", PAGE, query="?application={application}"),
    Door("desk:customer-add", OTHERS, query="?application={there_application}"),
    Door(
        "desk:customer-add",
        by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
        body=CUSTOMER,
    ),
    Door("desk:customer", HERE, args=("{customer}",)),
    Door("desk:customer-edit", PAGE, args=("{customer}",)),
    Door("desk:customer-edit", DEED, args=("{customer}",), body=CUSTOMER),
    Door(
        "desk:member-admit",
        DEED,
        args=("{customer}",),
        body={"email": "former@example.org", **PERIOD},
    ),
    Door(
        "desk:member-admit",
        REFUSED,
        args=("{customer}",),
        body={"email": "stranger@example.org", **PERIOD},
    ),
    Door("desk:member-dismiss", PAGE, args=("{member}",)),
    Door("desk:member-dismiss", DEED, args=("{member}",), body=END),
    Door("desk:agreement-add", PAGE, args=("{customer}",)),
    Door("desk:agreement-add", PAGE, args=("{customer}",), query="?application={application}"),
    Door(
        "desk:agreement-add",
        by(403, anonymous=302, elsewhere=404, operator=404, administrator=200),
        args=("{customer}",),
        query="?application={there_application}",
    ),
    Door("desk:agreement-add", DEED, args=("{customer}",), body=AGREEMENT),
    Door("desk:agreements", DESK),
    Door("desk:agreements", DESK, query="?export=csv"),
    Door("desk:agreements", DESK, query="?export=xlsx"),
    Door(
        "desk:agreements-close",
        by(403, anonymous=302, elsewhere=200, operator=200, administrator=200),
        body={"chosen": "{agreement}"},
    ),
    Door(
        "desk:agreements-close",
        by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
        body={"chosen": "{agreement}", "sure": "1", **END},
    ),
    Door(
        "desk:agreements-close",
        by(403, anonymous=302, elsewhere=200, operator=200, administrator=200),
        body={"chosen": "{there_agreement}"},
    ),
    Door(
        "desk:agreements-close",
        by(403, anonymous=302, elsewhere=302, operator=302, administrator=302),
        body={"chosen": "{there_agreement}", "sure": "1", **END},
    ),
    Door("desk:agreement", HERE, args=("{agreement}",)),
    Door("desk:agreement-edit", PAGE, args=("{agreement}",)),
    Door("desk:agreement-edit", DEED, args=("{agreement}",), body=AGREEMENT),
    Door("desk:agreement-normative", PAGE, args=("{agreement}",)),
    Door("desk:agreement-normative", DEED, args=("{agreement}",), body=NORMATIVE),
    Door("desk:agreement-normative", NOT_THERE, args=("{there_agreement}",), body=NORMATIVE),
    Door("desk:agreement-close", PAGE, args=("{agreement}",)),
    Door("desk:agreement-close", DEED, args=("{agreement}",), body=END),
    Door("desk:point-bind", DEED, args=("{agreement}",), body={"point": "{next_door}", **PERIOD}),
    Door(
        "desk:point-bind", REFUSED, args=("{agreement}",), body={"point": "{there_point}", **PERIOD}
    ),
    Door("desk:binding", PAGE, args=("{binding}",)),
    Door("desk:binding", DEED, args=("{binding}",), body=PERIOD),
    Door("desk:binding-remove", DEED, args=("{binding}",), post=True),
]

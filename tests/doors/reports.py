"""Personal reports and those made as jobs, in the cabinet."""

from tests.doors.table import CABINET, DESK, NOWHERE, POINT, Door, by

OWNER = by(404, anonymous=302, unverified=302, owner=200)
OWNERS_DEED = by(404, anonymous=302, unverified=302, owner=302)
OWNERS_MISTAKE = by(404, anonymous=302, unverified=302, owner=422)
UNTITLED = {role: 422 if status == 200 else status for role, status in POINT.items()}
THEIRS = by(404, anonymous=302, unverified=302, stranger=200)
BEGUN = by(302, outside=403)
"""A member of the staff has it made, or is told why not."""
NOBODYS = by(404, anonymous=302, outside=403)
THEIRS_DEED = by(404, anonymous=302, unverified=302, stranger=302)

DOORS = [
    Door("cabinet:report_runs", CABINET),
    Door("cabinet:report_save", POINT, query="?kind=detail&point={point}"),
    Door("cabinet:report_save", NOWHERE, query="?kind=detail&point={absent}"),
    Door("cabinet:report_save", NOWHERE, query="?kind=no-such"),
    Door("cabinet:report_save", UNTITLED, query="?kind=detail&point={point}", body={"title": " "}),
    Door("cabinet:report_own", OWNER, args=("{report}",)),
    Door("cabinet:report_own", OWNERS_MISTAKE, args=("{report}",), body={"title": " "}),
    Door("cabinet:report_own", THEIRS, args=("{there_report}",)),
    Door("cabinet:report_delete", OWNERS_DEED, args=("{report}",), post=True),
    Door("cabinet:report_delete", THEIRS_DEED, args=("{there_report}",), post=True),
    Door("cabinet:report_file", OWNER, args=("{report_run}",)),
    Door("cabinet:report_file", THEIRS, args=("{there_report_run}",)),
    Door("cabinet:report_cancel", OWNERS_DEED, args=("{report_run}",), post=True),
    Door("cabinet:report_cancel", THEIRS_DEED, args=("{there_report_run}",), post=True),
    Door(
        "cabinet:report_begin",
        by(302),
        body={"query": "kind=detail&points=all", "format": "csv"},
    ),
    Door("cabinet:reports", OWNER, query="?own={report}"),
    Door("cabinet:reports", THEIRS, query="?own={there_report}"),
    Door("desk:reports", DESK),
    Door("desk:reports", DESK, query="?kind=detail&branch=t{there_node}&codes={there_point}"),
    Door("desk:reports", NOBODYS, query="?kind=no-such"),
    Door("desk:report-make", BEGUN, query="?kind=detail&codes={point}&format=csv"),
    Door("desk:report-make", NOBODYS, query="?kind=detail&format=no-such"),
    Door("desk:report-begin", BEGUN, body={"query": "kind=detail", "format": "csv"}),
    Door("desk:report-runs", DESK),
    Door("desk:report-file", NOBODYS, args=("{report_run}",)),
    Door("desk:report-cancel", NOBODYS, args=("{report_run}",), post=True),
]

"""Files of readings in the cabinet; route sheets of the desk, typed in by page and by file."""

from tests.doors.table import CABINET, DESK, Door, by

OWNER = by(404, anonymous=302, unverified=302, owner=200)
OWNERS_DEED = by(404, anonymous=302, unverified=302, owner=302)
WRONG = by(422, anonymous=302, unverified=302)
STAFFS = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
STAFFS_MISTAKE = by(403, anonymous=302, elsewhere=422, operator=422, administrator=422)
STAFFS_DEED = by(403, anonymous=302, elsewhere=302, operator=302, administrator=302)
OPERATORS = by(403, anonymous=302, elsewhere=404, operator=200, administrator=404)
OPERATORS_DEED = by(403, anonymous=302, elsewhere=404, operator=302, administrator=404)
NO_PLACE = by(404, anonymous=302, outside=403)
TYPED = {"day": "2020-01-01", "token": "0" * 32, "v_999999999_0": "5"}

DOORS = [
    Door("cabinet:entry_file", CABINET),
    Door("cabinet:entry_file", WRONG, post=True),
    Door("cabinet:entry_file_template", CABINET, args=("xlsx",)),
    Door("cabinet:entry_file_template", CABINET, args=("csv",)),
    Door("cabinet:entry_file_template", by(404, anonymous=302, unverified=302), args=("pdf",)),
    Door("cabinet:entry_file_one", OWNER, args=("{entry_file}",)),
    Door("cabinet:entry_file_remarks", OWNER, args=("{entry_file}",)),
    Door("cabinet:entry_file_send", OWNERS_DEED, args=("{entry_file}",), post=True),
    Door("cabinet:entry_file_drop", OWNERS_DEED, args=("{entry_file}",), post=True),
    Door("cabinet:entry_file_resume", OWNERS_DEED, args=("{entry_file}",), post=True),
    Door("desk:rounds", DESK),
    Door("desk:rounds", DESK, query="?why=unrouted&days=30&q=%D0%97%D0%B4%D0%B5%D1%81%D1%8C"),
    Door("desk:rounds", by(200, anonymous=302, outside=403, elsewhere=404), query="?node={node}"),
    Door("desk:rounds", NO_PLACE, query="?node={nobody}"),
    Door("desk:rounds-paper", DESK),
    Door("desk:rounds-type", STAFFS),
    Door("desk:rounds-type", STAFFS_MISTAKE, body=TYPED | {"day": "no day"}),
    Door("desk:rounds-type", STAFFS_DEED, body=TYPED),
    Door("desk:rounds-template", STAFFS, args=("xlsx",)),
    Door("desk:rounds-template", STAFFS, args=("csv",)),
    Door("desk:rounds-file", STAFFS),
    Door("desk:rounds-file", STAFFS_MISTAKE, post=True),
    Door("desk:rounds-file-one", OPERATORS, args=("{round_file}",)),
    Door("desk:rounds-file-remarks", OPERATORS, args=("{round_file}",)),
    Door("desk:rounds-file-send", OPERATORS_DEED, args=("{round_file}",), post=True),
    Door("desk:rounds-file-drop", OPERATORS_DEED, args=("{round_file}",), post=True),
    Door("desk:rounds-file-resume", OPERATORS_DEED, args=("{round_file}",), post=True),
]

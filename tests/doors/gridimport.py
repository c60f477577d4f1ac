from tests.doors.table import Door, by

PAGE = by(200, anonymous=302, outside=403, auditor=403)
OWN = by(404, anonymous=302, outside=403, auditor=403, operator=200, administrator=200)
"""An import of the operator's here: another operator does not find it."""
THERE = by(404, anonymous=302, outside=403, auditor=403, elsewhere=200, administrator=200)
LED = by(404, anonymous=302, outside=403, auditor=403, operator=302, administrator=302)
WRONG = by(404, anonymous=302, outside=403, auditor=403, operator=422, administrator=422)
NONE = by(404, anonymous=302, outside=403, auditor=403)

ONE, OTHER = ("{import}",), ("{there_import}",)
CELL = {"line": "2", "key": "ct_ratio", "text": "300/5"}

DOORS = [
    Door("desk:import", PAGE),
    Door("desk:import", by(422, anonymous=302, outside=403, auditor=403), post=True),
    Door("desk:import_template", PAGE, args=("xlsx",)),
    Door("desk:import_template", PAGE, args=("csv",)),
    Door("desk:import_template", NONE, args=("exe",)),
    Door("desk:import_one", OWN, args=ONE),
    Door("desk:import_one", OWN, args=ONE, query="?show=errors&line=2&edit=ct_ratio"),
    Door("desk:import_one", THERE, args=OTHER),
    Door("desk:import_one", NONE, args=("{nobody}",)),
    Door("desk:import_columns", OWN, args=ONE),
    Door("desk:import_columns", THERE, args=OTHER),
    Door("desk:import_columns", WRONG, args=ONE, post=True),
    Door("desk:import_columns", NONE, args=("{nobody}",), post=True),
    Door("desk:import_progress", LED, args=ONE),
    Door("desk:import_marked", OWN, args=ONE),
    Door("desk:import_marked", THERE, args=OTHER),
    Door("desk:import_cell", LED, args=ONE, body=CELL),
    Door("desk:import_cell", NONE, args=ONE, body=CELL | {"key": "no such"}),
    *(
        Door("desk:import_do", LED, args=(*ONE, deed), body={"code": "ratio-mark"})
        for deed in ("mend", "again", "apply", "undo", "stop", "aside")
    ),
    Door("desk:import_do", LED, args=(*ONE, "decide"), body={"code": "meter-elsewhere"}),
    Door("desk:import_do", NONE, args=(*ONE, "decide"), body={"code": "no such"}),
    Door("desk:import_do", NONE, args=(*ONE, "explode"), post=True),
]

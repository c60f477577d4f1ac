from tests.doors.table import DEED, DESK, HERE, RULE, Door, by

EDIT = by(403, anonymous=302, elsewhere=404, operator=200, administrator=200)
"""A form of the operator's for a meter of this part of the network."""
ANYWHERE = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
WRONG = by(403, anonymous=302, elsewhere=404, operator=422, administrator=422)
LED = by(403, anonymous=302, elsewhere=302, operator=302, administrator=302)
THERE = by(404, anonymous=302, outside=403, elsewhere=200, auditor=200, administrator=200)
OTHERS = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
ADMIN = by(403, anonymous=302, administrator=200)

LINE = {"name": "Здесь-Линия 2", "host": "10.0.0.9", "port": "4001", "timeout": "10", "pause": "0",
        "is_enabled": "on"}  # fmt: skip
PLAN = {
    **{"name": "Новая", "zone": "Europe/Moscow", "priority": "5", "retries": "5", "back_off": "5"},
    **{"too_old": "90", "most_days": "10", "tell_from": "5", "correct_from": "10"},
    **{"correct_to": "900", "per_day": "1", "every_profile": "60"},
}
ACCESS = {"name": "Новый", "mechanism": "lls", "client": "32", "level": "1", "password": "111111"}
DEVICE = {"line": "{line_name}", "position": "0", "driver": "dlms-wrapper", "address": "server 1",
          "plan": "{collection_plan}", "is_enabled": "on"}  # fmt: skip
CLOCK = {"how": "shift", "seconds": "-3", "number": "{meter_number}"}

DOORS = [
    Door("desk:polling", DESK),
    Door("desk:polling", HERE, query="?meter={meter}"),
    Door("desk:polling", HERE, query="?meter={meter}&session={talk}&bytes=1"),
    Door("desk:polling", THERE, query="?meter={there_meter}"),
    # A session of another meter is not that meter's.
    Door("desk:polling", by(404, anonymous=302, outside=403),
         query="?meter={meter}&session={there_talk}"),
    Door("desk:polling-devices", DESK),
    Door("desk:polling-devices", DESK, query="?q=Там&state=due&node={node}"),
    Door("desk:polling-devices", DESK, query="?export=csv"),
    Door("desk:polling-devices", DESK, query="?export=xlsx"),
    Door("desk:polling-read-many", ANYWHERE, body={"chosen": "{device}"}),
    Door("desk:polling-read-many", by(403, anonymous=302, elsewhere=422, operator=302,
                                      administrator=302), body={"chosen": "{device}", "sure": "1"}),
    Door("desk:polling-read-many", by(403, anonymous=302, elsewhere=302, operator=422,
                                      administrator=302),
         body={"chosen": "{there_device}", "sure": "1"}),
    Door("desk:polling-read", DEED, args=("{meter}",), post=True),
    Door("desk:polling-read", OTHERS, args=("{there_meter}",), post=True),
    Door("desk:polling-clock", EDIT, args=("{meter}",)),
    Door("desk:polling-clock", DEED, args=("{meter}",), body=CLOCK),
    Door("desk:polling-clock", WRONG, args=("{meter}",), body=CLOCK | {"number": "another"}),
    # The number of another meter does not confirm it.
    Door("desk:polling-clock", WRONG, args=("{meter}",),
         body=CLOCK | {"number": "{there_meter_number}"}),
    Door("desk:polling-device-edit", EDIT, args=("{meter}",)),
    Door("desk:polling-device-edit", DEED, args=("{meter}",), body=DEVICE),
    Door("desk:polling-device-edit", WRONG, args=("{meter}",), body=DEVICE | {"line": "нет такой"}),
    # A line of the other part is not there to be chosen.
    Door("desk:polling-device-edit", by(403, anonymous=302, elsewhere=404, operator=422,
                                        administrator=302), args=("{meter}",),
         body=DEVICE | {"line": "{there_line_name}"}),
    Door("desk:polling-session-file", HERE, args=("{talk}",)),
    Door("desk:polling-session-file", THERE, args=("{there_talk}",)),
    Door("desk:polling-command", HERE, args=("{command}",)),
    Door("desk:polling-cancel", DEED, args=("{command}",), post=True),
    Door("desk:polling-lines", DESK),
    Door("desk:polling-lines", DESK, query="?export=csv"),
    Door("desk:polling-line-add", ANYWHERE),
    Door("desk:polling-line-add", by(403, anonymous=302, elsewhere=422, operator=302,
                                     administrator=302), body=LINE | {"node": "{node}"}),
    Door("desk:polling-line-add", by(403, anonymous=302, elsewhere=302, operator=422,
                                     administrator=302), body=LINE | {"node": "{there_node}"}),
    Door("desk:polling-line-edit", EDIT, args=("{line}",)),
    Door("desk:polling-line-edit", DEED, args=("{line}",), body=LINE | {"node": "{node}"}),
    Door("desk:polling-line-edit", by(403, anonymous=302, elsewhere=404, operator=422,
                                      administrator=302), args=("{line}",),
         body=LINE | {"node": "{there_node}"}),
    Door("desk:polling-plan-add", ADMIN),
    Door("desk:polling-plan-add", RULE, body=PLAN),
    Door("desk:polling-plan-edit", ADMIN, args=("{collection_plan}",)),
    Door("desk:polling-plan-edit", RULE, args=("{collection_plan}",), body=PLAN),
    Door("desk:polling-access", ADMIN),
    Door("desk:polling-access", ADMIN, query="?export=xlsx"),
    Door("desk:polling-access-add", ADMIN),
    Door("desk:polling-access-add", RULE, body=ACCESS),
    Door("desk:polling-access-edit", ADMIN, args=("{credentials}",)),
    Door("desk:polling-access-edit", RULE, args=("{credentials}",), body=ACCESS),
]  # fmt: skip

from tests.doors.table import DESK, HERE, Door, by

ONLY_RULES = by(403, anonymous=302, administrator=200)
RULED = by(403, anonymous=302, administrator=302)
DONE = by(403, anonymous=302, elsewhere=404, operator=302, administrator=302)
THEIRS = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
MANY = by(403, anonymous=302, elsewhere=200, operator=200, administrator=200)
TYPED = {"value": "0,5", "reason": "По журналу"}

DOORS = [
    Door("desk:exceptions", DESK),
    Door("desk:exceptions", DESK, query="?rule=V05&state=all&channel=1&age=overdue&q=Здесь"),
    Door("desk:exceptions", HERE, query="?f={finding}&do=edit&span=week"),
    Door("desk:exceptions", HERE, query="?f={finding}&do=estimate&method=like-days"),
    Door(
        "desk:exceptions",
        by(200, anonymous=302, outside=403, elsewhere=200, operator=404),
        query="?f={there_finding}",
    ),
    Door("desk:exceptions-table", DESK),
    Door("desk:exceptions-table", DESK, query="?state=all&sort=-rule&export=csv"),
    Door("desk:exceptions-accept", MANY, body={"chosen": "{finding}"}),
    Door("desk:exceptions-accept", MANY, body={"chosen": "{there_finding}"}),
    Door("desk:exceptions-estimate", MANY, body={"chosen": "{there_finding}"}),
    Door("desk:exceptions-estimate", MANY, body={"all": "1", "filters": "state=all"}),
    *[
        Door(f"desk:exception-{deed}", statuses, args=(finding,), body=body, post=True)
        for deed, body in (
            ("accept", {}), ("estimate", {"method": "auto"}), ("edit", TYPED), ("undo", {}),
            ("read", {}),
        )
        for statuses, finding in ((DONE, "{finding}"), (THEIRS, "{there_finding}"))
    ],
    Door("desk:rules", DESK),
    Door("desk:rules", HERE, query="?node={node}"),
    Door("desk:rule", ONLY_RULES, args=("V05",)),
    Door("desk:rule", ONLY_RULES, args=("V05",), query="?node={node}"),
    Door("desk:rule", RULED, args=("V03",), body={"effect": "2", "since": ""}),
    Door("desk:rule-reset", RULED, args=("V05",), post=True),
]  # fmt: skip

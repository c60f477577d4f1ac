from tests.doors.table import DESK, Door, by

READ = by(403, anonymous=302, auditor=200, administrator=200)
"""The office is read by the auditor and the administrator."""
FORM = by(403, anonymous=302, administrator=200)
DEED = by(403, anonymous=302, administrator=302)
WRONG = by(403, anonymous=302, administrator=422)
ABSENT = by(403, anonymous=302, administrator=404)
WORK = by(200, anonymous=302, outside=403, elsewhere=404)
"""Work in the background: one's own, of the auditor and the administrator everybody's."""
DRAFT = {"title": "Соглашение", "body": "Слова."}
PERSON = {"full_name": "Новый Сотрудник", "email": "new@example.org", "role": "operator"}
REASON = {"reason": "ушёл"}

DOORS = [
    Door("desk:texts", READ),
    Door("desk:text", READ, args=("{text}",)),
    Door("desk:text-draft", FORM, args=("licence",)),
    Door("desk:text-draft", ABSENT, args=("nothing",)),
    Door("desk:text-draft", DEED, args=("consent",), body=DRAFT),
    Door("desk:text-preview", FORM, body=DRAFT),
    Door("desk:text-publish", FORM, args=("licence",)),
    Door("desk:text-publish", DEED, args=("licence",), body={"seen": "old"}),
    Door("desk:organisation", READ),
    Door("desk:organisation", DEED, body={"name": "Сети"}),
    Door("desk:organisation-preview", FORM, body={"name": "Сети"}),
    Door("desk:users", READ),
    Door("desk:users", READ, query="?role=subscriber"),
    Door("desk:users", READ, query="?export=csv"),
    Door("desk:users", READ, query="?export=xlsx"),
    Door("desk:users-rights", READ),
    Door("desk:user-invite", FORM),
    Door("desk:user-invite", DEED, body=PERSON),
    Door("desk:user", READ, args=("{user}",)),
    Door("desk:user", READ, args=("{operator}",), query="?node=Здесь"),
    Door("desk:user-profile", FORM, args=("{user}",)),
    Door("desk:user-profile", DEED, args=("{user}",), body={"full_name": "Иной"}),
    Door("desk:user-role", FORM, args=("{user}",)),
    Door("desk:user-role", DEED, args=("{user}",), body={"role": "operator"}),
    Door("desk:user-close", FORM, args=("{user}",)),
    Door("desk:user-close", DEED, args=("{user}",), body=REASON),
    Door("desk:user-open", DEED, args=("{user}",), post=True),
    Door("desk:user-invite-again", ABSENT, args=("{nobody}",), post=True),
    Door("desk:user-sign-out", DEED, args=("{user}",), post=True),
    Door("desk:user-second-factor", FORM, args=("{operator}",)),
    Door("desk:user-second-factor", DEED, args=("{operator}",), body=REASON),
    Door("desk:user-areas", DEED, args=("{operator}",), body={"node": "{there_node}"}),
    Door("desk:user-areas", ABSENT, args=("{user}",), body={"node": "{there_node}"}),
    Door("desk:user-area-drop", DEED, args=("{operator}", "{area}"), post=True),
    Door("desk:user-area-drop", ABSENT, args=("{auditor}", "{area}"), post=True),
    Door(
        "desk:user-houses",
        DEED,
        args=("{manager}",),
        body={"node": "{there_node}", "valid_from": "2026-01-01"},
    ),
    Door("desk:user-houses", WRONG, args=("{manager}",), body={"node": "{there_node}"}),
    Door("desk:user-house-end", DEED, args=("{manager}", "{management}"), post=True),
    Door("desk:user-house-end", ABSENT, args=("{operator}", "{management}"), post=True),
    Door("desk:user-right-grant", DEED, args=("{auditor}",), body={"right": "switch_relay"}),
    Door("desk:user-right-grant", WRONG, args=("{auditor}",), body={"right": "see_audit"}),
    Door("desk:user-right-withdraw", DEED, args=("{operator}", "{right}"), post=True),
    Door("desk:user-right-withdraw", ABSENT, args=("{auditor}", "{right}"), post=True),
    Door("desk:retention", READ),
    Door("desk:retention-edit", FORM, args=("accounts.closed",)),
    Door("desk:retention-edit", ABSENT, args=("no.such",)),
    Door("desk:retention-edit", FORM, args=("accounts.closed",), body={"days": "60"}),
    Door("desk:retention-edit", DEED, args=("accounts.closed",), body={"days": "60", "sure": "1"}),
    Door("desk:audit", READ),
    Door("desk:audit", READ, query="?who=Здесь&action=accounts."),
    Door("desk:audit", READ, query="?export=csv"),
    Door("desk:audit", READ, query="?export=xlsx"),
    Door("desk:jobs", DESK),
    Door("desk:job", WORK, args=("{job}",)),
    Door("desk:job-part", WORK, args=("{job}",)),
    Door(
        "desk:job-cancel",
        by(404, anonymous=302, outside=403, operator=302, administrator=302),
        args=("{job}",),
        post=True,
    ),
    Door("desk:mails", READ),
    Door("desk:mail-retry", DEED, args=("{mail}",), post=True),
]

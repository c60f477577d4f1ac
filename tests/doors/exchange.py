from tests.doors.table import DESK, Door, by

OWN = by(404, anonymous=302, outside=403, operator=200, auditor=200, administrator=200)
"""An operator of a part of the network finds what they gave themselves, and nothing else."""
THERE = by(404, anonymous=302, outside=403, elsewhere=200, auditor=200, administrator=200)
WHOLE = by(404, anonymous=302, outside=403, auditor=200, administrator=200)
"""What is of all areas: who works with a part does not find it."""
NONE = by(404, anonymous=302, outside=403)
FORM = by(403, anonymous=302, administrator=200)
WRONG = by(403, anonymous=302, administrator=422)
DEED = by(403, anonymous=302, administrator=302)
ABSENT = by(403, anonymous=302, administrator=404)
GIVE = by(200, anonymous=302, outside=403, auditor=403)

ARRIVAL, RUN, PROFILE, PLACE = ("{arrival}",), ("{run}",), ("{profile}",), ("{sftp_place}",)
NOBODY = ("{nobody}",)
AGREED = {
    "counterparty": "Сбыт", "sender_inn": "7700000009", "rounding": "exact", "send_hour": "9",
    "resend_days": "35",
}  # fmt: skip
KEPT = {
    "name": "Обмен", "host": "sftp.example.org", "port": "22", "user": "faza", "secret": "тайна",
    "outbox": "out", "host_key": "ssh-ed25519 Li4uLnNzaC1lZDI1NTE5",
}  # fmt: skip

DOORS = [
    Door("desk:exchange", DESK),
    Door("desk:exchange", DESK, query="?channel=upload&errors=some&q=a&since=2026-01-01"),
    Door("desk:exchange", DESK, query="?export=csv"),
    Door("desk:exchange", DESK, query="?export=xlsx"),
    Door("desk:exchange-run", OWN, args=RUN),
    Door("desk:exchange-run", THERE, args=("{there_run}",)),
    Door("desk:exchange-run", OWN, args=RUN, query="?export=csv"),
    Door("desk:exchange-run", NONE, args=NOBODY),
    Door("desk:exchange-problems", OWN, args=(*RUN, "csv")),
    Door("desk:exchange-problems", OWN, args=(*RUN, "xlsx")),
    Door("desk:exchange-problems", NONE, args=(*RUN, "exe")),
    Door("desk:exchange-problems", THERE, args=("{there_run}", "csv")),
    Door("desk:exchange-upload", GIVE),
    Door("desk:exchange-upload", by(422, anonymous=302, outside=403, auditor=403), post=True),
    Door("desk:exchange-files", DESK),
    Door("desk:exchange-files", DESK, query="?state=held&channel=mail&q=a"),
    Door("desk:exchange-files", DESK, query="?export=csv"),
    Door("desk:exchange-file", OWN, args=ARRIVAL),
    Door("desk:exchange-file", THERE, args=("{there_arrival}",)),
    Door("desk:exchange-file", WHOLE, args=("{held}",)),
    Door("desk:exchange-file", NONE, args=NOBODY),
    Door("desk:exchange-content", OWN, args=ARRIVAL),
    Door("desk:exchange-content", THERE, args=("{there_arrival}",)),
    Door(
        "desk:exchange-release",
        post=True,
        args=("{held}",),
        statuses=by(404, anonymous=302, outside=403, auditor=403, administrator=302),
    ),
    Door(
        "desk:exchange-release",
        post=True,
        args=ARRIVAL,
        statuses=by(404, anonymous=302, outside=403, auditor=403, operator=302, administrator=302),
    ),
    Door("desk:exchange-sent", DESK),
    Door("desk:exchange-sent", DESK, query="?state=given_up&day=2026-01-14&q=a"),
    Door("desk:exchange-sent", DESK, query="?export=csv"),
    Door("desk:exchange-dispatch", WHOLE, args=("{dispatch}",)),
    Door("desk:exchange-dispatch", NONE, args=NOBODY),
    Door("desk:exchange-sent-content", WHOLE, args=("{dispatch}",)),
    Door("desk:exchange-again", DEED, args=("{delivery}",), post=True),
    Door("desk:exchange-again", ABSENT, args=NOBODY, post=True),
    Door("desk:exchange-profiles", DESK),
    Door("desk:exchange-profiles", DESK, query="?q=a&export=csv"),
    Door("desk:exchange-profile-add", FORM),
    Door("desk:exchange-profile-add", WRONG, post=True),
    Door("desk:exchange-profile-add", DEED, body=AGREED),
    Door("desk:exchange-profile", WHOLE, args=PROFILE),
    Door("desk:exchange-profile", NONE, args=NOBODY),
    Door("desk:exchange-profile-edit", FORM, args=PROFILE),
    Door("desk:exchange-profile-edit", DEED, args=PROFILE, body=AGREED),
    Door("desk:exchange-profile-edit", ABSENT, args=NOBODY, body=AGREED),
    Door("desk:exchange-codes", DEED, args=PROFILE, post=True),
    Door("desk:exchange-codes", ABSENT, args=NOBODY, post=True),
    Door("desk:exchange-codes-csv", WHOLE, args=PROFILE),
    Door("desk:exchange-send", DEED, args=PROFILE, post=True),
    Door("desk:exchange-send", ABSENT, args=NOBODY, post=True),
    Door("desk:exchange-places", DESK),
    Door("desk:exchange-place-add", FORM),
    Door("desk:exchange-place-add", WRONG, post=True),
    Door("desk:exchange-place-add", DEED, body=KEPT),
    Door("desk:exchange-place", FORM, args=PLACE),
    Door("desk:exchange-place", DEED, args=PLACE, body=KEPT),
    Door("desk:exchange-place", ABSENT, args=NOBODY, body=KEPT),
]

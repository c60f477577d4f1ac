"""Links and applications of others: what each person gives away, and who registers whom."""

from tests.doors.table import OFFICE, RULE, Door, by
from tests.doors.tokens import MISTAKE, OWN_POINT, READERS, THEIR_POINT

LINK = {"name": "Аудитору", "resolution": "day", "days": "7", "agreed": "on"}
CLIENT = {
    "name": "Домовой",
    "owner": "ООО «Пример»",
    "site": "https://app.example",
    "redirect_uris": "https://app.example/back",
    "scopes": "readings",
    "is_confidential": "on",
}
ASKED = (
    "?response_type=code&client_id={client_id}&redirect_uri=https://app.example/back"
    "&scope=readings&state=s&code_challenge_method=S256&code_challenge=" + "A" * 43
)
GIVEN = {"scopes": "readings", "days": "90"}
OWN = GIVEN | {"reach": "chosen", "point": "{point}"}
THERE = GIVEN | {"reach": "chosen", "point": "{there_point}"}
UNKNOWN = by(400, anonymous=302, unverified=302, staff=404)
LED_BACK = by(302, staff=404)
OWNS_POINT = LED_BACK | {"stranger": 422, "house_manager": 422}
OWNS_THERE = by(422, anonymous=302, unverified=302, staff=404, stranger=302)
LINKED = by(200)
"""Whoever has the address; who is signed in has no say."""
NOBODYS = by(404)
FORM = by(403, anonymous=302, administrator=200)
MADE = by(403, anonymous=302, administrator=200)
GONE = by(403, anonymous=302, administrator=404)

DOORS = [
    Door("cabinet:share_new", READERS),
    Door("cabinet:share_new", MISTAKE, body=LINK),
    Door("cabinet:share_new", OWN_POINT, body=LINK | {"point": "{point}"}),
    Door("cabinet:share_new", THEIR_POINT, body=LINK | {"point": "{there_point}"}),
    Door("cabinet:authorize", UNKNOWN),
    Door("cabinet:authorize", READERS, query=ASKED),
    Door("cabinet:authorize", LED_BACK, query=ASKED, body={"refuse": "1"}),
    Door("cabinet:authorize", LED_BACK, query=ASKED, body=GIVEN | {"reach": "all"}),
    Door("cabinet:authorize", OWNS_POINT, query=ASKED, body=OWN),
    Door("cabinet:authorize", OWNS_THERE, query=ASKED, body=THERE),
    Door("share:page", LINKED, args=("{link}",), is_limited=True),
    Door("share:file", LINKED, args=("{link}",), is_limited=True),
    Door("share:page", NOBODYS, args=("fzs_nothing",), is_limited=True),
    Door("share:file", NOBODYS, args=("fzs_nothing",), is_limited=True),
    Door("oauth:metadata", by(200)),
    Door("oauth:token", by(405)),
    Door("oauth:token", by(400), post=True, is_limited=True),
    Door("oauth:revoke", by(405)),
    Door("oauth:revoke", by(400), post=True, is_limited=True),
    Door("desk:clients", OFFICE),
    Door("desk:client-new", FORM),
    Door("desk:client-new", MADE, body=CLIENT),
    Door("desk:client", FORM, args=("{client}",)),
    Door("desk:client", RULE, args=("{client}",), body=CLIENT),
    Door("desk:client", GONE, args=("{nobody}",)),
    Door("desk:client-secret", MADE, args=("{client}",), post=True),
    Door("desk:client-close", RULE, args=("{client}",), post=True),
]

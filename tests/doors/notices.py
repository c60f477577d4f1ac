"""Notices, what to tell of, news in the cabinet and at the desk."""

from tests.doors.table import CABINET, DEED, DESK, HERE, Door, by

OWNER = by(404, anonymous=302, unverified=302, owner=302)
THEIRS = by(404, anonymous=302, unverified=302, stranger=302)
GO = by(302)
"""A deed on one's own things, whoever one is."""
PIECE = by(404, anonymous=302, unverified=302, owner=200, supplier=200, house_manager=200,
           staff=200)  # fmt: skip
ELSEWHERE = by(404, anonymous=302, unverified=302, stranger=200, staff=200)
THERE = by(403, anonymous=302, elsewhere=302, operator=404, administrator=302)
WRITES = by(403, anonymous=302, operator=200, elsewhere=200, administrator=200)
PAGE = by(403, anonymous=302, operator=200, elsewhere=404, administrator=200)
THERE_PAGE = by(403, anonymous=302, operator=404, elsewhere=200, administrator=200)
NEWS = {"title": "Работы", "body": "С утра.", "group": "all", "places": "", "codes": ""}

DOORS = [
    Door("cabinet:notices", CABINET),
    Door("cabinet:notices", CABINET, query="?topic=warnings&unread=1&page=2"),
    Door("cabinet:notices", CABINET, query="?topic=none&page=x"),
    Door("cabinet:notice", OWNER, args=("{notice}",)),
    Door("cabinet:notice", THEIRS, args=("{there_notice}",)),
    Door("cabinet:notices_mark", GO, body={"deed": "read", "notice": "{there_notice}"}),
    Door("cabinet:notices_mark", GO, body={"deed": "unread", "notice": "{notice}"}),
    Door("cabinet:notices_mark", GO, body={"deed": "all", "filters": "unread=1"}),
    Door("cabinet:bell", CABINET),
    Door("cabinet:subscriptions", CABINET),
    Door("cabinet:subscriptions", by(422, anonymous=302, unverified=302), body={"a": "b"}),
    Door(
        "cabinet:limit_add",
        by(302),
        body={"point": "", "limit": "12,5", "way": "page"},
    ),
    Door(
        "cabinet:limit_add",
        # The staff of everywhere sees every point; the former owner has the flat no longer.
        by(
            422,
            anonymous=302,
            unverified=302,
            owner=302,
            supplier=302,
            operator=302,
            auditor=302,
            administrator=302,
        ),
        body={"point": "{point}", "limit": "12", "way": "page"},
    ),
    Door(
        "cabinet:limit_add",
        by(
            422,
            anonymous=302,
            unverified=302,
            stranger=302,
            elsewhere=302,
            auditor=302,
            administrator=302,
        ),
        body={"point": "{there_point}", "limit": "12", "way": "page"},
    ),
    Door("cabinet:limit_drop", OWNER, args=("{limit}",), post=True),
    Door("cabinet:limit_drop", THEIRS, args=("{there_limit}",), post=True),
    Door("cabinet:news", CABINET),
    Door("cabinet:news", CABINET, query="?page=2"),
    Door("cabinet:news_piece", PIECE, args=("{news}",)),
    Door("cabinet:news_piece", ELSEWHERE, args=("{there_news}",)),
    Door("cabinet:news_piece", by(404, anonymous=302, unverified=302), args=("{news_draft}",)),
    Door("cabinet:news_read", GO, post=True),
    Door("desk:news", DESK),
    Door("desk:news", DESK, query="?q=Новость&state=draft&sort=title"),
    Door("desk:news", DESK, query="?state=published&export=csv"),
    Door("desk:news-piece", HERE, args=("{news}",)),
    Door(
        "desk:news-piece",
        by(200, anonymous=302, outside=403, elsewhere=200, operator=404),
        args=("{there_news}",),
    ),
    Door("desk:news-new", WRITES),
    Door(
        "desk:news-new",
        by(403, anonymous=302, operator=302, elsewhere=422, administrator=302),
        body=NEWS | {"places": "{place}"},
    ),
    Door(
        "desk:news-new",
        by(403, anonymous=302, operator=422, elsewhere=302, administrator=302),
        body=NEWS | {"places": "{there_place}"},
    ),
    Door(
        "desk:news-new",
        by(403, anonymous=302, operator=422, elsewhere=302, administrator=302),
        body=NEWS | {"codes": "{there_point}"},
    ),
    Door(
        "desk:news-new",
        # News for everywhere are the administrator's.
        by(403, anonymous=302, operator=422, elsewhere=422, administrator=302),
        body=NEWS,
    ),
    Door("desk:news-preview", WRITES, body={"title": "Работы", "body": "**С утра**"}),
    Door("desk:news-edit", PAGE, args=("{news_draft}",)),
    Door("desk:news-edit", THERE_PAGE, args=("{there_news_draft}",)),
    Door(
        "desk:news-edit",
        by(403, anonymous=302, operator=422, elsewhere=404, administrator=422),
        args=("{news_draft}",),
        body=NEWS | {"places": "{place}", "seen": "of another time"},
    ),
    Door(
        "desk:news-edit",
        by(403, anonymous=302, operator=404, elsewhere=422, administrator=422),
        args=("{there_news_draft}",),
        body=NEWS | {"places": "{there_place}", "seen": "of another time"},
    ),
    Door("desk:news-publish", PAGE, args=("{news_draft}",)),
    Door("desk:news-publish", THERE_PAGE, args=("{there_news_draft}",)),
    *[
        Door(f"desk:news-{deed}", statuses, args=(news,), body=body, post=True)
        for deed, body in (("publish", {"seen": "x"}), ("drop", {}), ("copy", {}))
        for statuses, news in ((DEED, "{news_draft}"), (THERE, "{there_news_draft}"))
    ],
    Door("desk:news-withdraw", DEED, args=("{news}",), post=True),
    Door("desk:news-withdraw", THERE, args=("{there_news}",), post=True),
]

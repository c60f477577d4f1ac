"""Pages of the desk about one thing, and how one comes to each of them in the demo grid."""

from __future__ import annotations

import re

from playwright.sync_api import Page

HOUSE = "501203740001014"
POINT, WATER = f"/desk/points/{HOUSE}/", "/desk/points/501203740001814/"
"""A house with all that a point can have, and its water."""
ANY = r"\d+"
WAYS: dict[str, tuple[str, ...]] = {
    "desk:agreement": ("/desk/agreements/", rf"/desk/agreements/{ANY}/"),
    "desk:agreement-close": ("/desk/agreements/", rf"/desk/agreements/{ANY}/", r".*/close/"),
    "desk:agreement-edit": ("/desk/agreements/", rf"/desk/agreements/{ANY}/", r".*/edit/"),
    "desk:agreement-normative": (
        "/desk/agreements/?q=42-0042317", rf"/desk/agreements/{ANY}/", r".*/normative/",
    ),
    "desk:balance": ("/desk/balances/", rf"/desk/balances/{ANY}/"),
    "desk:binding": ("/desk/agreements/", rf"/desk/agreements/{ANY}/", rf"/desk/bindings/{ANY}/"),
    "desk:case": ("/desk/cases/", rf"/desk/cases/{ANY}/"),
    "desk:complex-edit": (POINT, rf"/desk/complexes/{ANY}/edit/"),
    "desk:customer": ("/desk/customers/", rf"/desk/customers/{ANY}/"),
    "desk:customer-edit": ("/desk/customers/", rf"/desk/customers/{ANY}/", r".*/edit/"),
    "desk:agreement-add": ("/desk/customers/", rf"/desk/customers/{ANY}/", r".*/agreement/"),
    "desk:exchange-run": ("/desk/exchange/", rf"/desk/exchange/runs/{ANY}/"),
    "desk:exceptions": ("/desk/exceptions/",),
    "desk:rule": ("/desk/exceptions/rules/", r"/desk/exceptions/rules/[\w.-]+/"),
    "desk:job": ("/desk/jobs/", rf"/desk/jobs/{ANY}/"),
    "desk:meter": ("/desk/meters/", rf"/desk/meters/{ANY}/"),
    "desk:meter-edit": ("/desk/meters/", rf"/desk/meters/{ANY}/", rf"/desk/meters/{ANY}/edit/"),
    "desk:model-edit": ("/desk/meters/types/", rf"/desk/meters/types/{ANY}/edit/"),
    "desk:news-piece": ("/desk/news/", rf"/desk/news/{ANY}/"),
    "desk:node": ("/desk/network/", rf"/desk/nodes/{ANY}/"),
    "desk:point": (POINT,),
    "desk:point-of-water": (WATER,),
    "desk:point-data": (f"{POINT}?tab=data",),
    "desk:point-access": (f"{POINT}?tab=access",),
    "desk:point-history": (f"{POINT}?tab=history",),
    "desk:point-edit": (f"{POINT}edit/",),
    "desk:point-replace": (f"{POINT}replace/",),
    "desk:point-replace-of-water": (f"{WATER}replace/",),
    "desk:point-take-away": (f"{POINT}take-away/",),
    "desk:readings": ("/desk/readings/",),
    "desk:reports": (f"/desk/reports/?kind=readings&point={HOUSE}",),
    "desk:requests": ("/desk/requests/?id=1",),
    "desk:requests-decided": ("/desk/requests/?tab=decided",),
    "desk:retention-edit": ("/desk/retention/", r"/desk/retention/[\w.]+/"),
    "desk:rounds-paper": ("/desk/rounds/paper/?days=10",),
    "desk:rounds-type": ("/desk/rounds/type/?days=10",),
    "desk:subscriber": ("/desk/subscribers/", rf"/desk/subscribers/{ANY}/"),
    "desk:tariff": ("/desk/tariffs/", rf"/desk/tariffs/{ANY}/"),
    "desk:tariffs-market": ("/desk/tariffs/", rf"/desk/tariffs/market/{ANY}/"),
    "desk:text": ("/desk/texts/", rf"/desk/texts/{ANY}/"),
    "desk:tariff-withdraw": (
        "/desk/tariffs/", rf"/desk/tariffs/{ANY}/", rf"/desk/tariffs/{ANY}/withdraw/",
    ),
    "desk:normatives": ("/desk/tariffs/normatives/",),
    "desk:transformer": ("/desk/transformers/", rf"/desk/transformers/{ANY}/"),
    "desk:transformer-edit": ("/desk/transformers/", rf"/desk/transformers/{ANY}/", r".*/edit/"),
    "desk:user": ("/desk/users/", rf"/desk/users/{ANY}/"),
    "desk:window-rule": ("/desk/windows/", rf"/desk/windows/rules/{ANY}/"),
    "desk:window-rule-edit": ("/desk/windows/", rf"/desk/windows/rules/{ANY}/", r".*/edit/"),
}  # fmt: skip
"""By name: a list, then what a link on each page has to look like.

The demo has no orders, calendars, polled meters or imports; test_every_page.py looks at theirs.
"""
LINKS = """[...document.querySelectorAll('main a')].map((a) => [a.pathname, a.search])"""


def find(page: Page, name: str) -> str | None:
    """Go the way to a page; its address, or None where no link leads on."""
    address, *patterns = WAYS[name]
    for pattern in patterns:
        page.goto(address)
        links: list[list[str]] = page.evaluate(LINKS)
        found = next((link for link in links if re.fullmatch(pattern, link[0])), None)
        if found is None:
            return None
        address = "".join(found)
    return address

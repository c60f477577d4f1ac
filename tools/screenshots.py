"""Pictures of the demo's pages, light and dark, wide and narrow, in build/screenshots.

Usage: screenshots.py [ADDRESS…]      # other pages of the cabinet than the usual ones

The wide light pictures of the explorer and of the applications become docs/images/cabinet.png and
desk.png, the README's.
Exit code 1 if a browser complained of a page.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from playwright.sync_api import BrowserContext

from faza.demo.people import LOGINS, PASSWORD
from tests.support.browser import launch, open_context, serve, sign_in, take_picture

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"wide": (1440, 900), "narrow": (360, 740)}
SIGN_IN = "/accounts/login/"
PAGES = {"home": "/", "meters": "/meters/", "data": "/data/?point=501203740001014&period=week"}
"""Of the first of the demo's subscribers; the point is her house."""
OPERATOR = "operator@example.ru"
DESK_WIDTHS = {"wide": (1440, 900), "tablet": (768, 900)}
DESK = {"desk": "/desk/", "applications": "/desk/requests/", "network": "/desk/network/"}
README = {"data-wide-light.png": "cabinet.png", "applications-wide-light.png": "desk.png"}


def name_of(address: str) -> str:
    return re.sub(r"\W+", "-", address).strip("-") or "home"


def shoot(
    context: BrowserContext, who: str, pages: Mapping[str, str], out: Path, kind: str
) -> None:
    """Pictures of a person's pages, and of the sign-in before them."""
    page = context.new_page()
    page.goto(SIGN_IN)
    print(take_picture(page, out / f"sign-in-{kind}.png"))
    sign_in(page, who, PASSWORD)
    for label, address in pages.items():
        page.goto(address)
        print(take_picture(page, out / f"{label}-{kind}.png"))
    context.close()


def main() -> int:
    pages = {name_of(address): address for address in sys.argv[1:]} or PAGES
    series = [(LOGINS[0].email, WIDTHS, pages)]
    if pages is PAGES:
        series.append((OPERATOR, DESK_WIDTHS, DESK))
    out = ROOT / "build/screenshots"
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as live, launch() as browser:
        for who, widths, of_person in series:
            for theme, (name, (width, height)) in product(("light", "dark"), widths.items()):
                context = open_context(
                    browser,
                    live.url,
                    problems,
                    viewport={"width": width, "height": height},
                    color_scheme=theme,
                )
                shoot(context, who, of_person, out, f"{name}-{theme}")
    if pages is PAGES:
        for made, kept in README.items():
            shutil.copy(out / made, ROOT / "docs/images" / kept)
    print(*problems, sep="\n", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

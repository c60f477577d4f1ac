"""Pictures of the demo's pages, light and dark, wide and narrow, in build/screenshots.

Usage: screenshots.py [ADDRESS…]      # other pages than the usual ones

The wide light picture of the explorer becomes docs/images/cabinet.png, the README's.
Exit code 1 if a browser complained of a page.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from faza.demo.people import LOGINS, PASSWORD
from tests.support.browser import launch, open_context, serve, sign_in, take_picture

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"wide": (1440, 900), "narrow": (360, 740)}
SIGN_IN = "/accounts/login/"
PAGES = {"home": "/", "meters": "/meters/", "data": "/data/?point=501203740001014&period=week"}
"""Of the first of the demo's subscribers; the point is her house."""


def name_of(address: str) -> str:
    return re.sub(r"\W+", "-", address).strip("-") or "home"


def main() -> int:
    pages = {name_of(address): address for address in sys.argv[1:]} or PAGES
    out = ROOT / "build/screenshots"
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as live, launch() as browser:
        for theme in ("light", "dark"):
            for name, (width, height) in WIDTHS.items():
                size = {"width": width, "height": height}
                context = open_context(
                    browser, live.url, problems, viewport=size, color_scheme=theme
                )
                page = context.new_page()
                page.goto(SIGN_IN)
                print(take_picture(page, out / f"sign-in-{name}-{theme}.png"))
                sign_in(page, LOGINS[0].email, PASSWORD)
                for label, address in pages.items():
                    page.goto(address)
                    print(take_picture(page, out / f"{label}-{name}-{theme}.png"))
                context.close()
    if pages is PAGES:
        shutil.copy(out / "data-wide-light.png", ROOT / "docs/images/cabinet.png")
    print(*problems, sep="\n", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

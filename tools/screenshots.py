"""Pictures of the demo's pages, light and dark, wide and narrow, in build/screenshots.

Usage: screenshots.py [ADDRESS…]      # other pages of the cabinet than the usual ones

Those of the sections become docs/images/cabinet, in few colours; the wide light pictures of the
explorer and of the applications docs/images/cabinet.png and desk.png, the README's.
Exit code 1 if a browser complained of a page.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext

from faza.demo.people import LOGINS, PASSWORD
from tests.support.browser import launch, open_context, serve, sign_in, take_picture

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "docs/images"
WIDTHS = {"wide": (1440, 900), "narrow": (360, 740)}
SIGN_IN = "/accounts/login/"
HOUSE = "point=501203740001014"
"""Of the first of the demo's subscribers."""
SECTIONS = {
    "home": f"/?{HOUSE}",
    "data": f"/data/?{HOUSE}&period=week&on={datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}",
    "registers": f"/registers/?{HOUSE}",
    "entry": "/entry/",
    "resources": f"/resources/?{HOUSE}",
    "history": f"/history/?{HOUSE}",
    "events": f"/events/?{HOUSE}",
    "network": f"/network/?{HOUSE}",
    "meters": "/meters/",
    "complexes": f"/complexes/?{HOUSE}",
    "passport": f"/passport/?{HOUSE}",
    "reports": f"/reports/?{HOUSE}&kind=load-profile",
    "costs": f"/costs/?{HOUSE}",
    "agreements": "/agreements/",
    "notices": "/notices/",
    "subscriptions": "/notices/subscriptions/",
    "news": "/news/",
    "cases": "/cases/",
    "profile": "/profile/",
    "help": "/help/",
    "about": "/about/",
}
"""Every section of the menu, and what stands beside it; of data the last whole week, for on a
Monday there is next to nothing of this one."""
OPERATOR, ADMINISTRATOR = "operator@example.ru", "admin@example.ru"
DESK_WIDTHS = {"wide": (1440, 900), "tablet": (768, 900)}
DESK = {"desk": "/desk/", "applications": "/desk/requests/", "desk-network": "/desk/network/"}
MORE = {
    "tariffs": "/desk/tariffs/",
    "prices": "/desk/tariffs/import/",
    "desk-news": "/desk/news/",
    "desk-readings": "/desk/readings/",
    "desk-windows": "/desk/windows/",
    "desk-reports": "/desk/reports/",
    "desk-rounds": "/desk/rounds/",
}
README = {"data-wide-light.png": "cabinet.png", "applications-wide-light.png": "desk.png"}
COLOURS = 96


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


def keep(made: Path, kept: Path) -> None:
    """A copy in few colours, those of small marks among them: a fifth of the bytes, for the docs.

    By coverage of the colours that are there: by how common they are a red mark becomes grey.
    """
    kept.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(made) as picture:
        few = picture.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(kept, optimize=True)


def main() -> int:
    asked = {name_of(address): address for address in sys.argv[1:]}
    series = [(LOGINS[0].email, WIDTHS, asked or SECTIONS)]
    if not asked:
        series += [(OPERATOR, DESK_WIDTHS, DESK), (ADMINISTRATOR, DESK_WIDTHS, MORE)]
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
    if not asked:
        for made, kept in README.items():
            shutil.copy(out / made, KEPT / kept)
        for section, theme, name in product(SECTIONS, ("light", "dark"), WIDTHS):
            picture = f"{section}-{name}-{theme}.png"
            keep(out / picture, KEPT / "cabinet" / picture)
    print(*problems, sep="\n", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

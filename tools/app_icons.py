"""Draw the pictures of the installable client from the product's mark, when that changes.

    .venv/bin/python tools/app_icons.py

A maskable one fills its square, with the mark inside the safe circle of four fifths; the badge of a
notice is white on nothing, for phones take its shape alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "faza/mobile/static/mobile"
GROUND = "#131c2b"
MARK = (ROOT / "faza/ui/static/ui/favicon.svg").read_text()
INNER = MARK[MARK.index("<g ") : MARK.index("</svg>")]


def plain() -> str:
    return MARK


def full() -> str:
    """The mark on a square without corners, smaller by the safe zone."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -3 32 32">'
        f'<rect x="-3" y="-3" width="32" height="32" fill="{GROUND}"/>{INNER}</svg>'
    )


def badge() -> str:
    white = INNER
    for colour in ("#f2c230", "#3dbd78", "#f0605f"):
        white = white.replace(colour, "#fff")
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="3 2 20 20">{white}</svg>'


PICTURES = {
    "icon-192.png": (plain(), 192), "icon-512.png": (plain(), 512),
    "maskable-192.png": (full(), 192), "maskable-512.png": (full(), 512),
    "touch-180.png": (full(), 180), "badge-96.png": (badge(), 96),
}  # fmt: skip


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (svg, size) in PICTURES.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{svg}"
            )
            page.screenshot(path=TARGET / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()

"""What the build of the front end made for the mobile client, and a name for that build.

The shell, the service worker and the icons are the same for everybody: nothing here is personal.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

DIST = "ui/dist"
ENTRY = "src/mobile/app.ts"
LETTERS = (
    "node_modules/@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2",
    "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "src/fonts/inter-rouble.woff2",
)
"""The letters that Russian and English screens are written in."""
THEME = "mobile/theme.js"
ICONS = {
    "any": ("mobile/icon-192.png", "mobile/icon-512.png"),
    "maskable": ("mobile/maskable-192.png", "mobile/maskable-512.png"),
}
"""By purpose: 192 and 512 pixels."""
TOUCH, BADGE, FAVICON = "mobile/touch-180.png", "mobile/badge-96.png", "ui/favicon.svg"


class NotBuilt(Exception):
    """The front end has not been built: `npm run build` in frontend/."""


@dataclass(frozen=True, slots=True)
class Built:
    """Addresses of the build.

    parts: what the script imports, by the very addresses it imports them by. version: changes
    with any byte of the shell, of what it loads, and of the worker.
    """

    script: str
    parts: tuple[str, ...]
    styles: tuple[str, ...]
    letters: tuple[str, ...]
    sprite: str
    theme: str
    worker: str
    version: str

    @property
    def files(self) -> tuple[str, ...]:
        """What a phone keeps to open the client without a network, apart from the shell."""
        pictures = (static(FAVICON), static(ICONS["any"][0]), static(BADGE))
        return (
            self.script, *self.parts, *self.styles, *self.letters, self.sprite, self.theme,
            *pictures,
        )  # fmt: skip


def built() -> Built:
    """The build, read once a process; while developing each time. Raises NotBuilt."""
    if settings.DEBUG:
        _read.cache_clear()
    return _read()


@cache
def _read() -> Built:
    manifest_path = Path(str(settings.DJANGO_VITE["default"]["manifest_path"]))
    folder = manifest_path.parent.parent
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        worker = (folder / "mobile-sw.js").read_text(encoding="utf-8")
        sprite = (folder / "mobile-icons.svg").read_bytes()
        entry = manifest[ENTRY]
    except (FileNotFoundError, KeyError) as missing:
        raise NotBuilt(str(missing)) from None
    parts, styles = _closure(manifest, ENTRY)
    here = Path(__file__).parent
    shell = (here / "templates/mobile/shell.html").read_bytes()
    theme = (here / "static" / THEME).read_bytes()
    names = "\0".join((entry["file"], *parts, *styles, settings.STATIC_URL, worker)).encode()
    told = hashlib.sha256(
        b"".join(hashlib.sha256(one).digest() for one in (names, shell, sprite, theme))
    )
    return Built(
        script=static(f"{DIST}/{entry['file']}"),
        # A script names its parts by the build's own names, whatever the storage calls the files.
        parts=tuple(f"{settings.STATIC_URL}{DIST}/{part}" for part in parts),
        styles=tuple(static(f"{DIST}/{style}") for style in styles),
        letters=tuple(static(f"{DIST}/{manifest[name]['file']}") for name in LETTERS),
        sprite=static(f"{DIST}/mobile-icons.svg"),
        theme=static(THEME),
        worker=worker,
        version=told.hexdigest()[:12],
    )


def _closure(manifest: dict[str, dict], entry: str) -> tuple[list[str], list[str]]:
    """Files of scripts that an entry imports, and of styles, each once, in their order."""
    parts: list[str] = []
    styles: list[str] = list(manifest[entry].get("css", ()))
    waiting, seen = list(manifest[entry].get("imports", ())), {entry}
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        parts.append(manifest[name]["file"])
        styles += [one for one in manifest[name].get("css", ()) if one not in styles]
        waiting += manifest[name].get("imports", ())
    return parts, styles

"""The sections of the cabinet: one line each, in the order of the menu.

A later section adds its line here and is in the side menu, in the phone's bottom bar (`phone=True`)
and among the tiles of the board.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.contracts.permissions import Right, may


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the menu; `short` is its name in the bottom bar."""

    label: str | Promise
    url_name: str
    icon: str
    group: str | Promise = ""
    phone: bool = False
    short: str | Promise = ""
    right: Right | None = None
    """Whom it is shown to; None: everybody."""
    mark: str = ""
    """Name of a place beside it for a count, which the bell brings after the page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A section on a page: its address, and whether the page is in it."""

    section: Section
    url: str
    current: bool


METERING, PAPERS, CONTACT = _("Metering"), _("Papers"), pgettext_lazy("menu", "Contact")

SECTIONS = (
    Section(_("Overview"), "cabinet:home", icon="layout-dashboard", phone=True),
    Section(
        _("Metering data"), "cabinet:explorer", icon="chart-histogram", group=METERING,
    ),
    Section(
        _("Meter readings"), "cabinet:registers", icon="gauge", group=METERING, phone=True,
        short=pgettext_lazy("bottom bar", "Readings"),
    ),
    Section(
        _("Entry of readings"), "cabinet:entry", icon="edit", group=METERING, phone=True,
        short=pgettext_lazy("bottom bar", "Entry"), mark="entry",
    ),
    Section(_("Consumption of resources"), "cabinet:resources", icon="bolt", group=METERING),
    Section(_("History"), "cabinet:history", icon="history", group=METERING),
    Section(
        _("Event journal"), "cabinet:events", icon="list-details", group=METERING, phone=True,
        short=pgettext_lazy("bottom bar", "Events"), mark="events",
    ),
    Section(_("Network parameters"), "cabinet:network", icon="topology-star", group=METERING),
    Section(_("Meters"), "cabinet:meters", icon="device-desktop-analytics", group=METERING),
    Section(_("Metering complexes"), "cabinet:complexes", icon="stack-2", group=METERING),
    Section(_("Meter's characteristics"), "cabinet:passport", icon="id", group=METERING),
    Section(
        _("Requests about supply"), "cabinet:supply", icon="plug", group=METERING,
        right=Right.REQUEST_LIMIT,
    ),
    Section(_("Reports"), "cabinet:reports", icon="clipboard-data", group=PAPERS),
    Section(_("Tariffs and cost"), "cabinet:costs", icon="receipt", group=PAPERS),
    Section(_("Customers and agreements"), "cabinet:agreements", icon="file-text", group=PAPERS),
    Section(_("Notices"), "cabinet:notices", icon="bell", group=CONTACT),
    Section(pgettext_lazy("menu", "News"), "cabinet:news", icon="news", group=CONTACT),
    Section(_("My questions"), "cabinet:cases", icon="message-question", group=CONTACT),
)  # fmt: skip


ABOUT_YOU = {"/profile/": "profile", "/accounts/": "security", "/request/": "request"}
"""Topics of the help of pages that are in no section, by where their paths begin."""


def help_url(path: str, found: list[Entry]) -> str:
    """Where the help tells of a page: the topic of its section, else all of it; "" without help.

    A section's topic is named as its url name.
    """
    current = next((entry.section.url_name for entry in found if entry.current), "")
    topic = current.rpartition(":")[2] or next(
        (name for start, name in ABOUT_YOU.items() if path.startswith(start)), ""
    )
    try:
        return reverse("cabinet:help_topic", args=[topic]) if topic else reverse("cabinet:help")
    except NoReverseMatch:
        return ""  # an installation without this face


def entries(request: HttpRequest) -> list[Entry]:
    """Sections with an address, the page's own marked: the longest address its path begins with."""
    found = [
        (section, url)
        for section in SECTIONS
        if _is_for(section, request) and (url := _address(section)) is not None
    ]
    inside = [url for _section, url in found if _leads(url, request.path)]
    here = max(inside, key=len, default=None)
    return [Entry(section, url, current=url == here) for section, url in found]


def _is_for(section: Section, request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return section.right is None or (isinstance(user, User) and may(user, section.right))


def _leads(url: str, path: str) -> bool:
    # The board stands at the root, which every path begins with.
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))


def _address(section: Section) -> str | None:
    try:
        return reverse(section.url_name)
    except NoReverseMatch:
        return None  # an installation without this face or section

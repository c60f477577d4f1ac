"""The words of a consent: shown before it is given, and kept with it as they were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet.account.share_forms import RESOLUTIONS
from faza.cabinet.account.token_forms import SCOPES
from faza.contracts.models import OAuthClient
from faza.contracts.rules.tokens import Resolution, Scope


def of_link() -> str:
    """What is agreed to with any link."""
    return _(
        "I agree that whoever has the address of this link, without signing in, reads the "
        "consumption of the points chosen here, as finely and for the time chosen here, with the "
        "points' codes. I may end it at any time under «Access for programs»; from then on the "
        "link shows nothing. What was read before cannot be taken back."
    )


def of_application(client: OAuthClient) -> str:
    """What is agreed to with any application of others."""
    return _(
        "I agree that the application «%(name)s» (%(owner)s, %(site)s) reads for me what is "
        "chosen here, until the chosen time is over. I may end it at any time under «Access for "
        "programs»; from then on it reads nothing. What it was told before is kept by "
        "%(owner)s under their own rules."
    ) % {"name": client.name, "owner": client.owner, "site": client.site}


def with_choices(
    general: str,
    *,
    user: User,
    points: Iterable[str] | None,
    first: date | None,
    last: date | None,
    days: int,
    scopes: Iterable[Scope] = (),
    resolution: Resolution | None = None,
    more: Iterable[str] = (),
) -> str:
    """The record of a consent: the words, and what was chosen, a line each."""
    lines = [general, f"{user.full_name}, {user.email}"]
    if told := "; ".join(str(SCOPES[scope]) for scope in scopes):
        lines.append(_("May read: %(what)s") % {"what": told})
    if resolution is not None or not told:
        finest = str(RESOLUTIONS[resolution.value if resolution else ""])
        lines.append(_("As finely as: %(what)s") % {"what": finest})
    of_all = _("all that I read")
    codes = of_all if points is None else ", ".join(sorted(points))
    lines.append(_("Points: %(points)s") % {"points": codes})
    ends = [f"{day:%d.%m.%Y}" if day else "…" for day in (first, last)]
    lines.append(_("Period of the data: %(period)s") % {"period": " – ".join(ends)})
    term = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    lines.append(_("Holds for: %(term)s") % {"term": term})
    return "\n".join([*lines, *more])

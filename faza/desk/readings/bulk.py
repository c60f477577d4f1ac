"""Many typed readings decided at once: first what will be done, then the deed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from faza.accounts.models import User
from faza.contracts.permissions import Right
from faza.core.units import to_unit
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user, typed_text
from faza.desk.readings import listing, rows, words
from faza.desk.readings.asked import Asked
from faza.desk.readings.deeds import LONGEST
from faza.manual_entry import deciding
from faza.manual_entry.deciding import Decided
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import WAITING
from faza.manual_entry.weighing import Line, Weighed, weigh
from faza.ui import formats

MOST = 500
"""Readings of one deed: each is weighed once more, and the person waits."""
LISTED = 100
BINS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """Readings of which the check says the same; passes: whether they are decided."""

    name: str
    count: int
    passes: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the band: how many lie in it, and where it stands in a box of 100 x 40."""

    count: int
    x: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deed will do. amounts: consumption that begins to count, by unit, in words."""

    passing: tuple[Weighed, ...]
    staying: tuple[tuple[Entry, str], ...]
    rows: tuple[Row, ...]
    points: int
    people: int
    amounts: tuple[str, ...]
    bins: tuple[Bin, ...]
    median: str

    @property
    def keys(self) -> str:
        """One field for the form: the same readings, whatever a filter finds by then."""
        return ",".join(str(one.entry.pk) for one in self.passing)


@require_POST
@needs(Right.CHECK_READINGS)
def approve_many(request: HttpRequest) -> HttpResponse:
    """Let the chosen readings count as they were typed."""
    user, at = request_user(request), timezone.now()
    shown = _preview(user, _chosen(request, user, at), at, approving=True)
    if "sure" in request.POST and shown.passing:
        _tell(request, deciding.approve_many(_keys(shown), by=user, at=at))
        return redirect(_back(request))
    return _page(request, shown, is_refusal=False)


@require_POST
@needs(Right.CHECK_READINGS)
def refuse_many(request: HttpRequest) -> HttpResponse:
    """Let the chosen readings count nowhere, all for one reason."""
    user, at = request_user(request), timezone.now()
    shown = _preview(user, _chosen(request, user, at), at, approving=False)
    reason = typed_text(request, "reason", longest=LONGEST)
    is_sure = "sure" in request.POST
    if is_sure and shown.passing and reason:
        done = deciding.refuse_many(_keys(shown), reason=reason, by=user, at=at)
        _tell(request, done)
        return redirect(_back(request))
    error = _("Say why: the subscriber reads it.") if is_sure and not reason else ""
    return _page(request, shown, is_refusal=True, error=error)


def _page(
    request: HttpRequest, shown: Preview, *, is_refusal: bool, error: str = ""
) -> HttpResponse:
    told = {
        "shown": shown,
        "is_refusal": is_refusal,
        "error": error,
        "back": _back(request),
        "query": request.POST.get("query", "")[:2000],
        "listed": [_words(one.entry) for one in shown.passing[:LISTED]],
        "more": max(len(shown.passing) - LISTED, 0),
        "staying": [(_words(one), why) for one, why in shown.staying[:LISTED]],
    }
    return render(request, "desk/readings/bulk.html", told, status=422 if error else 200)


def _back(request: HttpRequest) -> str:
    asked = Asked.of_text(request.POST.get("query", ""))
    return asked.address(key=None, page=1)


def _keys(shown: Preview) -> list[int]:
    return [one.entry.pk for one in shown.passing]


def _chosen(request: HttpRequest, user: User, at: datetime) -> list[Entry]:
    """The ticked readings, or all that the table's filter finds; the first of more than fit."""
    mine = rows.within(user, at=at)
    found: QuerySet[Entry] = lists.chosen(request, mine, rows.EntryFilter)
    # A slice cannot be ordered anew: keys first.
    keys = list(found.values_list("pk", flat=True)[: MOST + 1])
    return list(mine.filter(pk__in=keys).order_by("sent_at", "pk"))


def _preview(user: User, chosen: Sequence[Entry], at: datetime, *, approving: bool) -> Preview:
    """What is decided and what stays: decided before, own, too many, or read by the meter."""
    staying: list[tuple[Entry, str]] = []
    open_: list[Entry] = []
    for entry in chosen:
        why = _kept_back(user, entry, len(open_))
        if why:
            staying.append((entry, str(why)))
        else:
            open_.append(entry)
    passing, counts, left = [], Counter[str](), Counter[str]()
    for one in weigh(open_, at=at):
        if approving and one.own is not None:
            staying.append((one.entry, listing.remark(one)[0]))
            left[str(READ_SINCE)] += 1
        else:
            passing.append(one)
            counts[_kind(one)] += 1
    told = [Row(name, count, passes=True) for name, count in counts.most_common()]
    told += [Row(name, count, passes=False) for name, count in left.most_common()]
    lines = [line for one in passing for line in one.lines]
    places = [place for line in lines if (place := _place(line)) is not None]
    return Preview(
        passing=tuple(passing),
        staying=tuple(staying),
        rows=tuple(told),
        points=len({one.entry.usage_point_id for one in passing}),
        people=len({one.entry.sent_by_id for one in passing} - {None}),
        amounts=_amounts(lines),
        bins=_bins(places) if len(places) >= BINS else (),
        median=formats.number(median(places), 2) if places else "",
    )


READ_SINCE = gettext_lazy("The meter itself was read at that moment or since")


def _kept_back(user: User, entry: Entry, taken: int) -> str | Promise:
    if entry.state not in WAITING:
        return gettext_lazy("decided already")
    if rows.is_own(user, entry):
        return gettext_lazy("your own: somebody else checks it")
    return gettext_lazy("too many at once") if taken >= MOST else ""


def _kind(one: Weighed) -> str:
    """How a row of the preview names a reading."""
    photo = getattr(one.entry, "photo", None)
    with_photo = photo is not None and photo.removed_at is None
    if one.entry.doubts:
        return (
            _("Outside the band, with a photo") if with_photo else _("Outside the band, no photo")
        )
    return _("Inside the band, with a photo") if with_photo else _("Inside the band, no photo")


def _place(line: Line) -> float | None:
    """Where in its band a reading lies: 0 at the low end, 1 at the high one; None outside."""
    low, high = line.band.low, line.band.high
    if low is None or high is None or line.counted is None or high <= low:
        return None
    place = (line.counted - low) / (high - low)
    return place if 0 <= place <= 1 else None


def _bins(places: Sequence[float]) -> tuple[Bin, ...]:
    counts = Counter(min(int(place * BINS), BINS - 1) for place in places)
    top = max(counts.values())
    width = 100 / BINS
    return tuple(
        Bin(counts[n], f"{n * width + 0.4:.1f}", f"{40 - 40 * counts[n] / top:.1f}",
            f"{40 * counts[n] / top:.1f}")
        for n in range(BINS)
    )  # fmt: skip


def _amounts(lines: Sequence[Line]) -> tuple[str, ...]:
    """What was counted on the primary side, by unit; what cannot be compared adds nothing."""
    sums: dict[tuple[str, int], Decimal] = {}
    for line in lines:
        if line.counted is None or line.counted < 0:
            continue
        kind = words.kind_of(line.register)
        key = (kind.unit, kind.code)
        amount = to_unit(line.counted, kind) * Decimal(str(line.ratio))
        sums[key] = sums.get(key, Decimal(0)) + amount
    return tuple(
        str(formats.quantity(amount, unit, 0)) for (unit, _code), amount in sorted(sums.items())
    )


def _words(entry: Entry) -> str:
    return f"{entry.usage_point.name} · {words.values_of(entry, entry.shown)}"


def _tell(request: HttpRequest, done: Decided) -> None:
    count = len(done.done)
    if count:
        told = ngettext("%(n)s reading is decided.", "%(n)s readings are decided.", count)
        messages.success(request, told % {"n": formats.number(count)})
    if done.left:
        left = ngettext(
            "%(n)s reading was decided meanwhile by somebody else and stays as it is.",
            "%(n)s readings were decided meanwhile by somebody else and stay as they are.",
            len(done.left),
        )
        messages.warning(request, left % {"n": formats.number(len(done.left))})

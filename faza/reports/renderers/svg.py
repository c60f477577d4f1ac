"""A report's chart as SVG: no script, no inline style, the same in print."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.reports.renderers import look
from faza.reports.renderers.picture import Picture, draw
from faza.reports.table import Chart

WIDTH, HEIGHT = 1000, 300
_TOP, _BOTTOM, _RIGHT, _CHARACTER = 12, 26, 8, 7.2


def figure(chart: Chart) -> str:
    """The chart with its title, the unit and the names of its series; "" where it is empty."""
    picture = draw(chart)
    if picture is None:
        return ""
    title = look.clean(chart.title)
    unit = f", {look.clean(chart.unit)}" if chart.unit else ""
    names = "".join(
        f'<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2"'
        f' fill="{colour}"/></svg>{escape(name)}</li>'
        for name, colour in picture.names
    )
    told = [words for words in (unsure_words(picture), left_out_words(picture)) if words]
    small = f"<p>{escape(' '.join(told))}</p>" if told else ""
    listed = f"<ul>{names}</ul>" if len(picture.names) > 1 else ""
    return (
        f'<figure class="fr-chart"><figcaption>{escape(title + unit)}</figcaption>'
        f"<div>{_drawn(picture, title)}</div>{listed}{small}</figure>"
    )


def unsure_words(picture: Picture) -> str:
    return _("Paler: estimated or not whole.") if picture.has_unsure else ""


def left_out_words(picture: Picture) -> str:
    n = picture.n_left_out
    if not n:
        return ""
    return ngettext(
        "%(n)s more series is in the table only.", "%(n)s more series are in the table only.", n
    ) % {"n": n}


def _drawn(picture: Picture, title: str) -> str:
    left = 10 + _CHARACTER * max(len(text) for _y, text in picture.ticks)
    width, height = WIDTH - left - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(at: float) -> str:
        return f"{left + at * width:.1f}"

    def y(at: float) -> str:
        return f"{_TOP + (1 - at) * height:.1f}"

    parts = []
    for at, text in picture.ticks:
        strong = ' class="z"' if abs(at - picture.zero) < 1e-9 else ""
        parts.append(f'<path{strong} d="M{x(0)} {y(at)}H{x(1)}"/>')
        parts.append(f'<text x="{left - 8:.1f}" y="{float(y(at)) + 4:.1f}" text-anchor="end">'
                     f"{text}</text>")  # fmt: skip
    for at, text in picture.labels:
        place, anchor = _placed(float(x(at)), text)
        parts.append(f'<text x="{place:.1f}" y="{HEIGHT - 7}" text-anchor="{anchor}">'
                     f"{escape(text)}</text>")  # fmt: skip
    for at, wide, low, high, colour, unsure in picture.bars:
        pale = ' fill-opacity=".45"' if unsure else ""
        parts.append(
            f'<rect x="{x(at)}" y="{y(high)}" width="{wide * width:.2f}"'
            f' height="{(high - low) * height:.1f}" fill="{colour}"{pale}/>'
        )
    for points, colour, unsure in picture.lines:
        pale = ' stroke-opacity=".45"' if unsure else ""
        path = " ".join(f"{x(a)},{y(b)}" for a, b in points)
        parts.append(f'<polyline points="{path}" stroke="{colour}"{pale}/>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


def _placed(middle: float, text: str) -> tuple[float, str]:
    """Where a label of the axis stands and by which end, so that nothing of it is cut off."""
    half = _CHARACTER * len(text) / 2
    if middle + half > WIDTH:
        return float(WIDTH), "end"
    return (0.0, "start") if middle < half else (middle, "middle")

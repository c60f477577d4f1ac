"""A report as a page of its own: on the screen a head that stays, in print one on every sheet.

Nothing inline where a stylesheet is named, so that the site's content policy holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import BinaryIO

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from faza.reports.renderers import look, svg
from faza.reports.table import NUMERIC, Block, Cells, Column, Kind, Role, State, Table
from faza.ui import formats
from faza.ui.formats import DASH

MOST_CELLS = 400_000
"""What a browser still scrolls; of more the first rows are shown, and it is said."""
_CLASSES = {Role.ROWS: "", Role.SUBTOTAL: ' class="fr-s"', Role.TOTAL: ' class="fr-t"'}


def write(table: Table, file: BinaryIO) -> None:
    """A file that needs nothing else: its style is inside."""
    for part in page(table):
        file.write(part.encode())


def page(
    table: Table,
    *,
    stylesheets: Sequence[str] = (),
    tools: SafeString | str = "",
    theme: str = "",
    icon: str = "",
) -> Iterator[str]:
    """The whole page, piece by piece.

    `stylesheets` and `icon` are addresses; without a stylesheet the style is inside. `tools`
    stands above the report on the screen only, HTML as it is. `theme` is "light" or "dark";
    without one the browser says.
    """
    yield _begin(table, stylesheets, tools, theme, icon)
    met = look.Met()
    n_cells, whole = 0, True
    for part, size in rows(table, met):
        yield part
        n_cells += size * len(table.columns)
        if n_cells >= MOST_CELLS:
            whole = False
            break
    yield "</tbody></table></div>"
    yield _end(table, met, n_rows=None if whole else n_cells // max(1, len(table.columns)))


def preview(table: Table, rows: int = 12) -> SafeString:
    """The head and the first rows as a `<table>`; reads no more blocks than it takes."""
    parts = [f'<table class="fr-table">{_head(table.columns)}<tbody>']
    left = rows
    met = look.Met()
    before: str | None = None
    for block in table.blocks:
        first = _first(block, left)
        parts.append(_block(table.columns, first, before, met))
        before = look.clean(block.title) or before
        left -= len(first)
        if left <= 0:
            break
    return SafeString("".join([*parts, "</tbody></table>"]))


def rows(table: Table, met: look.Met) -> Iterator[tuple[str, int]]:
    """(rows of a block as HTML, how many they are)."""
    before: str | None = None
    for block in table.blocks:
        yield _block(table.columns, block, before, met), len(block)
        before = look.clean(block.title) or before


def _begin(
    table: Table, stylesheets: Sequence[str], tools: str, theme: str, icon: str
) -> str:  # fmt: skip
    title = escape(look.clean(table.title))
    links = "".join(f'<link rel="stylesheet" href="{escape(one)}">' for one in stylesheets)
    style = links or f"<style>{_style()}</style>"
    mark = f'<link rel="icon" href="{escape(icon)}">' if icon else ""
    chosen = f' data-bs-theme="{escape(theme)}"' if theme else ""
    told = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        for label, value in look.lead(table)
    )
    bar = f'<nav class="fr-tools">{tools}</nav>' if tools else ""
    picture = svg.figure(table.chart) if table.chart is not None else ""
    return (
        f'<!doctype html><html lang="{get_language() or "ru"}"{chosen}><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title>'
        f"{mark}{style}</head>"
        f'<body class="fr">{bar}<main><header class="fr-top"><h1>{title}</h1>'
        f'<dl class="fr-facts">{told}</dl></header>{picture}'
        f'<div class="fr-scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="fr-table">{_head(table.columns)}<tbody>'
    )


@lru_cache(maxsize=1)
def _style() -> str:
    return files("faza.reports").joinpath("static/reports/report.css").read_text("utf-8")


def _head(columns: tuple[Column, ...]) -> str:
    spans = look.groups(columns)
    above = ""
    if spans:
        cells = (
            f'<th scope="colgroup" colspan="{n}">{_cut(title)}</th>' if title
            else f'<td colspan="{n}"></td>'
            for title, n in spans
        )  # fmt: skip
        above = f'<tr class="fr-g">{"".join(cells)}</tr>'
    heads = (
        f'<th scope="col"{_align(column)}>{_cut(look.heading(column))}</th>' for column in columns
    )
    return f"<thead>{above}<tr>{''.join(heads)}</tr></thead>"


def _align(column: Column) -> str:
    return "" if column.kind in NUMERIC else ' class="l"'


def _cut(text: str) -> str:
    """A heading, cut where it is very long: the whole is told by its title."""
    cut = look.short(text)
    if cut == look.clean(text):
        return escape(cut)
    return f'<abbr title="{escape(look.clean(text))}">{escape(cut)}</abbr>'


def _first(block: Block, n: int) -> Block:
    if len(block) <= n:
        return block
    cells = tuple(
        Cells(one.values[:n], None if one.states is None else one.states[:n]) for one in block.cells
    )
    return Block(cells, block.role, block.title)


def _block(columns: tuple[Column, ...], block: Block, before: str | None, met: look.Met) -> str:
    title = look.row_heading(block, before)
    above = (
        f'<tr class="h"><th colspan="{len(columns)}" scope="rowgroup"><span>{escape(title)}'
        "</span></th></tr>" if title else ""
    )  # fmt: skip
    found = [
        _cells(column, cells, block.role, met, is_first=not place)
        for place, (column, cells) in enumerate(zip(columns, block.cells, strict=True))
    ]
    opening = f"<tr{_CLASSES[block.role]}>"
    lines = (opening + "".join(row) + "</tr>\n" for row in zip(*found, strict=True))
    return above + "".join(lines)


def _cells(
    column: Column, cells: Cells, role: Role, met: look.Met, *, is_first: bool
) -> list[str]:  # fmt: skip
    states = look.states_of(column, cells, role)
    met.note(states)
    texts = look.texts(column, cells.values)
    texts = look.named(texts, role) if is_first else texts
    if column.kind is Kind.TEXT:
        texts = [escape(text) for text in texts]
    align = _align(column)
    opening, closing = (f'<th scope="row"{align}>', "</th>") if is_first else (
        f"<td{align}>", "</td>")  # fmt: skip
    if not any(states):
        return [f"{opening}{text}{closing}" for text in texts]
    before, after = [opening], [closing]
    for state in list(State)[1:]:
        before.append(f'{opening[:-1]} data-s="{look.CODES[state]}">')
        after.append(f"<i>{look.SIGNS[state]}</i>{closing}")
    gone = f"{before[State.MISSING]}{DASH}{closing}"
    return [
        gone if state == State.MISSING else f"{before[state]}{text}{after[state]}"
        for text, state in zip(texts, states, strict=True)
    ]


def _end(table: Table, met: look.Met, *, n_rows: int | None) -> str:
    parts = ['<footer class="fr-end">']
    if n_rows is not None:
        cut = _("The first %(n)s rows are shown. The whole report is in XLSX and CSV.")
        parts.append(f'<p class="fr-cut">{escape(cut % {"n": formats.number(n_rows)})}</p>')
    legend = met.legend()
    if legend:
        told = (f"<div><dt>{sign}</dt><dd>{escape(words)}</dd></div>" for sign, words in legend)
        parts.append(f'<dl class="fr-legend">{"".join(told)}</dl>')
    parts += [f"<p>{escape(look.clean(note))}</p>" for note in table.notes]
    return "".join([*parts, "</footer></main></body></html>"])

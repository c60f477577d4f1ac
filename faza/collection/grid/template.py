"""The file to begin with: titles, examples, a legend, lists to choose words from."""

from __future__ import annotations

import csv
import io
from typing import Any

import xlsxwriter

from faza.collection.grid.columns import COLUMNS, Column
from faza.protocols.tabular.words import guarded

NAMES = {"ru": ("Сетка", "Справка"), "en": ("Grid", "Legend")}
HEADS = {
    "ru": ("Столбец", "Нужен", "Что в нём", "Пример", "Допустимые слова", "Другие названия"),
    "en": ("Column", "Needed", "What it holds", "Example", "Words", "Other names"),
}
YES = {"ru": "да", "en": "yes"}
ROWS = 5_000
"""So many rows have lists to choose from."""

EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "node": "ТП-403\\РУ-0,4 кВ", "point_name": "КЛ-1", "address": "ул. Полевая, 2",
        "zone": "Europe/Moscow", "resource": "электроэнергия", "phases": "3", "max_power": "40",
        "voltage_level": "НН", "is_common": "нет", "manufacturer": "АО «Заречный приборный завод»",
        "meter_model": "Ладья-3Т", "meter_number": "41207661", "made_in": "2024",
        "verified_on": "12.03.2024", "verification_due": "12.03.2034", "ct_type": "ТТЗ-0,66",
        "ct_ratio": "200/5", "ct_a": "100011", "ct_b": "100012", "ct_c": "100013",
        "installed_from": "01.04.2024", "agreement": "Ю-0911/20",
        "customer_kind": "организация", "customer": "ООО «Луговое»", "agreement_from": "01.01.2024",
    },
    {
        "node": "ТП-403\\ул. Полевая, 4", "node_kind": "здание", "point_name": "Дом 4",
        "address": "ул. Полевая, 4", "phases": "1", "max_power": "15", "voltage_level": "НН",
        "manufacturer": "АО «Заречный приборный завод»", "meter_model": "Ладья-1",
        "meter_number": "60021482", "verification_due": "15.08.2032",
        "installed_from": "01.04.2024", "agreement": "40-188-207",
        "customer_kind": "физическое лицо", "customer": "Иванова Анна Петровна",
        "agreement_from": "01.04.2024",
    },
    {
        "node": "РП-7\\1 СШ", "point_name": "Ф-3", "phases": "3", "voltage_level": "СН2",
        "manufacturer": "АО «Заречный приборный завод»", "meter_model": "Ладья-3Т",
        "meter_number": "41207810", "ct_type": "ТТЗ-10", "ct_ratio": "300/5", "ct_a": "200011",
        "ct_c": "200013", "vt_type": "ТНЗ-10", "vt_ratio": "10000/100", "vt_a": "300011",
        "vt_b": "300012", "vt_c": "300013", "installed_from": "01.04.2024",
    },
)  # fmt: skip
"""Invented rows: one with transformers and a firm, a household, a feeder of 10 kV."""


def words_of(column: Column) -> list[str]:
    """The first word of each choice, as the template offers them."""
    choices = column.choices or {}
    first = {name: word for word, name in reversed(list(choices.items()))}
    return [first[name] for name in dict.fromkeys(choices.values())]


def as_csv(language: str) -> bytes:
    """Titles and examples, as spreadsheets of Russia open them: semicolons, a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.title(language) for column in COLUMNS])
    for row in EXAMPLES:
        writer.writerow([guarded(row.get(column.key, "")) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(language: str) -> bytes:
    """The workbook: a sheet to fill in, and one that says what each column is."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    looks = {
        "needed": book.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE8FA"}),
        "head": book.add_format({"bold": True, "bottom": 1}),
        "text": book.add_format({"num_format": "@"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    grid, legend = NAMES[language if language in NAMES else "en"]
    _fill_grid(book.add_worksheet(grid), language, looks)
    _fill_legend(book.add_worksheet(legend), language, looks)
    book.close()
    return out.getvalue()


def _fill_grid(sheet: Any, language: str, looks: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 2)
    for n, column in enumerate(COLUMNS):
        # Text, so that no spreadsheet makes dates of ratios or cuts zeros off numbers.
        sheet.set_column(n, n, max(12, min(len(column.ru) + 3, 28)), looks["text"])
        look = looks["needed" if column.needed else "head"]
        sheet.write_string(0, n, column.title(language), look)
        sheet.write_comment(0, n, column.about_ru if language == "ru" else column.about_en)
        words = words_of(column)
        if words:
            sheet.data_validation(
                1, n, ROWS, n, {"validate": "list", "source": words, "error_type": "warning"}
            )
        for line, row in enumerate(EXAMPLES, start=1):
            sheet.write_string(line, n, row.get(column.key, ""), looks["text"])


def _fill_legend(sheet: Any, language: str, looks: dict[str, Any]) -> None:
    heads = HEADS[language if language in HEADS else "en"]
    for n, (head, width) in enumerate(zip(heads, (24, 9, 60, 26, 44, 60), strict=True)):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, head, looks["head"])
    sheet.freeze_panes(1, 0)
    for line, column in enumerate(COLUMNS, start=1):
        about = column.about_ru if language == "ru" else column.about_en
        yes = YES.get(language, YES["en"]) if column.needed else ""
        words, others = ", ".join(words_of(column)), ", ".join(column.words.split("|"))
        cells = (column.title(language), yes, about, column.example, words, others)
        for n, text in enumerate(cells):
            sheet.write_string(line, n, text, looks["wrapped"])

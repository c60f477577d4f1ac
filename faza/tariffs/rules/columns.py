"""The sorts of tables that a file of prices may have: their columns, by English and Russian names.

A sheet is of the sort whose needed columns it all has; its other columns are left out and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from faza.tariffs import rules
from faza.tariffs.rules import book, cells
from faza.tariffs.rules.cells import Reader, Value

MARKETS, TARIFFS, VAT, DAYS = "markets", "tariffs", "vat", "days"
ZONES, RANGES, SEASONS, PRICES = "zones", "ranges", "seasons", "prices"
HOURLY, PEAKS, NORMATIVES = "hourly", "peaks", "normatives"
SORTS = (
    *(MARKETS, TARIFFS, VAT, DAYS, ZONES, RANGES, SEASONS, PRICES, NORMATIVES, HOURLY, PEAKS),
)  # fmt: skip
"""In the order in which they are stored: what is named before what names it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called in English (its key) and Russian, and how its cells are read.

    `default` stands for an empty cell where the column is not needed.
    """

    key: str
    russian: str
    read: Reader
    needed: bool = True
    default: Value = None
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key, self.russian, *self.others)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of table: `key` are the columns by which its rows make tables."""

    name: str
    key: tuple[str, ...]
    row: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def is_single(self) -> bool:
        """Whether each row is a table of its own."""
        return not self.row


def _words(**codes: str) -> dict[str, str]:
    """Words by code to codes by word; the code itself is a word."""
    found = {code.replace("_", " "): code for code in codes} | {code: code for code in codes}
    for code, words in codes.items():
        found |= {word.strip(): code for word in words.split("|")}
    return found


COMPONENTS = _words(
    energy="энергия|электроэнергия|электрическая энергия",
    capacity="мощность|генераторная мощность",
    transmission_energy="передача энергия|передача|передача по энергии|потери",
    transmission_capacity="передача мощность|содержание сетей|передача по мощности",
    margin="сбытовая надбавка|надбавка",
    other="иные услуги|прочее|инфраструктура",
    export="покупка выработки|выработка|отдача|покупка отданной энергии",
)
UNITS = _words(
    kwh="руб/квт·ч|руб./квт·ч|руб/квтч|руб/квт*ч|₽/квт·ч|rub/kwh|квт·ч",
    mwh="руб/мвт·ч|руб./мвт·ч|руб/мвтч|руб/мвт*ч|₽/мвт·ч|rub/mwh|мвт·ч",
    kw_month="руб/квт·мес|руб./квт·мес|руб/квт в месяц|₽/квт·мес|rub/kw|квт",
    mw_month="руб/мвт·мес|руб./мвт·мес|руб/мвт в месяц|₽/мвт·мес|rub/mw|мвт",
)
KINDS = _words(household="население|бытовой", business="бизнес|прочие|юридические лица")
PEAK_KINDS = _words(
    generation="генерация|час пика|пик региона", network="сеть|плановые часы|плановые часы со"
)
DAY_KINDS = {
    "holiday": rules.HOLIDAY, "выходной": rules.HOLIDAY, "праздник": rules.HOLIDAY,
    "working": rules.WORKING, "рабочий": rules.WORKING,
    "short": rules.SHORT, "сокращенный": rules.SHORT,
}  # fmt: skip
LEVELS = {
    "hv": "HV", "вн": "HV", "mv1": "MV1", "сн1": "MV1", "сн-1": "MV1", "mv2": "MV2",
    "сн2": "MV2", "сн-2": "MV2", "lv": "LV", "нн": "LV",
}  # fmt: skip

_SOURCE = Column("source", "источник", cells.text(200))
_ORDER = Column(
    "order", "приказ", cells.text(300), needed=False, default="", others=("решение",)
)  # fmt: skip
_LONG_SOURCE = Column("source", "источник", cells.text(300), needed=False, default="")
_TARIFF = Column("tariff", "тариф", cells.code, others=("код тарифа", "код"))
_FROM = Column("valid_from", "действует с", cells.day, others=("с", "дата"))
_EXAMPLE = Column("is_example", "пример", cells.flag, needed=False, default=False)
_MARKET = Column("market", "рынок", cells.code, others=("код рынка",))
HOURS = tuple(f"h{hour:02d}" for hour in range(24))


def _hour_column(hour: int) -> Column:
    return Column(
        HOURS[hour], f"{hour:02d}:00", cells.number(6, most=Decimal(10**6)),
        others=(f"{hour:02d}-{hour + 1:02d}", f"{hour}-{hour + 1}", f"{hour:02d}", f"h{hour}"),
    )  # fmt: skip


BY_NAME = {
    sort.name: sort
    for sort in (
        Sort(MARKETS, ("market",), (), (
            _MARKET,
            Column("market_name", "название рынка", cells.text(200)),
            Column("zone", "часовой пояс", cells.time_zone, needed=False,
                   default="Europe/Moscow"),
        )),
        Sort(TARIFFS, ("tariff",), (), (
            _TARIFF,
            Column("name", "название", cells.text(200)),
            Column("kind", "вид", cells.one_of(KINDS, "kind"), others=("для кого",)),
            Column("category", "ценовая категория", cells.whole(0, 4), needed=False, default=0,
                   others=("категория",)),
            Column("family", "семейство", cells.text(50), needed=False, default=""),
            Column("voltage_level", "уровень напряжения", cells.one_of(LEVELS, "level"),
                   needed=False, default=""),
            Column("zone_of_hours", "пояс часов", cells.time_zone, needed=False, default=""),
            Column("market", "рынок", cells.code, needed=False, default="",
                   others=("код рынка",)),
        )),
        Sort(VAT, ("valid_from",), (), (
            _FROM, Column("percent", "ставка ндс", cells.number(2, most=Decimal(100)),
                          others=("ндс", "процент")), _SOURCE,
        )),
        Sort(DAYS, ("region", "year"), ("day",), (
            Column("region", "регион", cells.code), Column("day", "день", cells.day),
            Column("kind", "вид дня", cells.one_of(DAY_KINDS, "day-kind"), others=("вид",)),
            _SOURCE,
        )),
        Sort(ZONES, ("tariff", "valid_from"), ("month", "number"), (
            _TARIFF, _FROM,
            Column("month", "месяц", cells.whole(0, 12), needed=False, default=0),
            Column("number", "номер зоны", cells.whole(1, 8), others=("зона", "номер")),
            Column("name", "название зоны", cells.text(100), others=("название",)),
            Column("hours", "часы", cells.hours),
            Column("off_hours", "часы выходных", cells.hours, needed=False, default=""),
            _SOURCE,
        )),
        Sort(RANGES, ("tariff", "valid_from"), ("number",), (
            _TARIFF, _FROM,
            Column("number", "номер диапазона", cells.whole(1, 9),
                   others=("диапазон", "номер")),
            Column("up_to", "до квт·ч в месяц",
                   cells.number(3, most=Decimal(10**8), above=True), needed=False,
                   others=("до", "до, квт·ч")),
            _LONG_SOURCE,
        )),
        Sort(SEASONS, ("tariff", "valid_from"), ("month",), (
            _TARIFF, _FROM, Column("month", "месяц", cells.whole(1, 12)),
            Column("factor", "коэффициент", cells.number(3, most=Decimal(100), above=True)),
            _LONG_SOURCE,
        )),
        Sort(PRICES, ("tariff", "valid_from"), ("component", "zone", "range"), (
            _TARIFF, _FROM,
            Column("component", "составляющая", cells.one_of(COMPONENTS, "component")),
            Column("zone", "зона", cells.whole(0, 8), needed=False, default=0),
            Column("range", "диапазон", cells.whole(0, 9), needed=False, default=0),
            Column("amount", "цена", cells.number(6)),
            Column("unit", "единица", cells.one_of(UNITS, "unit"), others=("ед. изм.",)),
            Column("with_vat", "с ндс", cells.flag),
            _ORDER, _LONG_SOURCE, _EXAMPLE,
        )),
        Sort(NORMATIVES, ("group", "valid_from"), ("residents",), (
            Column("group", "группа", cells.code, others=("код группы",)),
            Column("group_name", "название группы", cells.text(200), others=("помещения",)),
            _FROM,
            Column("residents", "проживающих", cells.whole(0, 20), needed=False, default=0,
                   others=("число проживающих",)),
            Column("amount", "норматив, квт·ч на человека",
                   cells.number(3, most=Decimal(10**5), above=True), others=("норматив",)),
            Column("factor", "повышающий коэффициент",
                   cells.number(3, most=Decimal(10), above=True), needed=False,
                   default=Decimal(1), others=("коэффициент",)),
            _ORDER, _LONG_SOURCE, _EXAMPLE,
        )),
        Sort(HOURLY, ("market", "day"), (), (
            _MARKET, Column("day", "день", cells.day, others=("дата",)),
            *(_hour_column(hour) for hour in range(24)),
            _LONG_SOURCE, _EXAMPLE,
        )),
        Sort(PEAKS, ("market", "kind", "day"), (), (
            _MARKET,
            Column("kind", "вид часов", cells.one_of(PEAK_KINDS, "peak-kind"), others=("вид",)),
            Column("day", "день или месяц", cells.first_of_month, others=("день", "месяц")),
            Column("hours", "часы", cells.hours),
            _LONG_SOURCE, _EXAMPLE,
        )),
    )
}  # fmt: skip
"""All sorts. `year` of the key of days is made of the day."""

# A range and a season are told beside columns that others have too.
_TELLING = {RANGES: {"up_to"}, TARIFFS: {"name"}}
BY_POWER_UNITS = (book.KW_MONTH, book.MW_MONTH)


def normal(title: str) -> str:
    """A title as it is compared: lower case, single spaces, without a trailing colon."""
    return " ".join(title.lower().replace("ё", "е").replace("\u00a0", " ").split()).rstrip(":")


def columns_of(sort: Sort, titles: Sequence[str]) -> dict[str, int] | None:
    """Where the columns of a sort stand among titles; None unless all needed ones are there."""
    places: dict[str, int] = {}
    told = [normal(title) for title in titles]
    for column in sort.columns:
        names = {normal(name) for name in column.names}
        place = next((n for n, title in enumerate(told) if title in names), None)
        if place is not None and place not in places.values():
            places[column.key] = place
    needed = {column.key for column in sort.columns if column.needed}
    needed |= _TELLING.get(sort.name, set())
    return places if needed <= set(places) else None


def recognised(titles: Sequence[str]) -> tuple[Sort, dict[str, int]] | None:
    """The sort of a table by its titles, and where its columns stand.

    Of several the one that explains the most columns.
    """
    found = [(sort, columns_of(sort, titles)) for sort in BY_NAME.values()]
    fitting = [(sort, places) for sort, places in found if places is not None]
    return max(fitting, key=lambda one: len(one[1]), default=None)

"""The demo grid as plain values: places, meter models, usage points. All of it is invented.

Nothing here is random and nothing depends on the date: what is installed when follows from it in
`grid`, what is consumed in `loads`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

MOSCOW, YEKATERINBURG = "Europe/Moscow", "Asia/Yekaterinburg"
ORGANISATION = 'АО "Заречные сети"'
VILLAGE = "пос. Заречный"

DIGITS = 6
"""Of every meter's registers, before the comma."""

ACTIVE = ("A+",)
REACTIVE = ("A+", "R+")
FULL = ("A+", "A-", "R+", "R-")


@dataclass(frozen=True, slots=True)
class Place:
    """A network node: (kind, code, name), and the code of its parent."""

    kind: str
    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """What a meter's passport says; currents in A, volts in V, the constant in imp./kWh."""

    name: str
    phases: int
    active: str
    reactive: str
    volts: int
    current: tuple[int, int]
    constant: int
    months: int
    approval: str
    has_relay: bool = False
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Load:
    """What a point consumes: a profile with its number, brought to so many kWh a year.

    `of` "below" means: what all the points under the nodes `below` draw, with `loss`, and `kwh`
    of the own needs by the profile G0. `tangent` is reactive energy for one of active.
    `as_measured`: neither scaled nor varied. `sun` in kW of panels.
    """

    of: str
    number: int = 0
    kwh: int = 0
    rotate: int = 0
    tangent: float = 0.0
    sun: float = 0.0
    below: tuple[str, ...] = ()
    loss: float = 0.0
    as_measured: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A usage point with its meter. `ct`, `vt` are the plates' ratios, None where there is none.

    `phases_shown`: voltages and currents by phase are read too. `by_hand`: only registers, typed.
    `tariff` is what the meter counts by, `billed` what is paid by where that is another.
    """

    code: str
    name: str
    node: str
    address: str
    model: str
    load: Load
    max_power: int
    tariff: str | None = None
    billed: str | None = None
    zone: str = MOSCOW
    level: str = "LV"
    ct: tuple[int, int] | None = None
    vt: tuple[int, int] | None = None
    channels: tuple[str, ...] = ACTIVE
    number: str = ""
    is_common: bool = False
    by_hand: bool = False
    phases_shown: bool = False
    nominal: int = 230

    @property
    def seed(self) -> int:
        return zlib.crc32(self.code.encode())

    @property
    def ratio(self) -> Fraction:
        ct, vt = self.ct or (1, 1), self.vt or (1, 1)
        return Fraction(*ct) * Fraction(*vt)

    @property
    def has_transformers(self) -> bool:
        return self.ct is not None

    def pick(self, what: str, count: int) -> int:
        """A number below `count` that is always the same for this point and purpose."""
        return zlib.crc32(f"{self.code} {what}".encode()) % count


MAKER = 'АО "Заречный приборный завод"'
MODELS = {
    model.name: model
    for model in (
        Model("Ладья-1", 1, "1", "", 230, (5, 60), 3200, 192, "00117-19", has_relay=True),
        Model("Ладья-1Р", 1, "1", "2", 230, (5, 80), 1600, 192, "00118-21", has_relay=True),
        Model("Ладья-3", 3, "1", "2", 230, (5, 100), 1000, 192, "00124-20", has_relay=True),
        Model("Ладья-3Т", 3, "0,5S", "1", 230, (5, 10), 5000, 120, "00131-18"),
        Model("Ладья-3ТН", 3, "0,5S", "1", 58, (5, 10), 25000, 120, "00132-18"),
    )
}
SINGLE, SINGLE_R, THREE, WITH_CT, WITH_VT = MODELS

PLACES = (
    Place("organisation", "ZS", ORGANISATION, None),
    Place("substation", "PS-ZR", 'ПС 35/10 кВ "Заречная"', "ZS"),
    Place("feeder", "F-7", "Ф-7", "PS-ZR"),
    Place("feeder", "F-12", "Ф-12", "PS-ZR"),
    Place("transformer_substation", "TP-369", "ТП-369", "F-12"),
    Place("switchboard", "TP-369-RU", "РУ-0,4 кВ", "TP-369"),
    Place("building", "CH-9", "ул. Чехова, 9", "TP-369-RU"),
    Place("switchboard", "CH-9-VRU", "ВРУ-0,4 кВ", "CH-9"),
    Place("entrance", "CH-9-1", "Подъезд 1", "CH-9-VRU"),
    Place("entrance", "CH-9-2", "Подъезд 2", "CH-9-VRU"),
    Place("transformer_substation", "TP-370", "ТП-370", "F-12"),
    Place("switchboard", "TP-370-RU", "РУ-0,4 кВ", "TP-370"),
    Place("building", "SH-3", "ул. Школьная, 3", "TP-370-RU"),
    Place("switchboard", "SH-3-VRU", "ВРУ-0,4 кВ", "SH-3"),
    Place("entrance", "SH-3-1", "Подъезд 1", "SH-3-VRU"),
    Place("switchboard", "TP-370-SH", "Щит торгового ряда", "TP-370-RU"),
    Place("transformer_substation", "TP-374", "ТП-374", "F-7"),
    Place("switchboard", "TP-374-RU", "РУ-0,4 кВ", "TP-374"),
    Place("other", "VL-1", "ВЛ-1 ул. Садовая", "TP-374-RU"),
    Place("other", "VL-2", "ВЛ-2 ул. Луговая", "TP-374-RU"),
    Place("transformer_substation", "TP-412", "ТП-412", "F-7"),
    Place("switchboard", "TP-412-RU", "РУ-0,4 кВ", "TP-412"),
    Place("other", "KL-1", "КЛ-1", "TP-412-RU"),
    Place("other", "KL-2", "КЛ-2", "TP-412-RU"),
    Place("switchboard", "RP-1", 'РП-10 кВ завода "Тигель"', "F-7"),
    Place("organisation", "ZS-V", "Восточный участок", "ZS"),
    Place("switchboard", "ZS-V-VRU", "ВРУ-0,4 кВ", "ZS-V"),
)


def _code(substation: int, line: int, number: int) -> str:
    """Fifteen digits, as 80020 wants them."""
    return f"5012{substation:04d}{line:04d}{number:03d}"


def _flats() -> Iterator[Point]:
    rotations = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 9)
    for n in range(12):
        flat = 41 + n
        own = flat == 52  # the subscriber with five points
        yield Point(
            _code(369, 1, 1 + n), f"Квартира {flat}", "CH-9-1" if n < 6 else "CH-9-2",
            f"{VILLAGE}, ул. Чехова, 9, кв. {flat}", SINGLE_R if own or n % 4 == 0 else SINGLE,
            Load("sgsc", n % 10, 1400 + 190 * (n * 5 % 12), rotations[n], 0.18),
            10_000, "HH2" if own or n % 3 == 0 else "HH3" if n == 5 else "HH1",
            channels=REACTIVE if own or n % 4 == 0 else ACTIVE,
            number="45120988" if own else "",
        )  # fmt: skip
    for n in range(10):
        yield Point(
            _code(370, 1, 1 + n), f"Квартира {1 + n}", "SH-3-1",
            f"{VILLAGE}, ул. Школьная, 3, кв. {1 + n}", SINGLE,
            Load("sgsc", (3 * n + 1) % 10, 1500 + 210 * (n * 7 % 10), 13 + n, 0.2),
            10_000, "HH2" if n % 4 == 1 else "HH1",
        )  # fmt: skip


def _houses() -> Iterator[Point]:
    address = f"{VILLAGE}, ул. Садовая, 14"
    yield Point(
        _code(374, 1, 14), "Дом", "VL-1", address, THREE, Load("uci", 0, 8600, 2, 0.12), 15_000,
        "HH2", channels=FULL, number="47183206", phases_shown=True,
    )  # fmt: skip
    yield Point(
        _code(374, 1, 15), "Мастерская", "VL-1", address, SINGLE_R,
        Load("g1", 0, 2100, 0, 0.35), 7_000, "HH2", channels=REACTIVE, number="41902117",
    )  # fmt: skip
    for number, name, kwh, meter in (
        (16, "Баня", 1380, "38411650"), (17, "Гараж", 960, "29776034"),
    ):  # fmt: skip
        yield Point(
            _code(374, 1, number), name, "VL-1", address, SINGLE, Load("h0", 0, kwh, 0, 0.1),
            5_000, "HH1", number=meter, by_hand=True,
        )  # fmt: skip
    yield Point(
        _code(374, 1, 6), "Дом 6", "VL-1", f"{VILLAGE}, ул. Садовая, 6", SINGLE_R,
        Load("uci", as_measured=True), 10_000, "HH2", channels=REACTIVE, phases_shown=True,
    )  # fmt: skip
    for n, house in enumerate((2, 8, 11, 19)):
        three = n % 2 == 0
        yield Point(
            _code(374, 1, house), f"Дом {house}", "VL-1", f"{VILLAGE}, ул. Садовая, {house}",
            THREE if three else SINGLE_R,
            Load(("uci", "load")[n % 2], 0, 5200 + 900 * n, 7 + 6 * n, 0.15),
            15_000 if three else 10_000, ("HH1", "HH2")[n % 2],
            channels=FULL if three else REACTIVE,
        )  # fmt: skip
    for n, house in enumerate((1, 3, 5, 7, 10, 12)):
        sun = (3.0, 5.0, 8.0)[n] if n < 3 else 0.0
        yield Point(
            _code(374, 2, house), f"Дом {house}", "VL-2", f"{VILLAGE}, ул. Луговая, {house}",
            THREE, Load("load" if n == 0 else "sgsc", (5, 7, 9, 4, 0, 5)[n],
                        4600 + 700 * n, 3 * n, 0.16, sun),
            15_000, "HH2" if n in (0, 2, 4) else "HH1", channels=FULL,
        )  # fmt: skip


PAID_BY = {
    'Магазин "Берег"': "PC2T-LV", 'Пекарня "Каравай"': "PC2D-LV",
    "Тепличное хозяйство": "PC3-LV", "Насосная станция": "PC4-LV",
}  # fmt: skip
"""Tariffs of businesses that are not of the first price category."""


def _businesses() -> Iterator[Point]:
    for tp, line, node, name, street, of, kwh, ct, tangent, kw in (
        (370, 2, "TP-370-SH", 'Магазин "Берег"', "ул. Школьная, 5", "g0", 64_000, 150, 0.42, 60),
        (370, 2, "TP-370-SH", 'Пекарня "Каравай"', "ул. Школьная, 5а", "g0", 88_000, 200, 0.38, 80),
        (370, 2, "TP-370-SH", 'Кафе "Пристань"', "ул. Школьная, 7", "g0", 52_000, 150, 0.35, 50),
        (370, 2, "TP-370-SH", "Аптека", "ул. Школьная, 7а", "g0", 21_000, 100, 0.3, 25),
        (412, 1, "KL-1", 'Автосервис "Колея"', "ул. Заводская, 4", "g1", 46_000, 150, 0.5, 60),
        (412, 1, "KL-1", "Тепличное хозяйство", "ул. Заводская, 8", "l0", 118_000, 300, 0.33, 140),
        (412, 1, "KL-1", "Насосная станция", "ул. Заводская, 2", "h0", 97_000, 200, 0.62, 75),
        (412, 2, "KL-2", 'Детский сад "Лучик"', "ул. Мира, 12", "g1", 58_000, 200, 0.28, 70),
    ):
        yield Point(
            _code(tp, line, 100 + kwh // 1000), name, node, f"{VILLAGE}, {street}", WITH_CT,
            Load(of, 0, kwh, 0, tangent), kw * 1000, billed=PAID_BY.get(name, "PC1-LV"), ct=(ct, 5),
            channels=FULL, phases_shown=name.startswith("Магазин"),
        )  # fmt: skip
    for n, name, of, kwh, kw in (
        (1, "Уличное освещение", "dark", 26_000, 8),
        (2, "Базовая станция", "even", 19_000, 6),
        (3, "Зарядная станция", "g0", 31_000, 30),
        (4, 'Гаражный кооператив "Руль"', "h0", 23_000, 25),
    ):
        yield Point(
            _code(412, 3, n), name, "KL-2", f"{VILLAGE}, ул. Мира, {20 + 2 * n}", THREE,
            Load(of, 0, kwh, 4 * n, 0.25), kw * 1000, billed="PC1-LV", channels=FULL,
        )  # fmt: skip
    for n in (1, 2):
        yield Point(
            _code(901, 1, n), f"Ввод {n} 10 кВ", "RP-1", f"{VILLAGE}, ул. Заводская, 1", WITH_VT,
            Load("works", n - 1, 1_900_000 - 400_000 * n, n, 0.44), 900_000,
            level="MV2", billed="PC4-MV2", ct=(100, 5), vt=(10_000, 100), channels=FULL,
            phases_shown=n == 1, nominal=5774,
        )  # fmt: skip
    yield Point(
        _code(801, 1, 1), "Офис продаж", "ZS-V-VRU", "г. Каменногорье, ул. Горная, 3", THREE,
        Load("g1", 0, 34_000, 0, 0.3), 30_000, billed="PC1-LV", zone=YEKATERINBURG,
        channels=FULL,
    )  # fmt: skip


def _sums() -> Iterator[Point]:
    for tp, house, address, kwh in (
        (369, "CH-9", "ул. Чехова, 9", 9_500), (370, "SH-3", "ул. Школьная, 3", 7_200),
    ):  # fmt: skip
        yield Point(
            _code(tp, 1, 900), "Общедомовой учёт", f"{house}-VRU", f"{VILLAGE}, {address}",
            WITH_CT, Load("below", kwh=kwh, below=(house,), loss=0.012, tangent=0.24), 100_000,
            billed="PC1-LV", ct=(200, 5), channels=FULL, is_common=True,
        )  # fmt: skip
    for tp in (369, 370, 374, 412):
        yield Point(
            _code(tp, 9, 1), "Ввод Т-1 0,4 кВ", f"TP-{tp}-RU", f"{VILLAGE}, ТП-{tp}", WITH_CT,
            Load("below", kwh=900, below=(f"TP-{tp}",), loss=0.021, tangent=0.3), 250_000,
            ct=(400, 5), channels=FULL,
        )  # fmt: skip
    for feeder, below in (("F-7", ("TP-374", "TP-412", "RP-1")), ("F-12", ("TP-369", "TP-370"))):
        yield Point(
            _code(35, int(feeder[2:]), 1), f"Ячейка {feeder.replace('F', 'Ф')}", feeder,
            f'{VILLAGE}, ПС "Заречная"', WITH_VT,
            Load("below", below=below, loss=0.014, tangent=0.32), 4_000_000, level="MV2",
            ct=(200, 5), vt=(10_000, 100), channels=FULL, nominal=5774,
        )  # fmt: skip


POINTS: tuple[Point, ...] = (*_flats(), *_houses(), *_businesses(), *_sums())
INDEX = {point.code: n for n, point in enumerate(POINTS)}
BY_NAME = {point.name: n for n, point in enumerate(POINTS)}
"""Only for names that are there once."""


def installed_on(point: Point, since: date) -> date:
    """When a point's first meter was put there: one to seven years before the data begin."""
    return since - timedelta(days=380 + point.pick("installed", 2200))


def nodes_below(top: str) -> set[str]:
    """The codes of a node and of all under it."""
    found = {top}
    for place in PLACES:  # parents stand before their children
        if place.parent in found:
            found.add(place.code)
    return found


def leaves_below(point: Point) -> list[int]:
    """The points whose consumption a summing point measures: all but sums, under its nodes."""
    nodes = set[str]().union(*(nodes_below(top) for top in point.load.below))
    return [n for n, p in enumerate(POINTS) if p.load.of != "below" and p.node in nodes]

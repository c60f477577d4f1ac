"""The format: which columns there are, what they are called, what their cells say.

Documentation, template and recognition are made from this table; a test compares it with
docs/how-to/import-a-grid.md. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from faza.protocols.tabular.words import plain


class Kind(StrEnum):
    """What a cell of a column is."""

    PATH = "path"
    TEXT = "text"
    NUMBER_TEXT = "number_text"  # a number that is a name: of a meter, of an agreement
    CHOICE = "choice"
    ZONE = "zone"
    POWER = "power"
    YEAR = "year"
    DATE = "date"
    RATIO = "ratio"
    INN = "inn"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its titles, other names that files give it, longest text, example."""

    key: str
    ru: str
    en: str
    words: str
    kind: Kind
    about_ru: str
    about_en: str
    example: str = ""
    longest: int = 0
    choices: Mapping[str, str] | None = None
    needed: bool = False

    def title(self, language: str) -> str:
        return self.ru if language == "ru" else self.en


def _words(**meanings: str) -> dict[str, str]:
    """Words in cells, each with what it means; the first of a meaning is the template's."""
    return {word: name for name, text in meanings.items() for word in text.split("|")}


RESOURCES = _words(
    electricity="электроэнергия|электричество|эл. энергия|ээ|electricity",
    water="вода|водоснабжение|water",
    gas="газ|gas",
    heat="тепло|тепловая энергия|heat",
)
LEVELS = _words(
    LV="НН|lv|0,4|0.4|0,4 кв|0.4 кв|низкое",
    MV2="СН2|СН-2|mv2|среднее 2|среднее второе",
    MV1="СН1|СН-1|mv1|среднее 1|среднее первое",
    HV="ВН|hv|высокое",
)
PHASES = _words(
    **{"1": "1|1ф|1 ф|однофазный|однофазная", "3": "3|3ф|3 ф|трёхфазный|трехфазный|трёхфазная"}
)
YES_NO = _words(yes="да|yes|1|+|true|истина|x|х|одпу|общедомовой", no="нет|no|0|-|—|–|false|ложь")
CUSTOMERS = _words(
    person="физическое лицо|физлицо|фл|гражданин|население|person",
    entrepreneur="ИП|индивидуальный предприниматель|entrepreneur",
    organisation="организация|юридическое лицо|юрлицо|юл|organisation|organization",
    budget="бюджет|бюджетная организация|бюджетное учреждение|budget",
)
NODES = _words(
    organisation="организация|сетевая организация|рэс|organisation",
    substation="подстанция|пс|substation",
    feeder="фидер|линия|feeder",
    transformer_substation="ТП|трансформаторная подстанция|рп|ктп|transformer substation",
    switchboard="щит|распределительное устройство|ру|вру|секция|switchboard",
    building="здание|дом|building",
    entrance="подъезд|entrance",
    other="другое|other",
)

_T, _D, _C = Kind.TEXT, Kind.DATE, Kind.CHOICE


def _transformers(key: str, ru: str, en: str, ratio: str, example: str) -> list[Column]:
    low, name = ru.lower(), "тока" if key == "ct" else "напряжения"
    other = f"тип тр-ров {name}|тип трансформаторов {name}|тип трансформатора {name}|марка {low}"
    found = [
        Column(
            f"{key}_type", f"Тип {ru}", f"{en} type", other, _T,
            f"Тип трансформаторов {name}, как на табличке.", f"Type of the {en}s, as on the plate.",
            example, 100,
        ),
        Column(
            f"{key}_ratio", ru, f"{en} ratio",
            f"коэффициент {low}|коэф. {low}|ктр {low}|к{low}|коэффициент трансформации {low}"
            f"|коэффициент трансформации по {'току' if key == 'ct' else 'напряжению'}|{key}",
            Kind.RATIO, f"Коэффициент дробью, как на табличке: {ratio}.",
            f"The ratio as a fraction, as on the plate: {ratio}.", ratio,
        ),
    ]  # fmt: skip
    for letter, phase, number in (("а", "A", "11"), ("в", "B", "12"), ("с", "C", "13")):
        latin = phase.lower()
        words = "|".join(
            f"{start} {mark}"
            for start in (f"№ {low}", f"номер {low}", f"{low} №", f"{low} фаза", f"{key} number")
            for mark in (letter, latin, f"фаза {letter}", f"ф. {letter}")
        )
        found.append(
            Column(
                f"{key}_{latin}", f"№ {ru}, фаза {phase}", f"{en} number, phase {phase}", words,
                Kind.NUMBER_TEXT, f"Номер трансформатора {name} фазы {phase}.",
                f"Number of the {en} of phase {phase}.", f"1000{number}" if key == "ct" else "", 50,
            )
        )  # fmt: skip
    return found


COLUMNS: tuple[Column, ...] = (
    Column("node", "Узел", "Node", "путь|место|узел сети|путь узла|node path|place|подстанция"
           "|размещение|объект", Kind.PATH,
           "Путь от верхнего узла вниз через «\\»; чего нет в сети, появится.",
           "Path from the top down, parted by \\; what is not in the network is made.",
           "ТП-403\\РУ-0,4 кВ", 2000, needed=True),
    Column("node_kind", "Вид узла", "Kind of node", "тип узла|вид места|node kind", _C,
           "Вид последнего узла пути; без него угадывается по названию.",
           "Kind of the last node of the path; guessed from its name where not told.",
           "", choices=NODES),
    Column("point_code", "Код точки", "Point code", "код|код ту|код точки учёта|код точки учета"
           "|код точки измерения|usage point code|point|code", Kind.NUMBER_TEXT,
           "Постоянный код точки; без него точка узнаётся по узлу и названию, а код придумывается.",
           "Permanent code; without it a point is known by node and name, and a code is made.",
           "", 50),
    Column("point_name", "Точка учёта", "Usage point", "наименование|название|наименование точки"
           "|наименование точки учёта|название точки|присоединение|точка|name|point name|ту", _T,
           "Название точки в узле.", "Name of the point at its node.", "КЛ-1", 200, needed=True),
    Column("address", "Адрес", "Address", "адрес точки|адрес объекта|адрес установки"
           "|место установки", _T, "Адрес точки.", "Address of the point.",
           "г. Заречный, ул. Полевая, 2", 300),
    Column("zone", "Часовой пояс", "Time zone", "пояс|зона времени|таймзона|timezone|zone",
           Kind.ZONE, "Europe/Moscow или МСК+2; без него пояс московский.",
           "Europe/Moscow or МСК+2; Moscow where not told.", "Europe/Moscow", 50),
    Column("resource", "Ресурс", "Resource", "энергоресурс|вид ресурса|commodity", _C,
           "Что измеряется; без него электроэнергия.", "What is metered; electricity by default.",
           "электроэнергия", choices=RESOURCES),
    Column("phases", "Фазы", "Phases", "число фаз|количество фаз|фазность|кол-во фаз", _C,
           "1 или 3; без него 3.", "1 or 3; 3 where not told.", "3", choices=PHASES),
    Column("max_power", "Макс. мощность, кВт", "Max power, kW", "максимальная мощность"
           "|максимальная мощность, квт|макс. мощность|мощность|мощность, квт|разрешённая мощность"
           "|max power|pmax", Kind.POWER, "Максимальная мощность в кВт.", "Maximum power in kW.",
           "15"),
    Column("voltage_level", "Уровень напряжения", "Voltage level", "напряжение|уровень"
           "|тарифный уровень напряжения", _C, "ВН, СН1, СН2, НН; без него НН.",
           "HV, MV1, MV2, LV; LV where not told.", "НН", choices=LEVELS),
    Column("is_common", "Общедомовой", "Common house meter", "одпу|общедомовой прибор|оду|odpu"
           "|common|is common", _C, "да для прибора на весь дом.", "yes for the meter of a house.",
           "нет", choices=YES_NO),
    Column("manufacturer", "Изготовитель", "Manufacturer", "производитель|завод|завод-изготовитель"
           "|изготовитель прибора", _T, "Изготовитель прибора.", "Manufacturer of the meter.",
           "АО «Заречный приборный завод»", 200),
    Column("meter_model", "Тип прибора", "Meter model", "модель|тип пу|тип счётчика|тип|марка"
           "|модель прибора|тип прибора учёта|марка прибора|model|meter type", _T,
           "Тип прибора из справочника.", "Type of the meter, from the catalogue.", "Ладья-3", 100),
    Column("meter_number", "№ прибора", "Meter number", "номер|номер прибора|номер счётчика"
           "|заводской номер|зав. №|зав. номер|№ счётчика|№ пу|номер пу|серийный номер|прибор"
           "|прибор учёта|счётчик|serial|serial number|meter", Kind.NUMBER_TEXT,
           "Заводской номер прибора.", "The meter's number.", "41207660", 50),
    Column("made_in", "Год выпуска", "Made in", "год|выпуск|год изготовления|year", Kind.YEAR,
           "Год выпуска прибора.", "Year in which the meter was made.", "2024"),
    Column("verified_on", "Дата поверки", "Verified on", "поверен|последняя поверка|поверка от"
           "|дата последней поверки|verified", _D, "Когда прибор поверен.",
           "When the meter was verified.", "12.03.2024"),
    Column("verification_due", "Поверка до", "Verification due", "поверка|поверка пу"
           "|следующая поверка|дата следующей поверки|годен до|поверен до|очередная поверка|due"
           "|verified until", _D,
           "До какого дня поверка действует, не включая его.",
           "Until which day the verification holds, that day excluded.", "12.03.2034"),
    Column("certificate", "Свидетельство", "Certificate", "свидетельство о поверке"
           "|номер свидетельства|№ свидетельства", _T, "Номер свидетельства о поверке.",
           "Number of the verification certificate.", "", 100),
    *_transformers("ct", "ТТ", "CT", "200/5", "ТТЗ-0,66"),
    *_transformers("vt", "ТН", "VT", "10000/100", ""),
    Column("installed_from", "Установлен", "Installed from", "дата установки|установлен с"
           "|дата ввода|дата монтажа|установка|installed|installed on", _D,
           "С какого дня прибор стоит в точке; без него с дня, выбранного при импорте.",
           "From which day the meter stands at the point; a day chosen at the import by default.",
           "01.04.2024"),
    Column("agreement", "Договор", "Agreement", "номер договора|№ договора|лицевой счёт|л/с"
           "|договор №|agreement number|account", Kind.NUMBER_TEXT, "Номер договора.",
           "Number of the agreement.", "40-188-204", 100),
    Column("customer_kind", "Вид потребителя", "Kind of customer", "тип потребителя"
           "|категория потребителя|вид абонента|тип абонента|customer kind", _C,
           "Физическое лицо, ИП, организация, бюджет; нужен для нового потребителя.",
           "Person, entrepreneur, organisation, budget; needed for a new customer.",
           "организация", choices=CUSTOMERS),
    Column("customer", "Потребитель", "Customer", "абонент|наименование потребителя|фио"
           "|наименование абонента|customer name", _T, "Имя или наименование потребителя.",
           "Name of the customer.", "ООО «Луговое»", 300),
    Column("inn", "ИНН", "INN", "инн потребителя|инн абонента|taxpayer number", Kind.INN,
           "ИНН потребителя.", "The customer's taxpayer number.", "", 12),
    Column("agreement_from", "Договор с", "Agreement from", "дата договора|договор действует с"
           "|начало договора", _D, "С какого дня договор действует.",
           "From which day the agreement holds.", "01.01.2024"),
    Column("agreement_to", "Договор по", "Agreement to", "договор до|договор действует до"
           "|окончание договора|конец договора", _D, "До какого дня договор действует, не включая.",
           "Until which day the agreement holds, that day excluded.", ""),
    Column("tariff", "Тариф", "Tariff", "код тарифа|tariff code", Kind.NUMBER_TEXT,
           "Код тарифа договора.", "Code of the agreement's tariff.", "", 30),
    Column("bound_from", "Доступ с", "Bound from", "точка в договоре с|привязка с|включена с", _D,
           "С какого дня точка входит в договор; без него с начала договора.",
           "From which day the agreement covers the point; its own start by default.", ""),
)  # fmt: skip

BY_KEY: dict[str, Column] = {column.key: column for column in COLUMNS}


def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for column in COLUMNS:
        for word in (column.ru, column.en, column.key, *column.words.split("|")):
            other = names.setdefault(folded(word), column.key)
            assert other == column.key, f"{word} is of {other} and of {column.key}"
    return names


def folded(title: str) -> str:
    """A title for comparing: small letters, no dots, commas, brackets and double spaces."""
    text = plain(title)
    for mark in ".,:()[]*«»\"'_":
        text = text.replace(mark, " ")
    return " ".join(text.split())


NAMES: dict[str, str] = _names()
"""Every name that a column is known by, folded, with the column's key."""


def recognise(titles: Sequence[str]) -> dict[int, str]:
    """Which column each title is; those that are unknown or come again are left out."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for index, title in enumerate(titles):
        key = NAMES.get(folded(title))
        if key is not None and key not in taken:
            found[index] = key
            taken.add(key)
    return found


def letter(index: int) -> str:
    """The letters of a column as spreadsheets name it: 0 is A, 26 is AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

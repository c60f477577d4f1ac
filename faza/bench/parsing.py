"""80020: a message of a thousand points with decimals, statuses and line numbers."""

from __future__ import annotations

import numpy as np

from faza.bench.households import Homes
from faza.bench.measure import Measure, at_least, timed
from faza.protocols import xml80020

POINTS = 1_000


def message() -> bytes:
    """A day of real homes as text, some values missing, line by line as senders write it."""
    batch = Homes(np.arange(POINTS)).days(0)
    random = np.random.default_rng(5)
    missing = random.random(batch.values.shape) < 0.01
    parts = [
        '<?xml version="1.0" encoding="windows-1251"?>\n<message class="80020" version="2"'
        ' number="7">\n<datetime><timestamp>20260303010000</timestamp>'
        "<daylightsavingtime>0</daylightsavingtime><day>20260302</day></datetime>\n"
        "<sender><inn>7700000001</inn><name>Сети</name></sender>\n"
        "<area><inn>7700000001</inn><name>Область</name>\n"
    ]
    clock = [f"{m // 60:02}{m % 60:02}" for m in range(0, 1440, 30)] + ["0000"]
    for row in range(len(batch)):
        if row % 4 == 0:
            parts.append(f'<measuringpoint code="{10**14 + row // 4}" name="Дом {row // 4}">\n')
        parts.append(f'<measuringchannel code="{row % 4 + 1:02}" desc="канал">\n')
        for i in range(48):
            value = "" if missing[row, i] else f"{batch.values[row, i] / 1000:g}"
            parts.append(
                f'<period start="{clock[i]}" end="{clock[i + 1]}">'
                f'<value status="{int(missing[row, i])}">{value}</value></period>\n'
            )
        parts.append("</measuringchannel>\n")
        if row % 4 == 3:
            parts.append("</measuringpoint>\n")
    return ("".join(parts) + "</area>\n</message>\n").encode("cp1251")


def measure() -> list[Measure]:
    data = message()
    seconds = [timed(lambda: xml80020.read(data)) for _ in range(5)]
    rate = POINTS * 4 * 48 / float(np.median(seconds))
    return [at_least("80020: parse with decimals, statuses and lines", rate, "values/s", 350_000)]

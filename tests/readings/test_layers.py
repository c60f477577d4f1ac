"""Whatever is delivered, judged, estimated, overridden and withdrawn, in whatever order."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from faza.core.quality import Quality
from faza.readings import services
from faza.readings.models import DeliveredBlock, Provenance
from tests.readings.factories import day_of, deliver, full, make_point, numbers, stored
from tests.readings.test_verdicts import DOUBTS, LATER, REJECTS, settle

pytestmark = pytest.mark.django_db
Layer = Provenance.Layer
HOURS = st.integers(0, 3)
DEEDS = st.one_of(
    st.tuples(st.just("deliver"), st.dictionaries(HOURS, st.integers(1, 3), min_size=1)),
    st.tuples(
        st.just("settle"), st.dictionaries(HOURS, st.sampled_from([DOUBTS, REJECTS])),
        st.dictionaries(HOURS, st.integers(4, 6)),
    ),
    st.tuples(st.just("guess"), st.dictionaries(HOURS, st.integers(7, 8), min_size=1)),
    st.tuples(st.just("override"), st.dictionaries(HOURS, st.just(9), min_size=1)),
    st.tuples(st.just("withdraw"), st.sets(HOURS, min_size=1)),
)  # fmt: skip


class Model:
    """What the layers mean, an hour at a time."""

    def __init__(self) -> None:
        self.hours = [{"delivered": None, "verdict": 0, "guess": None, "person": False,
                       "override": None} for _ in range(24)]  # fmt: skip

    def may(self, hour: dict) -> bool:
        return hour["delivered"] is None or bool(hour["verdict"])

    def deliver(self, told: dict[int, int]) -> None:
        for number, value in told.items():
            hour = self.hours[number]
            if hour["delivered"] != value:
                hour.update(delivered=value, verdict=0, guess=None, person=False)

    def settle(self, effects: dict[int, int], guesses: dict[int, int]) -> None:
        for number, hour in enumerate(self.hours):
            hour["verdict"] = effects.get(number, 0) if hour["delivered"] is not None else 0
            if hour["person"] and self.may(hour):
                continue
            hour.update(person=False, guess=None)
            if self.may(hour) and hour["override"] is None:
                hour["guess"] = guesses.get(number)

    def guess(self, told: dict[int, int]) -> None:
        for number, value in told.items():
            hour = self.hours[number]
            if self.may(hour) and hour["override"] is None:
                hour.update(guess=value, person=True)

    def override(self, told: dict[int, int]) -> None:
        for number, value in told.items():
            self.hours[number].update(override=value, guess=None, person=False)

    def withdraw(self, told: set[int]) -> None:
        for number in told:
            self.hours[number]["override"] = None

    def effective(self) -> list:
        found = []
        for hour in self.hours:
            value, code = hour["delivered"], Quality.VALID
            if value is None or hour["verdict"] == REJECTS:
                value, code = None, Quality.MISSING
            elif hour["verdict"] == DOUBTS:
                code = Quality.QUESTIONABLE
            if hour["guess"] is not None:
                value, code = hour["guess"], Quality.ESTIMATED_BY_DAY
            if hour["override"] is not None:
                value, code = hour["override"], Quality.EDITED
            found.append((value, int(code)))
        return found


def do(point: int, number: int, name: str, *told, at=LATER) -> None:
    """A deed on the store."""
    if name == "deliver":
        deliver(day_of(point, [told[0].get(hour, ...) for hour in range(24)]), number, at=at)
    elif name == "settle":
        settle(point, *told, at=at)
    elif name == "withdraw":
        hours = [0 if hour in told[0] else ... for hour in range(24)]
        source = services.get_source("override")
        services.withdraw(
            day_of(point, hours), layer=Layer.OVERRIDE, source=source, at=at, reason="ошибка"
        )
    else:
        layer = Layer.ESTIMATE if name == "guess" else Layer.OVERRIDE
        code = Quality.ESTIMATED_BY_DAY if name == "guess" else Quality.EDITED
        values = [told[0].get(hour, ...) for hour in range(24)]
        services.amend(
            day_of(point, values, [code] * 24), layer=layer, at=at, reason="на месте",
            source=services.get_source("operator" if name == "guess" else "override"),
        )  # fmt: skip


@given(st.lists(DEEDS, min_size=1, max_size=7))
def test_whatever_is_done_the_layers_mean_the_same(deeds):
    with transaction.atomic():
        point = make_point().pk
        deliver(day_of(point, full(rest=0)), 1)
        model = Model()
        model.deliver(dict.fromkeys(range(24), 0))
        for number, (name, *told) in enumerate(deeds, 2):
            do(point, number, name, *told)
            getattr(model, name)(*told)
        assert [row[1:] for row in stored(point)] == model.effective()
        laid = any(
            hour["verdict"] or hour["guess"] is not None or hour["override"] is not None
            for hour in model.hours
        )
        assert DeliveredBlock.objects.exists() == laid
        delivered = numbers(point, delivered=laid)
        assert delivered == [hour["delivered"] for hour in model.hours]
        transaction.set_rollback(True)

"""What an order may not be, each guard on its own."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from faza.collection.orders import rules
from faza.collection.orders.rules import Asked, Deed, Fault, Ground, Initiator, Situation

TODAY = date(2026, 11, 20)
HERE = Situation(today=TODAY, term=20)
OFF = Asked(
    Deed.OFF, Initiator.OWNER, Ground.DEBT, "Долг.", TODAY, noticed_on=date(2026, 10, 1), papers=1
)
POWER = replace(OFF, deed=Deed.LIMIT, threshold=1_000)
ON = Asked(Deed.RESTORE, Initiator.OWNER, Ground.CURED, "Оплачено.", TODAY)
LIFT = replace(ON, deed=Deed.LIFT)


@pytest.mark.parametrize("asked", [OFF, POWER, ON, LIFT])
def test_what_is_in_order_has_no_faults(asked):
    assert rules.faults(asked, HERE) == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"ground": Ground.CURED}, Fault.GROUND),
        ({"words": " "}, Fault.NO_WORDS),
        ({"noticed_on": None}, Fault.NO_NOTICE),
        ({"noticed_on": TODAY + timedelta(1)}, Fault.NOTICE_AHEAD),
        ({"reminded_on": TODAY + timedelta(1)}, Fault.NOTICE_AHEAD),
        ({"noticed_on": TODAY - timedelta(19)}, Fault.TOO_SOON),
        ({"papers": 0}, Fault.NO_PAPER),
        ({"initiator": Initiator.SUPPLIER}, Fault.NO_SUPPLIER),
        ({"deed": Deed.LIMIT}, Fault.NO_THRESHOLD),
        ({"deed": Deed.LIMIT, "threshold": 0}, Fault.NO_THRESHOLD),
    ],
)
def test_an_order_to_limit_lacks_something(fields, fault):
    assert fault in rules.faults(replace(OFF, **fields), HERE)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"is_protected": True}, Fault.PROTECTED),
        ({"has_life_support": True}, Fault.LIFE_SUPPORT),
        ({"is_common": True}, Fault.COMMON),
        ({"has_device": False}, Fault.NO_DEVICE),
        ({"has_relay": False}, Fault.NO_RELAY),
    ],
)
def test_something_at_the_point_stands_against_it(fields, fault):
    assert rules.faults(OFF, replace(HERE, **fields)) == [fault]


@pytest.mark.parametrize("asked", [OFF, POWER])
@pytest.mark.parametrize("ground", rules.TO_LIMIT)
def test_protection_blocks_whatever_the_ground(asked, ground):
    here = replace(HERE, is_protected=True, has_life_support=True)

    found = rules.faults(replace(asked, ground=ground), here)

    assert {Fault.PROTECTED, Fault.LIFE_SUPPORT} <= set(found)


def test_who_is_protected_is_restored():
    assert rules.faults(ON, replace(HERE, is_protected=True, has_life_support=True)) == []


def test_the_last_day_of_the_term_is_enough_and_the_day_counts_from_the_order():
    told = replace(OFF, noticed_on=TODAY - timedelta(10))

    assert rules.faults(replace(told, day=TODAY + timedelta(10)), HERE) == []
    assert rules.faults(replace(told, day=TODAY + timedelta(9)), HERE) == [Fault.TOO_SOON]


@pytest.mark.parametrize("ground", rules.AT_ONCE)
def test_danger_and_the_own_wish_need_no_notice(ground):
    assert rules.faults(replace(OFF, ground=ground, noticed_on=None), HERE) == []


def test_direct_switching_on_needs_somebody_at_the_meter():
    assert rules.faults(replace(ON, to_on=True), HERE) == [Fault.NO_PRESENCE]
    assert rules.faults(replace(ON, to_on=True, presence=" "), HERE) == [Fault.NO_PRESENCE]
    assert rules.faults(replace(ON, to_on=True, presence="Монтёр Ильин"), HERE) == []


def test_a_limitation_goes_a_day_after_it_was_told_and_a_restoration_at_once():
    at = datetime(2026, 11, 20, 12)
    day = timedelta(days=1)

    assert rules.begins_at(Deed.OFF, Ground.DEBT, at, confirmed_at=at) == at + day
    assert rules.begins_at(Deed.OFF, Ground.DEBT, at + 3 * day, confirmed_at=at) == at + 3 * day
    assert rules.begins_at(Deed.OFF, Ground.SAFETY, at, confirmed_at=at) == at
    assert rules.begins_at(Deed.RESTORE, Ground.CURED, at, confirmed_at=at) == at


@pytest.mark.parametrize(
    ("to", "said", "is_done"),
    [
        ("off", {"is_on": False, "control": "off"}, True),
        ("off", {"is_on": False, "control": "ready"}, True),
        ("off", {"is_on": True, "control": "on"}, False),
        ("off", {"is_on": False, "control": "on"}, False),
        ("off", {}, False),
        ("permit", {"is_on": False, "control": "ready"}, True),
        ("permit", {"is_on": True, "control": "on"}, True),
        ("permit", {"is_on": False, "control": "off"}, False),
        ("on", {"is_on": True, "control": "on"}, True),
        ("on", {"is_on": False, "control": "ready"}, False),
        ("on", {}, False),
    ],
)
def test_a_relay_is_believed_only_when_it_was_read_back(to, said, is_done):
    assert rules.is_done({"to": to}, said) is is_done


def test_a_limiter_is_believed_by_its_threshold():
    told = {"what": "power", "threshold": 3_000, "seconds": 60, "is_on": True}

    assert rules.is_done(told, told)
    assert not rules.is_done(told, told | {"threshold": 15_000})
    assert not rules.is_done(told, told | {"is_on": False})
    assert rules.is_done(told | {"is_on": False}, told | {"is_on": False})
    assert not rules.is_done(told | {"is_on": False}, told)

"""Tariff calendars: what a tariff wants, in what a meter differs, and having it written."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from faza.accounts.models import User
from faza.collection.models import CalendarVersion, Command
from faza.collection.orders import schedules, scheduling
from faza.collection.orders.schedules import Difference, NoZones
from faza.collection.orders.scheduling import Verdict
from faza.collection.polling import calendars
from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.tariffs import services as tariffs
from faza.tariffs.models import Tariff, TariffZone
from faza.tariffs.rules import HOLIDAY, SHORT, WORKING
from tests.accounts.factories import make_user
from tests.collection.orders.factories import make_place
from tests.collection.polling.factories import AT

FRIDAY = date(2026, 11, 20)
NIGHT = [(1, [(420, 1380)]), (2, [(0, 420), (1380, 1440)])]
ALL_DAY = [(1, [(0, 1440)]), (2, [])]
SWITCHES = ((0, 2), (420, 1), (1380, 2))


def read(*, switches=SWITCHES, week=(7,) * 7, start=(1, 1), special=(), more=()) -> TariffCalendar:
    """As a meter writes it: other names, other numbers."""
    days = (DaySchedule(7, switches), *more)
    return TariffCalendar("A1", (Season("s", start, week),), days, special)


class TestExpected:
    def test_one_kind_of_day_where_days_off_are_as_the_others(self):
        made = schedules.expected("HH2", NIGHT, [], {date(2027, 1, 1): HOLIDAY})

        assert made.days == (DaySchedule(1, SWITCHES),)
        assert made.special == ()

    def test_special_days_are_those_of_the_production_calendar(self):
        exceptions = {
            date(2027, 1, 1): HOLIDAY, date(2027, 2, 20): WORKING, date(2027, 2, 22): SHORT,
            date(2027, 5, 1): HOLIDAY,
        }  # fmt: skip
        made = schedules.expected("X", NIGHT, [ALL_DAY[0]], exceptions)

        # A short day is worked, and a holiday on a Saturday is off anyhow.
        assert made.special == ((1, 1, 2027, 2), (2, 20, 2027, 1))
        assert made.seasons[0].week == (1, 1, 1, 1, 1, 2, 2)

    @pytest.mark.parametrize("zones", [[], NIGHT[:1], [*NIGHT, (3, [(0, 60)])]])
    def test_zones_have_to_divide_the_day(self, zones):
        with pytest.raises(NoZones):
            schedules.expected("X", zones, [], {})


class TestDifferences:
    wanted = schedules.expected("HH2", NIGHT, [], {})

    @pytest.mark.parametrize(
        "found",
        [
            read(),
            read(switches=((420, 1), (1380, 2))),  # the night counts on over midnight
            read(switches=((0, 2), (120, 2), (420, 1), (1380, 2))),
            read(start=(11, 1)),  # before November the season of the year before holds
            read(special=((1, 1, None, 7),)),
        ],
    )
    def test_there_are_none_where_it_counts_alike(self, found):
        assert schedules.differences(self.wanted, found, first=FRIDAY) == []

    def test_an_hour_more_is_told_with_its_days(self):
        other = ((0, 2), (480, 1), (1380, 2))

        (told,) = schedules.differences(self.wanted, read(switches=other), first=FRIDAY)

        assert told == Difference(FRIDAY, schedules.AHEAD, SWITCHES, other)

    def test_so_is_a_single_special_day(self):
        found = read(special=((1, 1, 2027, 9),), more=(DaySchedule(9, ((0, 1),)),))

        (told,) = schedules.differences(self.wanted, found, first=FRIDAY)

        assert told == Difference(date(2027, 1, 1), 1, SWITCHES, ((0, 1),))

    def test_and_a_kind_of_day_that_is_nowhere(self):
        (told,) = schedules.differences(self.wanted, read(week=(7, 7, 7, 7, 7, 7, 8)), first=FRIDAY)

        assert (told.first, told.days, told.is_now) == (date(2026, 11, 22), 52, None)

    def test_and_a_missing_special_day(self):
        wanted = schedules.expected("X", NIGHT, [ALL_DAY[0]], {date(2027, 1, 1): HOLIDAY})

        (told,) = schedules.differences(wanted, replace(wanted, special=()), first=FRIDAY)

        assert (told.first, told.days, told.is_now) == (date(2027, 1, 1), 1, SWITCHES)


@pytest.fixture
def tariff(db):
    tariffs.import_shipped()
    return Tariff.objects.get(code="HH2")


@pytest.fixture
def place(tariff):
    made = make_place()
    made.agreement.tariff = tariff
    made.agreement.save()
    return made


def rows(user: User) -> list:
    return list(scheduling.devices(user, at=AT).order_by("pk"))


def keep(place, calendar: TariffCalendar, at=AT) -> None:
    told = calendars.to_json(calendar)
    CalendarVersion.objects.create(
        meter=place.device.meter, read_at=at, fingerprint=calendars.fingerprint(told), calendar=told
    )


def verdict(place) -> Verdict:
    (row,) = rows(place.first)
    known = scheduling.known([(row.tariff_id, row.calendar_mark)], on=FRIDAY)
    return known.verdict(row.tariff_id, row.calendar_mark)


class TestVerdict:
    def test_by_the_last_calendar_that_was_read(self, place):
        assert verdict(place) is Verdict.UNREAD

        keep(place, read(switches=((0, 1),)))
        assert verdict(place) is Verdict.OTHER

        keep(place, read(), AT + timedelta(hours=1))
        assert verdict(place) is Verdict.SAME

    def test_without_a_tariff_nothing_is_expected(self, place):
        place.agreement.tariff = None
        place.agreement.save()
        assert verdict(place) is Verdict.UNKNOWN

    def test_nor_without_zones(self, place, tariff):
        TariffZone.objects.filter(tariff=tariff).delete()
        assert verdict(place) is Verdict.UNKNOWN

    def test_an_operator_sees_the_own_area(self, place):
        assert len(rows(place.first)) == 1
        assert rows(make_user(User.Role.OPERATOR)) == []
        assert len(rows(make_user(User.Role.ADMINISTRATOR))) == 1

    def test_queries_do_not_grow(self, place, tariff, django_assert_max_num_queries):
        for number in range(5):
            one = make_place(f"5{number:03d}")
            one.agreement.tariff = tariff
            one.agreement.save()
        with django_assert_max_num_queries(8):
            scheduling.sorted_out(rows(place.first), on=FRIDAY)


class TestWriting:
    def test_it_is_activated_at_the_local_midnight_and_read_again(self, place):
        keep(place, read(switches=((0, 1),)))
        (command,) = scheduling.write(
            rows(place.first), at=AT, by=place.first, activate_on=FRIDAY + timedelta(3)
        )

        midnight = datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=3)))
        assert datetime.fromisoformat(command.arguments["activate_at"]) == midnight
        assert command.expires_at == midnight
        again = Command.objects.get(kind="read_now")
        assert again.not_before > midnight
        assert again.arguments == {"kinds": ["calendar"]}

    def test_what_waits_counts_rightly_or_has_no_tariff_is_left(self, place):
        keep(place, read())
        assert scheduling.write(rows(place.first), at=AT, by=place.first) == []

        keep(place, read(switches=((0, 1),)), AT + timedelta(hours=1))
        assert len(scheduling.write(rows(place.first), at=AT, by=place.first)) == 1
        assert scheduling.write(rows(place.first), at=AT, by=place.first) == []
        assert len(scheduling.sorted_out(rows(place.first), on=FRIDAY).waiting) == 1

    def test_not_for_the_past(self, place):
        with pytest.raises(scheduling.Past):
            scheduling.write(rows(place.first), at=AT, by=place.first, activate_on=FRIDAY)
        assert not Command.objects.exists()

    @pytest.mark.parametrize("role", sorted(set(User.Role) - {"operator", "administrator"}))
    def test_not_by_others(self, place, role):
        with pytest.raises(scheduling.Forbidden):
            scheduling.write(rows(place.first), at=AT, by=make_user(role))

    def test_it_is_verified_by_what_was_read_back(self, place):
        (command,) = scheduling.write(rows(place.first), at=AT, by=place.first)
        assert not scheduling.is_verified(command, on=FRIDAY)

        command.state = Command.State.DONE
        command.result = {"calendar": calendars.to_json(read())}
        assert scheduling.is_verified(command, on=FRIDAY)
        command.result = {"calendar": calendars.to_json(read(switches=((0, 1),)))}
        assert not scheduling.is_verified(command, on=FRIDAY)


@pytest.mark.django_db
def test_no_calendar_is_wanted_of_a_tariff_whose_zones_are_others_each_month():
    """Those of businesses: their volumes come from intervals."""
    tariffs.import_shipped()
    by_month = Tariff.objects.create(code="B", name="b", zones_count=1)
    TariffZone.objects.bulk_create(
        TariffZone(
            tariff=by_month, valid_from=date(2026, 1, 1), month=month, number=1, name="a",
            hours="00:00-24:00", source="s",
        )
        for month in range(1, 13)
    )  # fmt: skip
    hh2 = Tariff.objects.get(code="HH2")

    wanted = scheduling.wanted_of([hh2.pk, by_month.pk], on=date(2026, 5, 1))

    assert set(wanted) == {hh2.pk}

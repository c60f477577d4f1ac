"""The trail of deeds: found by every filter, paged by a key, exported safely, never a script."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.audit import queries
from faza.audit import services as audit
from faza.audit.models import Entry
from faza.audit.services import Done
from faza.desk.office import done
from tests.contracts.factories import make_customer
from tests.desk.office.factories import NOW, make

ADDRESS = reverse("desk:audit")


def shown(client, **asked):
    return client.get(ADDRESS, asked).context["found"].deeds


def fill(count: int, by: User, at: datetime = NOW) -> None:
    things = [Done(by, after={"role": "operator"}) for _number in range(count)]
    audit.note_many("accounts.role.changed", things, by=by, at=at)


class TestFilters:
    @pytest.fixture
    def deeds(self, administrator):
        other = make(name="Климова Оксана")
        fill(1, administrator)
        audit.note(
            "contracts.customer.added", of=make_customer(), by=other,
            at=NOW + timedelta(days=3), address="192.0.2.7",
        )  # fmt: skip
        return other

    @pytest.mark.parametrize(
        "asked",
        [
            {"who": "климова"},
            {"action": "contracts.customer.added", "who": "Климова"},
            {"kind": "contracts.customer", "who": "Климова"},
            {"address": "192.0.2.7"},
            {"since": "2026-11-23"},
            {"since": "2026-11-23", "until": "2026-11-23"},
        ],
    )
    def test_each_finds_its_own(self, asked, deeds, office):
        (one,) = shown(office, **asked)
        assert one.who == "Климова Оксана"

    def test_a_person_by_number_and_the_system(self, deeds, office):
        assert {one.who for one in shown(office, who=f"№{deeds.pk}")} == {"Климова Оксана"}
        assert {one.who for one in shown(office, who="-")} == {"система"}

    def test_a_room_as_a_whole(self, deeds, office):
        found = {one.deed.action.split(".")[0] for one in shown(office, action="contracts.")}
        assert found == {"contracts"}

    @pytest.mark.parametrize(
        "asked",
        [{"until": "2026-01-01"}, {"address": "10.9.9.9"}, {"object": "no-such"}, {"since": "x"},
         {"address": "x"}, {"action": "no.such.deed"}],
    )  # fmt: skip
    def test_what_fits_nothing_finds_nothing(self, asked, deeds, office):
        assert list(shown(office, **asked)) == []

    def test_one_object_by_its_number(self, deeds, office, administrator):
        found = shown(office, kind="accounts.user", object=str(administrator.pk))
        assert {one.deed.object_id for one in found} == {str(administrator.pk)}


class TestPages:
    def test_every_deed_is_on_one_page_once(self, office, administrator):
        fill(120, administrator)
        seen, key = [], ""
        for _page in range(10):
            found = done.page(done.entries(done.Asked(None)), key)
            seen += [one.deed.id for one in found.deeds]
            key = found.older
            if not key:
                break
        assert sorted(seen) == sorted(Entry.objects.values_list("pk", flat=True))
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("key", ["x", "_", "2026-01-01_5", "2026-99-99T00:00:00+00:00_1", "'"])
    def test_a_wrong_key_gives_the_first_page(self, key, office):
        assert office.get(ADDRESS, {"before": key}).status_code == 200

    def test_as_many_queries_for_a_full_page_as_for_two_deeds(
        self, office, administrator, django_assert_num_queries
    ):
        def asked() -> int:
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            with CaptureQueriesContext(connection) as asked_for:
                office.get(ADDRESS, {"kind": "accounts.user"})
            return len(asked_for)

        few = asked()
        fill(120, administrator)
        assert asked() == few

    def test_above_its_bound_the_count_is_a_word(self, administrator, monkeypatch):
        fill(12, administrator)
        rows = done.entries(done.Asked(None))
        assert done.count(rows, most=5) == 6


class TestWords:
    def test_personal_values_are_told_until_they_are_erased(self, office):
        person = make(User.Role.SUBSCRIBER, "Прежнее Имя")
        accounts.change_profile(user=person, full_name="Новое Имя", at=NOW, by=person)
        asked = {"action": "accounts.profile.changed"}
        assert "Прежнее Имя" in office.get(ADDRESS, asked).content.decode()
        audit.forget(user=person.pk, at=NOW)
        User.objects.filter(pk=person.pk).update(full_name="", erased_at=NOW)
        page = office.get(ADDRESS, asked).content.decode()
        assert "Имя</" not in page
        assert "стёрто" in page

    def test_no_value_becomes_a_script(self, office):
        customer = make_customer(name="<script>alert(1)</script>")
        told = {"name": "<img src=x onerror=alert(2)>"}
        audit.note("contracts.customer.changed", of=customer, by=None, at=NOW, after=told)
        page = office.get(ADDRESS).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_an_object_with_a_page_is_a_link(self, office, administrator):
        fill(1, administrator)
        address = reverse("desk:user", args=[administrator.pk])
        assert f'href="{address}"' in office.get(ADDRESS, {"who": "Админ"}).content.decode()


class TestExport:
    def test_it_holds_no_formula_and_is_noted_itself(self, office):
        customer = make_customer(name="=HYPERLINK(1)")
        audit.note("contracts.customer.changed", of=customer, by=None, at=NOW,
                   after={"name": "=cmd()"})  # fmt: skip
        answer = office.get(ADDRESS, {"export": "csv", "kind": "contracts.customer"})
        lines = b"".join(answer.streaming_content).decode()
        assert "HYPERLINK" in lines
        assert ";=" not in lines
        noted = Entry.objects.filter(action="desk.list.exported")
        (told,) = queries.deeds(noted)
        assert told.after["list"] == "audit"
        assert "contracts.customer" in str(told.after["filters"])

    def test_a_workbook_has_all_rows_and_words_only(self, office, administrator):
        fill(130, administrator)
        make_customer(name="=HYPERLINK(1)")
        answer = office.get(ADDRESS, {"export": "xlsx"})
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert sheet.count("<row ") == Entry.objects.count()  # head, and without its own entry

    def test_it_is_what_the_filters_find(self, office, administrator):
        fill(3, administrator)
        answer = office.get(ADDRESS, {"export": "csv", "action": "accounts.role.changed"})
        lines = b"".join(answer.streaming_content).decode().splitlines()
        assert len(lines) == 4


def test_the_day_ends_at_the_installations_midnight(office, administrator):
    fill(1, administrator, datetime(2026, 11, 23, 20, 59, tzinfo=UTC))  # 23:59 in Moscow
    fill(1, administrator, datetime(2026, 11, 23, 21, 0, tzinfo=UTC))
    found = shown(office, action="accounts.role.changed", until="2026-11-23")
    assert len(found) == 1

"""The trial: what is said of rows against what there is."""

from datetime import UTC, datetime

import pytest
from django.test.utils import CaptureQueriesContext

from faza.accounts.models import User
from faza.collection.grid import services, working
from faza.collection.models import GridImportRow
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.metering.models import Meter, MeteringComplex, NetworkNode, UsagePoint
from tests.accounts.factories import make_user
from tests.collection.grid.factories import (
    AT,
    applied,
    begin,
    codes,
    make_operator,
    mark,
    root,
    row,
    trial,
    tried,
)
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db


def test_a_new_grid_is_all_new_and_nothing_is_written(by):
    one = trial([row(1), row(2)], by)

    assert one.state == "checked"
    counts = {key: one.counts[key] for key in ("rows", "new", "error", "doubtful")}
    assert counts == {"rows": 2, "new": 2, "error": 0, "doubtful": 0}
    assert (one.counts["nodes"], one.counts["meters"], one.counts["transformers"]) == (2, 2, 6)
    assert (one.counts["agreements"], one.counts["bindings"]) == (2, 2)
    assert not UsagePoint.objects.exists()
    assert not Meter.objects.exists()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"node": ""}, {"node": "empty"}),
        ({"ct_ratio": "200-5"}, {"ct_ratio": "ratio-mark"}),
        ({"verification_due": "31.02.2031"}, {"verification_due": "date-none"}),
        ({"meter_model": "Балтика-9"}, {"meter_model": "model-unknown"}),
        ({"meter_model": "Лодья-3"}, {"meter_model": "model-guessed"}),
        ({"meter_model": ""}, {"meter_model": "meter-no-model"}),
        ({"meter_number": ""}, {"meter_number": "meter-no-number"}),
        ({"ct_type": ""}, {"ct_a": "transformer-type"}),
        ({"node": "Сети\\ТП-4O3"}, {"node": "node-look-alike"}),
        ({"customer": ""}, {"agreement": "agreement-none"}),
        ({"customer_kind": "", "customer": "Звезда"}, {"customer_kind": "customer-kind"}),
        ({"verification_due": "04.12.2026"}, {"verification_due": "due-soon"}),
        ({"verification_due": "04.12.2020"}, {"verification_due": "due-past"}),
        ({"agreement_to": "01.01.2020"}, {"agreement_to": "agreement-dates"}),
        ({"tariff": "нет такого"}, {"tariff": "tariff-unknown"}),
        ({"phases": "1"}, {"meter_model": "phases-differ"}),
        ({"bound_from": "01.01.2001"}, {"bound_from": "agreement-ended"}),
    ],
)
def test_what_is_said_of_a_row(by, cells, said):
    assert codes(trial([row(1, **cells)], by)) == {2: said}


def test_repeated_things_are_told_with_the_first_row(by):
    one = trial(
        [
            row(1),
            row(2, point_code="501203690000001"),
            row(3, meter_number="41207661"),
            row(4, ct_a="101"),
            row(5, agreement="Ю-1/20"),
        ],
        by,
    )

    assert codes(one) == {
        3: {"point_code": "point-twice"},
        4: {"meter_number": "meter-twice"},
        5: {"ct_a": "transformer-twice"},
        6: {"agreement": "agreement-conflict"},
    }
    assert mark(one, 3, "point_code")["args"] == {"line": "2"}


def test_the_commoner_spelling_of_a_new_place_is_right(by):
    one = trial([row(n, node="Сети\\ТП-1\\РУ-0,4") for n in (1, 2)]
                + [row(3, node="Сети\\ТП-1\\РУ-0.4")], by)  # fmt: skip

    assert codes(one) == {4: {"node": "node-like"}}
    assert mark(one, 4, "node")["proposal"] == "Сети\\ТП-1\\РУ-0,4"


def test_proposals_are_taken_and_tried_anew(by):
    one = trial([row(1, ct_ratio="200-5"), row(2, node="Сети\\ТП-1O2"), row(3)], by)
    assert one.counts["error"] == 2

    assert services.mend(one, codes=[], by=by, at=AT) == 2
    one = tried(one)

    assert (one.counts["error"], one.counts["new"]) == (0, 3)
    assert one.corrections == {"2": {"ct_ratio": "200/5"}, "3": {"node": "Сети\\ТП-102"}}


def test_a_corrected_cell_has_to_be_tried_before_anything_is_applied(by):
    one = trial([row(1, ct_ratio="200-5"), row(2)], by)
    services.correct(one, line=2, key="ct_ratio", text="300/5", by=by, at=AT)
    one.refresh_from_db()

    with pytest.raises(services.NotNow):
        services.begin_applying(one, skip_errors=True, by=by, at=AT)

    services.try_again(one, by=by, at=AT)
    assert tried(one).counts["error"] == 0


class TestAgainstTheNetwork:
    @pytest.fixture
    def there(self, by):
        """A grid of three points that was imported before."""
        applied(trial([row(1), row(2), row(3)], by))

    def test_the_same_file_changes_nothing(self, by, there):
        one = trial([row(1), row(2), row(3)], by)

        assert (one.counts["same"], one.counts["new"], one.counts["changed"]) == (3, 0, 0)
        with pytest.raises(services.NotNow):
            services.begin_applying(one, skip_errors=True, by=by, at=AT)

    def test_an_empty_cell_clears_nothing(self, by, there):
        bare = {key: row(1)[key] for key in ("node", "point_code", "point_name")}

        assert trial([bare | {"address": ""}], by).counts["same"] == 1

    def test_changes_are_told_with_what_was(self, by, there):
        one = trial(
            [row(1, address="Новая, 5", ct_ratio="300/5", verification_due="01.01.2035")], by
        )

        assert mark(one, 2, "address")["was"] == "ул. Полевая, 1"
        assert mark(one, 2, "ct_ratio")["was"] == "200/5"
        assert mark(one, 2, "verification_due")["was"] == "12.03.2034"
        # The plates of the transformers say otherwise.
        assert codes(one)[2] == {f"ct_{p}": "transformer-ratio" for p in "abc"}

    def test_a_meter_that_stands_elsewhere_is_a_question(self, by, there):
        one = trial([row(4, meter_number="41207661")], by)

        assert codes(one) == {2: {"meter_number": "meter-elsewhere"}}
        args = mark(one, 2, "meter_number")["args"]
        assert args == {"place": "ТП-1\\РУ-0,4\\КЛ-1", "since": "01.04.2024"}

        services.decide(one, code="meter-elsewhere", by=by, at=AT)
        one = tried(one)
        assert codes(one)[2]["installed_from"] == "replace-date"

        moved = trial([row(4, meter_number="41207661", installed_from="01.05.2025")], by)
        services.decide(moved, code="meter-elsewhere", line=2, by=by, at=AT)
        applied(tried(moved))
        stays = MeteringComplex.objects.filter(meter__number="41207661").order_by("valid_from")
        assert [c.valid_to for c in stays] == [datetime(2025, 4, 30, 21, tzinfo=UTC), None]

    def test_another_meter_at_the_point_is_a_replacement_only_if_somebody_says_so(self, by, there):
        rows = [row(1, meter_number="900", ct_a="901", ct_b="902", ct_c="903",
                    installed_from="01.05.2025")]  # fmt: skip
        one = trial(rows, by)
        assert codes(one) == {2: {"meter_number": "meter-differs"}}

        services.decide(one, code="meter-differs", by=by, at=AT)
        one = tried(one)
        assert codes(one) == {2: {"meter_number": "replaced"}}
        applied(one)

        open_ones = MeteringComplex.objects.filter(
            usage_point__code=rows[0]["point_code"], valid_to=None
        )
        assert [c.meter.number for c in open_ones] == ["900"]

    def test_a_number_that_lost_its_zeros(self, by):
        applied(trial([row(1, meter_number="0041")], by))

        one = trial([row(1, meter_number="41")], by)

        assert codes(one) == {2: {"meter_number": "number-zeros"}}
        assert mark(one, 2, "meter_number")["proposal"] == "0041"

    def test_a_point_is_found_by_place_and_name_where_no_code_is_told(self, by):
        rows = [row(1, point_code=""), row(2, point_code="")]
        applied(trial(rows, by))

        assert trial(rows, by).counts["same"] == 2

    def test_ratios_under_readings_do_not_change(self, by, there, monkeypatch):
        point = UsagePoint.objects.get(code=row(1)["point_code"])
        monkeypatch.setattr(
            "faza.collection.grid.scope.points_with_readings", lambda points: {point.pk}
        )
        one = trial([row(n, ct_ratio="300/5", ct_type="", ct_a="", ct_b="", ct_c="")
                     for n in (1, 2)], by)  # fmt: skip

        assert codes(one) == {2: {"ct_ratio": "ratio-read"}}

    def test_another_agreement_of_the_same_kind_does_not_cover_the_point_too(self, by, there):
        one = trial([row(1, agreement="Ю-99/24")], by)

        assert codes(one) == {2: {"agreement": "bound-elsewhere"}}
        assert mark(one, 2, "agreement")["was"] == "Ю-1/20"

    def test_an_agreement_with_another_customer_stays_as_it_is(self, by, there):
        one = trial([row(1, customer="ООО «Другое»")], by)

        assert codes(one) == {2: {"customer": "customer-differs"}}
        assert one.counts["same"] == 1

    def test_the_time_zone_of_a_point_is_not_an_imports_to_change(self, by, there):
        assert codes(trial([row(1, zone="Asia/Omsk")], by))[2]["zone"] == "zone-change"


class TestAreas:
    def test_a_place_of_others_is_an_error_that_tells_nothing_of_it(self, by):
        other = root("Чужие")
        make_node("ТП-9", other)

        said = [
            trial([row(1, node=node)], by)
            for node in ("Чужие\\ТП-9", "Чужие\\нет такого", "Чужие")
        ]  # fmt: skip
        # Where paths begin at the own area, an unknown root is a place to be made under it.
        assert [codes(one) for one in said[:1]] == [codes(one) for one in said[1:2]]
        assert NetworkNode.objects.filter(name="Чужие").count() == 1

    def test_without_a_base_it_is_outside(self, by):
        make_node("ТП-9", root("Чужие"))
        for node in ("Чужие\\ТП-9", "Чужие\\ТП-8"):
            one = trial([row(1, node=node)], by, base=None)
            assert codes(one) == {2: {"node": "node-outside"}}
            assert set(mark(one, 2, "node")) == {"code", "kind", "found"}

    def test_a_code_or_meter_of_others_tells_nothing_of_them(self, by):
        foreign = make_operator(root("Чужие"))
        applied(trial([row(1, node="Чужие\\ТП-9")], foreign))

        one = trial([row(1), row(2, meter_number="41207661"), row(3, agreement="Ю-1/20")], by)

        said = codes(one)
        assert said[2]["point_code"] == "code-taken"
        assert said[3]["meter_number"] == "meter-twice"
        assert said[4] == {"agreement": "agreement-hidden"}
        assert codes(trial([row(2, meter_number="41207661")], by)) == {
            2: {"meter_number": "meter-hidden"}
        }
        for said in GridImportRow.objects.filter(grid_import=one):
            assert "Чужие" not in str(said.marks)
            assert "ТП-9" not in str(said.marks)

    def test_an_administrator_works_everywhere_and_makes_roots(self, by):
        admin = make_user(User.Role.ADMINISTRATOR)

        one = applied(trial([row(1, node="Новые сети\\ТП-1")], admin, base=None))

        assert NetworkNode.objects.get(name="Новые сети").parent is None
        assert one.state == "applied"

    def test_imports_of_others_are_not_there(self, by):
        one = trial([row(1)], by)
        other = make_operator(make_node("Ещё"))

        assert not services.imports_of(other).exists()
        assert services.imports_of(by).get() == one
        assert services.imports_of(make_user(User.Role.ADMINISTRATOR)).get() == one


def test_a_new_type_of_meter_is_made_only_if_somebody_says_so(by):
    rows = [row(1, meter_model="Балтика-9", manufacturer="Балтийский завод", phases="3")]
    one = trial(rows, by)
    assert codes(one) == {2: {"meter_model": "model-unknown"}}

    services.decide(one, code="model-unknown", by=by, at=AT)
    one = tried(one)

    assert codes(one) == {2: {"meter_model": "model-new"}}
    applied(one)
    assert Meter.objects.get().model.manufacturer == "Балтийский завод"


def test_a_person_is_not_known_by_a_name_and_a_firm_is(by):
    people = [row(n, customer="Иванов Иван Иванович", customer_kind="") for n in (1, 2)]
    firms = [row(n, customer="ООО «Одно»", customer_kind="") for n in (3, 4)]

    applied(trial([*people, *firms], by))

    assert Customer.objects.filter(kind="person").count() == 2
    assert Customer.objects.filter(kind="organisation").count() == 1
    assert CustomerAgreement.objects.count() == 4


def test_a_point_that_was_there_is_bound_from_the_imports_date_on(by):
    """Its earlier time may be somebody else's to see."""
    node = make_node("ТП-1", root())
    make_point(node, code="OLD-1", name="КЛ-1")
    applied(trial([row(1, node="Сети\\ТП-1", point_code="OLD-1")], by))

    assert AgreementPoint.objects.get().valid_from == datetime(2026, 10, 31, 21, tzinfo=UTC)


def test_the_number_of_queries_does_not_grow_with_the_rows(by):
    from django.db import connection

    def queries(count: int) -> int:
        rows = [
            row(n, point_code=f"P{n}", meter_number=f"M{n}", ct_a=f"A{n}", ct_b=f"B{n}",
                ct_c=f"C{n}", agreement=f"Ю-{n}", customer=f"ООО «Фирма {n}»")
            for n in range(count)
        ]  # fmt: skip
        one = begin(rows, by)
        with CaptureQueriesContext(connection) as captured:
            working.run_trial(one.pk, at=AT)
        assert one.rows.filter(state="new").count() == count
        return len(captured)

    few = queries(3)
    assert queries(150) == few
    assert few <= 20

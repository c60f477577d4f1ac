"""«Ввод показаний»: what is to be typed, how it is judged, and sent once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from faza.manual_entry.rules.moves import State
from tests.cabinet.entry.forms import ENTRY, NOW, entries, page, place, rule, send
from tests.cabinet.factories import make_user
from tests.cabinet.states import told
from tests.cabinet.test_query_counts import counted

pytestmark = pytest.mark.django_db


class TestWhatIsToBeTyped:
    def test_the_window_the_last_reading_and_the_face(self, client, bath):
        text = page(client)

        assert "by 25 November" in told(client.get(ENTRY))
        assert "4 d 10 h" in told(client.get(ENTRY))
        assert 'data-digits="6" data-decimals="0"' in text
        assert "1,000 on 20.10.2026" in told(client.get(ENTRY))
        assert "№BATH" in text

    def test_zones_stand_one_below_another_and_go_together(self, client, owner):
        rule()
        point = place(owner, shown=lambda month: {1: month * 60_000, 2: month * 40_000})

        answer = client.post(
            ENTRY, {"point": point.code, "token": "a" * 32, "r1": "664", "r2": ""}
        )  # fmt: skip

        text = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert 'name="r1"' in text
        assert 'value="664"' in text
        assert 'aria-invalid="true"' in text
        assert not entries()

        client.post(ENTRY, {"point": point.code, "token": "a" * 32, "r1": "664", "r2": "443"})
        assert entries().get().shown == {"1": 664_000, "2": 443_000}

    def test_outside_the_window_it_says_when_it_opens(self, client, owner, clock):
        rule()
        point = place(owner)
        clock.now = datetime(2026, 11, 26, 9, tzinfo=UTC)

        text = told(client.get(ENTRY))

        assert "15.12.2026" in text
        assert 'name="r0"' not in page(client)
        answer = client.post(ENTRY, {"point": point.code, "token": "a" * 32, "r0": "1107"})
        assert answer.status_code == 302
        assert "15.12.2026" in told(client.get(ENTRY))
        assert not entries()

    @pytest.mark.parametrize(
        ("zone", "last"),
        [("Europe/Moscow", (25, 20, 59, 59)), ("Asia/Yekaterinburg", (25, 18, 59, 59))],
    )
    def test_the_windows_last_second_is_the_points(self, client, owner, clock, zone, last):
        rule()
        point = place(owner)
        type(point).objects.filter(pk=point.pk).update(zone=zone)
        clock.now = datetime(2026, 11, *last, tzinfo=UTC)
        assert 'name="r0"' in page(client)

        clock.now += timedelta(seconds=1)
        assert 'name="r0"' not in page(client)

    def test_nothing_is_typed_where_no_rule_is(self, client, owner):
        place(owner)

        text = page(client)

        assert 'name="r0"' not in text
        assert "not taken by hand" in text

    def test_a_foreign_point_is_not_there(self, client, bath):
        stranger = make_user("other@example.org")
        other = place(stranger, "THEIRS")

        for address in (ENTRY, reverse("cabinet:entry_check")):
            for code in (other.code, "NO-SUCH", "", "\0"):
                fields = {"point": code, "token": "a" * 32, "r0": "1107"}
                assert client.post(address, fields).status_code == 404, (address, code)
        assert "THEIRS" not in page(client)
        assert not entries()

    def test_many_points_come_in_pages_and_are_found_by_name(self, client, owner):
        rule()
        points = [place(owner, f"P-{n:02}", name=f"Точка {n:02}", months=2) for n in range(23)]

        first, second = page(client), page(client, "/entry/?page=2")

        assert (first.count('name="r0"'), second.count('name="r0"')) == (20, 3)
        assert reverse("cabinet:entry_file") in first
        assert page(client, "/entry/?q=точка 22").count('name="r0"') == 1
        # What is to be mended on the second page is found from the link of its card.
        send(client, points[22], "205", text=second, sure="1")
        text = page(client, "/entry/?page=2")
        again = re.search(r'href="(\?again=[^"#]+)', text)
        assert again
        assert 'name="r0" value="205"' in page(client, ENTRY + again[1])

    def test_as_many_questions_of_three_points_as_of_fifteen(self, client, owner, clock):
        rule()
        for n in range(3):
            send(client, place(owner, f"P-{n:02}", months=4), "412", sure="0=412000")
        with counted() as few:
            page(client)
        for n in range(3, 15):
            send(client, place(owner, f"P-{n:02}", months=4), "412", sure="0=412000")
        clock.now += timedelta(hours=1)
        with counted() as many:
            page(client)

        assert entries().count() == 15
        assert len(few) == len(many) < 40

    def test_names_are_words_not_markup(self, client, owner):
        rule()
        point = place(owner, name="<script>alert(1)</script>")
        send(client, point)

        for address in (ENTRY, reverse("cabinet:entry_history")):
            assert "<script>alert" not in client.get(address).content.decode()


class TestJudged:
    def test_as_usual_it_goes_at_once(self, client, bath):
        answer = send(client, bath)

        assert answer.redirect_chain
        entry = entries().get()
        assert (entry.shown, entry.doubts, entry.state) == ({"0": 1_107_000}, {}, State.SENT)
        assert (entry.way, entry.sent_by.email) == ("cabinet", "own@example.org")
        assert entry.customer is not None
        assert entry.of_at == NOW.replace(microsecond=0)

    @pytest.mark.parametrize(
        ("value", "doubt"),
        [("1900", "much"), ("1001", "little"), ("1000", "same"), ("100", "less")],
    )
    def test_what_is_unusual_is_asked_and_not_refused(self, client, bath, value, doubt):
        asked = send(client, bath, value)

        text = unescape(asked.content.decode())
        assert asked.status_code == 422
        assert f'value="{value}"' in text
        assert not entries()

        send(client, bath, value, text=text)
        entry = entries().get()
        assert (entry.shown["0"], entry.doubts) == (int(value) * 1000, {"0": [doubt]})

    def test_another_unusual_number_is_asked_anew(self, client, bath):
        text = unescape(send(client, bath, "1900").content.decode())

        again = send(client, bath, "9000", text=text)

        assert again.status_code == 422
        assert not entries()
        assert 'value="9000"' in unescape(again.content.decode())

    def test_over_the_last_digit_is_confirmed(self, client, owner):
        rule()
        point = place(owner, shown=lambda month: {0: 998_930_000 + month * 100_000})

        asked = send(client, point, "000037")

        assert asked.status_code == 422
        assert "107 kWh" in told(asked)
        send(client, point, "000037", text=unescape(asked.content.decode()))
        assert entries().get().doubts == {"0": ["rolled"]}

    @pytest.mark.parametrize(
        "value", ["", "abc", "12x", "-5", "1e3", "1234567", "1107,5", "١٢٣", "0x10", "1 2.3.4"]
    )
    def test_what_no_meter_shows_is_told_and_kept(self, client, bath, value):
        answer = send(client, bath, value)

        text = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert f'value="{value}"' in text
        assert 'aria-invalid="true"' in text
        assert not entries()

    @pytest.mark.parametrize("value", ["1107", "001107", "1 107", "1\u202f107", " 1107 ", "1107,"])
    def test_ways_of_writing_one_number(self, client, bath, value):
        send(client, bath, value)

        assert entries().get().shown == {"0": 1_107_000}

    def test_decimals_by_the_model(self, client, owner):
        rule()
        point = place(owner, decimals=2)

        assert send(client, point, "1107,555").status_code == 422
        send(client, point, "1107,55")
        assert entries().get().shown == {"0": 1_107_550}

    def test_while_typing_nothing_is_sent(self, client, bath):
        answer = client.post(reverse("cabinet:entry_check"), {"point": bath.code, "r0": "1107"})

        assert "107 kWh" in unescape(answer.content.decode()).replace("\u202f", " ").replace(
            "\u00a0", " "
        )
        assert "<svg" in answer.content.decode()
        assert not entries()
        # Where it is unusual, the button asks too: one press more is none.
        asked = client.post(reverse("cabinet:entry_check"), {"point": bath.code, "r0": "1900"})
        assert 'name="sure" value="0=1900000"' in asked.content.decode()
        assert 'hx-swap-oob="true">All is right, send 1,900<' in asked.content.decode()
        for value in ("", "x", "99999999"):
            part = client.post(reverse("cabinet:entry_check"), {"point": bath.code, "r0": value})
            assert (part.status_code, b"<svg" in part.content) == (200, False)

    def test_consumption_is_told_behind_the_transformers(self, client, owner):
        rule()
        point = place(owner, ct=20)

        part = client.post(reverse("cabinet:entry_check"), {"point": point.code, "r0": "1107"})

        assert "2,140 kWh" in re.sub(r"[\u202f\u00a0]", " ", unescape(part.content.decode()))

    def test_the_first_reading_has_nothing_to_compare_with(self, client, owner):
        rule()
        point = place(owner, months=1)

        send(client, point, "5")

        assert entries().get().shown == {"0": 5_000}


class TestOnce:
    def test_a_double_click_is_one_entry(self, client, bath):
        text = page(client)

        send(client, bath, text=text)
        send(client, bath, text=text)

        assert entries().get().state == State.SENT

    def test_two_tabs_with_one_number_are_one_entry(self, client, bath):
        first, second = page(client), page(client)

        send(client, bath, text=first)
        send(client, bath, text=second)

        assert entries().count() == 1

    def test_an_old_form_with_another_number_is_not_lost(self, client, bath):
        text = page(client)
        send(client, bath, "1107", text=text)

        send(client, bath, "1109", text=text)

        assert [(one.shown["0"], one.state) for one in entries()] == [
            (1_107_000, State.REPLACED), (1_109_000, State.SENT),
        ]  # fmt: skip

    def test_a_form_without_its_token_is_shown_again(self, client, bath):
        answer = client.post(ENTRY, {"point": bath.code, "r0": "1107", "token": "../../x"})

        assert answer.status_code == 422
        assert 'value="1107"' in answer.content.decode()
        assert not entries()

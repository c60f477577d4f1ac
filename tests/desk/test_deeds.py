"""Words for the trail: every code of the code base has them, and every value finds its own."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.audit import queries
from faza.audit import services as audit
from faza.contracts import services as contracts
from faza.contracts.permissions import Right
from faza.desk import deeds
from faza.desk.words import RIGHTS
from faza.jobs import registry
from tests.contracts.factories import NOW, cover, make_agreement, make_customer, make_member
from tests.metering.factories import make_point

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    *("accounts", "audit", "cases", "charges", "collection", "contracts", "demo", "desk", "jobs"),
    *("manual_entry", "metering", "notifications", "outbox", "readings", "reports", "tariffs"),
    r"events(?=\.export)",
)
CODE = re.compile(rf"({'|'.join(ROOMS)})(\.[a-z_]+){{2}}")
# Codes of other things: mails, work in the background, terms of keeping, keys of the cache.
OTHERS = {"tell", "handler", "daily", "start", "register", "_tell"}


def codes() -> dict[str, str]:
    """Codes of deeds in the code base, and a place where each stands."""
    registry.load()
    found: dict[str, str] = {}
    work = set(registry.handlers)
    for file in sorted((ROOT / "faza").rglob("*.py")):
        if "migrations" in file.parts or "deeds" in file.parts:
            continue
        tree = ast.parse(file.read_text())
        others = {id(node) for node in ast.walk(tree) if _is_other(node) for node in ast.walk(node)}
        for node in ast.walk(tree):
            text = getattr(node, "value", None)
            is_code = isinstance(node, ast.Constant) and isinstance(text, str)
            if is_code and CODE.fullmatch(text) and id(node) not in others and text not in work:
                found[text] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


def _is_other(node: ast.AST) -> bool:
    match node:
        case ast.Call():
            return ast.unparse(node.func).split(".")[-1] in OTHERS
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in {"_KEY", "_EDITIONS", "MAILS", "JOBS", "REPORT"}
    return False


class TestWords:
    def test_every_deed_of_the_code_has_words(self):
        missing = {code: place for code, place in codes().items() if code not in deeds.ACTIONS}
        assert missing == {}, "give them words in faza/desk/deeds/words.py"

    def test_no_word_is_left_of_a_deed_that_nobody_does(self):
        assert set(deeds.ACTIONS) - set(codes()) == set()

    def test_every_right_has_words(self):
        assert set(RIGHTS) == set(Right)


@pytest.mark.django_db
class TestReading:
    def test_numbers_of_rows_become_their_names(self):
        customer = make_customer(name="Гринько В. С.")
        member = make_member(customer)
        deed = queries.trail(queries.Filters(action="contracts.member.admitted"))
        (told,) = deeds.told(queries.deeds(deed))
        shown = {one.name: one.after for one in told.changes}
        assert "Гринько В. С." in shown.values()
        assert member.full_name in shown.values()

    def test_choices_moments_and_days_are_words(self):
        agreement = make_agreement(number="40-1")
        contracts.close_agreement(
            agreement=agreement, valid_to=datetime(2027, 1, 1, 9, tzinfo=UTC), at=NOW
        )
        closed, signed = deeds.told(queries.history_of(agreement))
        assert closed.changes[0].after == "01.01.2027\xa012:00"
        assert "бытовое" in " ".join(one.after for one in signed.changes).lower()

    def test_a_change_tells_what_was_and_what_is(self):
        user = accounts.create_user(email="a@example.ru", full_name="А", at=NOW)
        accounts.change_role(user=user, role=User.Role.OPERATOR, at=NOW, by=user)
        told = deeds.told(queries.history_of(user))[0]
        (change,) = told.changes
        assert (change.before, change.after, change.is_changed) == ("абонент", "оператор", True)
        assert told.who == "А"

    def test_what_was_erased_is_told_as_erased(self):
        user = accounts.create_user(email="a@example.ru", full_name="Абонентов", at=NOW)
        accounts.change_profile(user=user, full_name="Другой", at=NOW, by=user)
        audit.forget(user=user.pk, at=NOW)
        told = deeds.told(queries.history_of(user))
        assert "стёрто" in told[0].words
        assert "Абонентов" not in " ".join(one.words + one.who for one in told)
        assert str(user.pk) in told[0].who

    def test_an_object_that_is_no_more_keeps_its_number(self):
        agreement = make_agreement()
        bound = contracts.bind_point(agreement=agreement, usage_point=make_point(), at=NOW)
        number = bound.pk
        contracts.remove_binding(bound=bound, at=NOW)
        told = deeds.told(queries.deeds(queries.trail(queries.Filters(object_id=str(number)))))
        assert {one.url for one in told if one.deed.kind == "contracts.agreementpoint"} == {""}

    def test_as_many_queries_for_many_deeds_as_for_few(self, django_assert_num_queries):
        customer = make_customer()
        for _number in range(3):
            cover(customer, make_point(), NOW)
        few = queries.deeds(queries.trail()[:4])
        many = queries.deeds(queries.trail())
        with django_assert_num_queries(_models_in(few)):
            deeds.told(few)
        with django_assert_num_queries(_models_in(many)):
            deeds.told(many)

    def test_the_page_shows_the_history_without_html_of_values(self):
        customer = make_customer(name="<script>alert(1)</script>")
        contracts.change_customer(
            customer=customer, fields={"name": "<img src=x onerror=alert(2)>"}, at=NOW
        )
        page = Template("{% load faza_desk %}{% history thing %}").render(
            Context({"thing": customer})
        )
        assert "<script>" not in page
        assert "<img" not in page
        assert "&lt;img src=x" in page


def _models_in(rows: list[queries.Deed]) -> int:
    """Kinds of rows that some deeds name: one query for each."""
    kinds = {"agreement": "contracts.customeragreement", "usage_point": "metering.usagepoint",
             "customer": "contracts.customer", "node": "metering.networknode",
             "parent": "metering.networknode"}  # fmt: skip
    told = {row.kind for row in rows}
    told |= {kinds[name] for row in rows for name, before, after in row.changes
             if name in kinds and (before, after) != (None, None)}  # fmt: skip
    return len(told)

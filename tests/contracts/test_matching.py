"""How well what somebody wrote fits an agreement: a table of real cases, and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.contracts.rules import matching
from faza.contracts.rules.matching import Claim, Papers, Verdict

SAME, FORM, DIFFERS, MISSING = Verdict.SAME, Verdict.FORM, Verdict.DIFFERS, Verdict.MISSING

NUMBERS = [
    ("40-071-288", "40-071-288", SAME, ""),
    ("40-0712-88", "40-071-288", FORM, ""),
    ("40071288", "40-071-288", FORM, ""),
    ("AB-12345", "АВ-12345", FORM, ""),
    ("40-071-289", "40-071-288", DIFFERS, "typo"),
    ("40-017-288", "40-071-288", DIFFERS, "typo"),
    ("1204/19", "Ю-1204/19", DIFFERS, "typo"),
    ("40-071-288", "40-071-288/12", DIFFERS, "part"),
    ("40-071-288", "52-118-404", DIFFERS, ""),
    ("", "40-071-288", MISSING, ""),
]
NAMES = [
    ("Гринько Валентина Степановна", "Гринько Валентина Степановна", SAME, ""),
    ("гринько валентина степановна", "Гринько Валентина Степановна", SAME, ""),
    ("Семёнов Пётр Ильич", "Семенов Петр Ильич", SAME, ""),
    ("Валентина Степановна Гринько", "Гринько Валентина Степановна", FORM, ""),
    ("Гринько В. С.", "Гринько Валентина Степановна", FORM, "initials"),
    ("В.С. Гринько", "Гринько Валентина Степановна", FORM, "initials"),
    ("Гринько Валентина", "Гринько Валентина Степановна", FORM, "initials"),
    ("Гренько Валентина Степановна", "Гринько Валентина Степановна", DIFFERS, "typo"),
    ("Гринько Степан Ильич", "Гринько Валентина Степановна", DIFFERS, "other_person"),
    ("Гринько", "Гринько Валентина Степановна", DIFFERS, "part"),
    ("Соколов Павел Андреевич", "Гринько Валентина Степановна", DIFFERS, ""),
    ("ООО «Хлебозавод № 2»", "Хлебозавод №2, ООО", FORM, ""),
    ("АО «Заречные сети»", "Акционерное общество «Заречные сети»", FORM, ""),
    ("ООО «Хлебозавод № 2»", "ООО «Хлебозавод № 3»", DIFFERS, "typo"),
    ("ООО «Хлебозавод»", "ООО «Мелькомбинат»", DIFFERS, ""),
    ("ИП Левченко О. Д.", "Левченко Ольга Дмитриевна", FORM, "initials"),
    ("", "Гринько В. С.", MISSING, ""),
]
PHONES = [
    ("8 916 204 18 55", "+7 916 204-18-55", SAME, ""),
    ("+7 916 204-18-56", "+7 916 204-18-55", DIFFERS, "typo"),
    ("+7 495 000-00-00", "+7 916 204-18-55", DIFFERS, ""),
    ("+7 916 204-18-55", "", MISSING, ""),
]
ADDRESSES = [
    ("Садовая 27-5", "г. Заречье, ул. Садовая, д. 27, кв. 5", FORM, "parsed"),
    ("Садовая, 27, кв. 5", "Садовая, 27, кв. 5", SAME, ""),
    ("Садовая, 27", "ул. Садовая, д. 27, кв. 5", DIFFERS, "part"),
    ("Садовая, 27, кв. 6", "ул. Садовая, д. 27, кв. 5", DIFFERS, ""),
    ("Садовая, 29, кв. 5", "ул. Садовая, д. 27, кв. 5", DIFFERS, ""),
    ("Полевая, 27, кв. 5", "ул. Садовая, д. 27, кв. 5", DIFFERS, ""),
    ("Садовоя 27-5", "ул. Садовая, д. 27, кв. 5", FORM, "parsed"),
    ("Садовая 27-5", "", MISSING, ""),
]


@pytest.mark.parametrize(
    ("compare", "claimed", "known", "verdict", "note"),
    [
        (compare, *case)
        for compare, cases in (
            (matching.compare_numbers, NUMBERS),
            (matching.compare_names, NAMES),
            (matching.compare_phones, PHONES),
            (matching.compare_addresses, ADDRESSES),
        )
        for case in cases
    ],
)
def test_a_real_case(compare, claimed, known, verdict, note):
    found = compare(claimed, known)

    assert (found.verdict, found.note) == (verdict, note)
    assert (found.claimed, found.known) == (claimed, known)


def papers(**known: object) -> Papers:
    asked = {
        "number": "40-071-288",
        "name": "Гринько Валентина Степановна",
        "phone": "+7 916 204-18-55",
        "addresses": ("г. Заречье, ул. Садовая, д. 27, кв. 5",),
    }
    return Papers(**(asked | known))


CLAIM = Claim(
    number="40-0712-88",
    name="Гринько Валентина Степановна",
    phone="+7 916 204-18-55",
    email="v.grinko@pochta.example",
    address="Садовая 27-5",
)


class TestScore:
    def test_candidates_stand_in_the_order_a_person_would_put_them(self):
        own = papers()
        husband = papers(number="40-071-288/2", name="Гринько Степан Ильич", phone="")
        stranger = papers(
            number="40-712-880", name="Гринёва Валентина С.", phone="", addresses=("Полевая, 8",)
        )
        scores = [matching.score(matching.compare(CLAIM, one)) for one in (own, husband, stranger)]

        assert scores[0] > 90
        assert 50 < scores[1] < 75
        assert scores[2] < 35

    def test_the_same_address_under_another_name_is_told(self):
        fields = matching.compare(CLAIM, papers(name="Соколов Павел Андреевич"))

        assert "other_owner" in matching.reasons(fields)

    def test_what_nobody_knows_does_not_speak_for_a_match(self):
        bare = Claim(number="1", name="")
        assert matching.score(matching.compare(bare, papers(number="2"))) == 0

    def test_of_several_addresses_the_nearest_counts(self):
        many = papers(addresses=("Полевая, 8", "ул. Садовая, д. 27, кв. 5"))

        assert matching.compare(CLAIM, many)[-1].verdict == FORM


said = st.text(alphabet="абвгё ABС0123.-«»№", max_size=25)


@given(said, said)
def test_likeness_is_the_same_both_ways_round(one, other):
    for compare in (
        matching.compare_numbers,
        matching.compare_names,
        matching.compare_phones,
        matching.compare_emails,
        matching.compare_addresses,
    ):
        there, back = compare(one, other), compare(other, one)
        assert (there.verdict, there.likeness) == (back.verdict, back.likeness)


@given(said)
def test_everything_is_like_itself(text):
    for compare in (matching.compare_numbers, matching.compare_names, matching.compare_addresses):
        assert compare(text, text).verdict in (SAME, MISSING)


@given(st.builds(Claim, number=said, name=said, phone=said, email=said, address=said))
def test_a_score_is_from_0_to_100(claim):
    assert 0 <= matching.score(matching.compare(claim, papers())) <= 100

"""What people write in many forms, written in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.contracts.rules import addresses, keys

letters = "абвгАБВёЁABCxyz0123456789 -.,/№«»\"'()"
texts = st.text(alphabet=letters, max_size=40) | st.text(max_size=20)
places = st.text(alphabet="абвдгкул1234 .,-/я", max_size=40)


class TestNumbers:
    @pytest.mark.parametrize(
        "text",
        ["40-071-288", "40071288", "40 071 288", "40‑071—288", "№ 40-071-288", " 40.071/288 "],
    )
    def test_signs_and_spaces_say_nothing(self, text):
        assert keys.number_key(text) == "40071288"

    def test_latin_letters_that_look_like_cyrillic_are_those(self):
        assert keys.number_key("AB-12/x") == keys.number_key("АВ-12/Х")

    def test_other_letters_stay(self):
        assert keys.number_key("ю-1204/19") == "Ю120419"
        assert keys.number_key("Ю-1204/19") != keys.number_key("Я-1204/19")

    @pytest.mark.parametrize("slip", ["4007128", "400712888", "40071289", "40017288", "Ю40071288"])
    def test_a_slip_of_the_pen_is_among_those_looked_up(self, slip):
        assert slip in keys.number_slips("40071288")

    def test_the_number_itself_is_no_slip(self):
        assert "40071288" not in keys.number_slips("40071288")


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "Гринько Валентина Степановна",
            "ГРИНЬКО ВАЛЕНТИНА СТЕПАНОВНА",
            "Валентина Степановна Гринько",
            "Гринько В. С.",
            "Гринько В.С.",
            "В. С. Гринько",
            "ИП Гринько Валентина Степановна",
            "Индивидуальный предприниматель Гринько В. С.",
        ],
    )
    def test_a_person_is_surname_and_initials(self, text):
        assert keys.name_key(text) == "гринько в с"

    def test_yo_is_ye_and_latin_look_alikes_are_cyrillic(self):
        assert keys.name_key("Гринёв Пётр Ильич") == keys.name_key("Гринeв Петр Ильич")

    @pytest.mark.parametrize(
        "text",
        [
            "ООО «Хлебозавод № 2»",
            'ООО "Хлебозавод №2"',
            "Общество с ограниченной ответственностью «Хлебозавод № 2»",
            "«Хлебозавод № 2», ООО",
            "OOO «Хлебозавод 2»",
        ],
    )
    def test_an_organisation_is_its_words_without_the_form(self, text):
        assert keys.name_key(text) == "«2 хлебозавод"

    def test_of_two_words_either_may_be_the_surname(self):
        assert keys.name_keys("Павел Соколов")[:2] == ["павел с", "соколов п"]

    def test_a_patronymic_in_the_middle_says_that_the_surname_is_last(self):
        assert keys.name_key("Иван Ильич Мечников") == "мечников и и"
        assert keys.name_key("Мицкевич Адам Иванович") == "мицкевич а и"

    def test_of_two_words_that_may_be_a_patronymic_both_orders_are_looked_up(self):
        assert "мицкевич а и" in keys.name_keys("Адам Иванович Мицкевич")

    def test_a_slip_in_the_surname_keeps_the_initials(self):
        assert "гренько в с" in keys.name_slips("гринько в с")


class TestPhones:
    @pytest.mark.parametrize(
        "text", ["+7 916 204-18-55", "8 (916) 204-18-55", "89162041855", "9162041855"]
    )
    def test_russian_numbers_have_one_form(self, text):
        assert keys.phone_key(text) == "+79162041855"

    def test_what_is_no_number_keeps_its_digits(self):
        assert keys.phone_key("доб. 12") == "12"
        assert keys.phone_key("нет") == ""


class TestAddresses:
    @pytest.mark.parametrize(
        "text",
        [
            "ул. Садовая, д. 27, кв. 5",
            "Садовая 27-5",
            "садовая улица 27 кв.5",
            "Садовая, 27, 5",
            "дом 27 квартира 5 улица Садовая",
        ],
    )
    def test_abbreviations_and_order_say_nothing(self, text):
        assert addresses.key(text) == "садовая д 27 кв 5"

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("г. Заречье, ул. Садовая, д. 27, кв. 5", "заречье садовая д 27 кв 5"),
            ("ул. 8 Марта, 27, кв 5", "8 марта д 27 кв 5"),
            ("ул. 50 лет Октября, д. 1/2", "50 лет октября д 1/2"),
            ("1-я Садовая, 3", "1 садовая д 3"),
            ("пр-т Ленина д.5 корп.2 кв 7", "ленина д 5 к 2 кв 7"),
            ("Полевая 27 а", "полевая д 27а"),
            ("д. Ивановка, д. 5", "ивановка д 5"),
            ("СНТ «Берёзка», уч. 12", "березка д 12"),
            ("", ""),
        ],
    )
    def test_what_people_write(self, text, key):
        assert addresses.key(text) == key


@given(texts)
def test_the_key_of_a_key_is_the_key(text):
    for key in (keys.number_key, keys.name_key, keys.phone_key):
        assert key(key(text)) == key(text)


@given(places)
def test_so_it_is_of_addresses(text):
    assert addresses.key(addresses.key(text)) == addresses.key(text)

"""«Персональные данные» and the cabinet of somebody without points."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts import services
from faza.accounts.models import Acceptance, LegalText, User, Withdrawal
from faza.cabinet.account import own_data
from faza.contracts.models import Application, Customer, CustomerMember
from faza.contracts.services import applications, dismiss_member
from faza.outbox.models import Message
from tests.accounts.texts import publish, publish_both
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
FIELDS = {
    "kind": "person",
    "full_name": "Ковалёва М. С.",
    "organisation": "",
    "agreement_number": "42-0042317",
    "phone": "+7 912 345-67-89",
    "address": "",
}


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point("A", "Аптека")])
    return user


@pytest.fixture
def applicant() -> User:
    user = make_user("new@example.org")
    applications.submit(user=user, fields=FIELDS, at=timezone.now())
    applications.confirm(user=user, at=timezone.now())
    return user


def prove(client) -> None:
    """Put a fresh proof of the password into the session, as the page that asks for it does."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    user.set_password("a-Rather-long-secret-7")
    user.save()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(
        reverse("account_reauthenticate"), {"password": "a-Rather-long-secret-7", "next": "/x/"}
    )
    assert answer.status_code == 302


class TestTexts:
    def test_a_newer_edition_is_asked_for_before_the_next_page(self, owner, enter):
        both = publish_both()
        client = enter(owner)

        asked = client.get(f"{reverse('cabinet:meters')}?page=1")
        assert asked.url == f"{reverse('cabinet:accept_texts')}?next=%2Fmeters%2F%3Fpage%3D1"
        some = client.post(asked.url, {"text": both["consent"].pk})
        assert "Отметьте каждый текст" in words(some)
        done = client.post(asked.url, {"text": [text.pk for text in both.values()]})

        assert done.url == "/meters/?page=1"
        assert client.get(done.url).status_code == 200
        assert Acceptance.objects.filter(user=owner).count() == 2
        publish(LegalText.Kind.LICENCE, "Иначе.")
        assert reverse("cabinet:accept_texts") in client.get(done.url).url

    def test_staff_is_not_asked(self, enter):
        publish_both()
        operator = make_user("operator@example.org", User.Role.OPERATOR)

        assert enter(operator).get(reverse("cabinet:meters")).status_code == 200

    def test_a_withdrawn_consent_shuts_the_cabinet_but_not_ones_own_data(self, owner, enter):
        services.accept(user=owner, texts=publish_both().values(), at=timezone.now())
        client = enter(owner)
        assert client.get(reverse("cabinet:meters")).status_code == 200

        client.post(reverse("cabinet:withdraw"))

        assert Withdrawal.objects.get().user == owner
        assert reverse("cabinet:accept_texts") in client.get(reverse("cabinet:meters")).url
        assert "Вы отозвали согласие" in words(client.get(reverse("cabinet:consents")))
        assert client.get(reverse("cabinet:own_data")).status_code == 200


class TestOwnData:
    def test_the_file_has_all_and_no_secret(self, owner, enter):
        services.accept(user=owner, texts=publish_both().values(), at=timezone.now())
        other = make_user("other@example.org")
        make_agreement("Чужой", [other], [make_point("B", "Чужая")])
        client = enter(owner)
        prove(client)

        answer = client.get(reverse("cabinet:own_data_file"))

        pack = zipfile.ZipFile(io.BytesIO(answer.content))
        assert set(pack.namelist()) == {"data.json", "texts/licence-1.md", "texts/consent-1.md"}
        text = pack.read("data.json").decode()
        told = json.loads(text)
        assert told["account"]["email"] == "owner@example.org"
        assert [one["number"] for one in told["agreements"]] == ["Д-1"]
        assert [one["usage_point__code"] for one in told["points"]] == ["A"]
        assert len(told["acceptances"]) == 2
        assert "password" not in text
        assert "Чужой" not in text

    def test_of_a_former_customer_the_file_tells_nothing_new(self, owner, enter):
        at = timezone.now()
        member = CustomerMember.objects.get(user=owner)
        dismiss_member(member=member, at=at - timedelta(days=1))
        Customer.objects.filter(pk=member.customer_id).update(actual_address="Новый дом, 1")

        told = str(own_data.data(owner, at=at))

        assert "Новый дом" not in told
        assert str(member.customer_id) in told

    def test_the_file_is_of_all_customers_whichever_is_chosen(self, owner, enter):
        make_agreement("Д-2", [owner], [make_point("B", "Баня")])
        owner.acting_for = CustomerMember.objects.filter(user=owner).first().customer_id

        told = str(own_data.data(owner, at=timezone.now()))

        assert "Аптека" in told
        assert "Баня" in told

    def test_a_name_that_was_checked_is_not_changed_here(self, owner, applicant, enter):
        for user in (owner, applicant):
            typed = {"full_name": "Другой Человек", "phone": "8 (912) 345-67-89"}
            enter(user).post(reverse("cabinet:profile"), typed)
            user.refresh_from_db()

        assert (owner.full_name == "Другой Человек", owner.phone) == (False, "+7 912 345-67-89")
        assert applicant.full_name == "Другой Человек"

    def test_an_account_is_closed_by_typing_its_address(self, owner, enter):
        client = enter(owner)
        prove(client)
        page = client.post(reverse("cabinet:close"), {"email": "x@example.org"})
        assert "Введите адрес, с которым вы входите" in words(page)

        gone = client.post(reverse("cabinet:close"), {"email": "Owner@example.org"})

        assert gone.url == reverse("account_closed")
        assert "Учётная запись закрыта" in words(client.get(gone.url))
        owner.refresh_from_db()
        assert (owner.is_active, owner.closed_at is not None) == (False, True)
        assert Message.objects.filter(kind="account.security_changed").count() == 1


class TestCustomers:
    def test_one_of_several_is_chosen_in_the_header(self, owner, enter):
        shop = make_agreement("Д-2", [owner], [make_point("S", "Прилавок")]).customer
        client = enter(owner)
        both = words(client.get(reverse("cabinet:meters")))
        assert "Аптека" in both
        assert "Прилавок" in both

        client.post(reverse("cabinet:act_for"), {"customer": shop.pk})
        one = words(client.get(reverse("cabinet:meters")))
        assert "Прилавок" in one
        assert "Аптека" not in one

        client.post(reverse("cabinet:act_for"), {"customer": ""})
        assert "Аптека" in words(client.get(reverse("cabinet:meters")))

    @pytest.mark.parametrize("asked", ["999999", "-1", "x", "1 OR 1=1"])
    def test_a_foreign_one_is_not_chosen(self, owner, enter, asked):
        client = enter(owner)
        client.post(reverse("cabinet:act_for"), {"customer": asked})

        assert "acting_for" not in client.session


class TestRequest:
    def test_stands_instead_of_the_sections(self, applicant, enter):
        client = enter(applicant)

        for name in ("home", "explorer", "meters", "why"):
            assert client.get(reverse(f"cabinet:{name}")).url == reverse("cabinet:request")
        page = words(client.get(reverse("cabinet:request")))
        assert "Сверяем ваши данные с договором" in page
        assert "42-0042317" in page

    def test_the_talk_goes_both_ways(self, applicant, enter):
        client = enter(applicant)
        client.post(reverse("cabinet:request_write"), {"text": "Когда <b>ждать</b>?"})
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.write(application=asked, text="Сегодня.", by=operator, at=timezone.now())

        answer = client.get(reverse("cabinet:request"))

        assert "Сегодня." in words(answer)
        assert "&lt;b&gt;ждать&lt;/b&gt;" in answer.content.decode()

    def test_a_correction_is_shown_and_sent(self, applicant, enter):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.ask(application=asked, text="Номер?", by=operator, at=timezone.now())
        client = enter(applicant)
        assert "Номер?" in words(client.get(reverse("cabinet:request")))

        wrong = client.post(reverse("cabinet:request_correct"), FIELDS | {"phone": "1"})
        assert (wrong.status_code, "Это не номер телефона" in words(wrong)) == (422, True)
        client.post(reverse("cabinet:request_correct"), FIELDS | {"agreement_number": "42-1"})

        asked.refresh_from_db()
        assert (asked.state, asked.agreement_number) == ("waiting", "42-1")

    def test_after_a_refusal_one_may_apply_again(self, applicant, enter):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.refuse(application=asked, reason="Нет такого.", by=operator, at=timezone.now())
        client = enter(applicant)
        assert "Нет такого." in words(client.get(reverse("cabinet:request")))

        for _twice in range(2):
            client.post(reverse("cabinet:request_correct"), FIELDS)

        assert list(
            Application.objects.order_by("id").values_list("state", flat=True)
        ) == ["refused", "waiting"]  # fmt: skip

    @pytest.mark.parametrize("sees", [True, False])
    def test_an_approved_one_says_whether_the_points_are_open(self, applicant, enter, sees):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        moved = {"state": "approved", "decided_at": timezone.now(), "decided_by": operator}
        Application.objects.update(**moved)
        if sees:
            make_agreement("42-0042317", [applicant], [make_point("A")])

        page = words(enter(applicant).get(reverse("cabinet:request")))

        assert ("Ваши точки открыты" in page) == sees
        assert ("подайте заявку снова" in page) == ("Отправить заявку" in page) == (not sees)

    def test_shows_nobody_elses(self, applicant, enter):
        other = make_user("other@example.org")

        page = words(enter(other).get(reverse("cabinet:request")))

        assert "42-0042317" not in page
        assert "Вам пока не открыто ни одной точки" in page

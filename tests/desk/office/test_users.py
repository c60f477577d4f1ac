"""Users and roles: invited, changed, closed; the last administrator stays; nothing by the way."""

import pytest
from django.urls import reverse

from faza.accounts.models import User
from faza.accounts.services import record_sign_in
from faza.audit.models import Entry
from faza.contracts import services as contracts
from faza.contracts.models import HouseManagement, OperatorArea, PersonalRight
from faza.contracts.permissions import Right
from faza.outbox.models import Message
from tests.desk.office.factories import NOW, make, signed_in
from tests.metering.factories import make_node

PERSON = {"full_name": "Новый Сотрудник", "email": "new@example.org", "role": "operator"}


def at(name: str, *args: object) -> str:
    return reverse(f"desk:{name}", args=[getattr(arg, "pk", arg) for arg in args])


class TestInvitation:
    def test_it_makes_an_account_and_a_mail(self, office):
        assert office.post(at("user-invite"), PERSON).status_code == 302
        made = User.objects.get(email="new@example.org")
        assert made.role == User.Role.OPERATOR
        assert not made.has_usable_password()
        assert Message.objects.get(kind="accounts.invited").recipient == made.pk

    def test_a_known_address_is_told_and_what_was_typed_stays(self, office, operator):
        answer = office.post(at("user-invite"), PERSON | {"email": operator.email.upper()})
        assert answer.status_code == 422
        assert "Новый Сотрудник" in answer.content.decode()
        assert not Message.objects.exists()

    def test_other_fields_of_a_request_are_not_read(self, office):
        told = {"is_active": "", "password": "x", "last_login": "2020-01-01", "id": "77"}
        office.post(at("user-invite"), PERSON | told)
        made = User.objects.get(email="new@example.org")
        assert (made.is_active, made.last_login) == (True, None)
        assert made.pk != 77

    @pytest.mark.parametrize("role", ["subscriber", "root", ""])
    def test_only_roles_that_are_invited(self, role, office):
        assert office.post(at("user-invite"), PERSON | {"role": role}).status_code == 422
        assert not User.objects.filter(email="new@example.org").exists()

    def test_it_is_sent_again_to_those_who_never_signed_in(self, office, operator):
        assert office.post(at("user-invite-again", operator)).status_code == 302
        assert Message.objects.filter(recipient=operator.pk).count() == 1
        User.objects.filter(pk=operator.pk).update(last_login=NOW)
        assert office.post(at("user-invite-again", operator)).status_code == 404


class TestRole:
    def test_it_is_changed_and_told_in_the_history(self, office, operator):
        assert office.post(at("user-role", operator), {"role": "auditor"}).status_code == 302
        operator.refresh_from_db()
        assert operator.role == User.Role.AUDITOR
        assert "Роль изменена" in office.get(at("user", operator)).content.decode()

    def test_the_last_administrator_keeps_it(self, office, administrator):
        answer = office.post(at("user-role", administrator), {"role": "auditor"})
        assert "последний администратор" in answer.content.decode()
        administrator.refresh_from_db()
        assert administrator.role == User.Role.ADMINISTRATOR

    def test_the_last_administrator_is_not_closed(self, office, administrator):
        answer = office.post(at("user-close", administrator), {"reason": "так"})
        assert "последний администратор" in answer.content.decode()
        administrator.refresh_from_db()
        assert administrator.is_active

    def test_it_comes_only_from_its_own_form(self, office, operator):
        told = {"full_name": "Оператор", "phone": "+7", "role": "administrator", "is_active": ""}
        office.post(at("user-profile", operator), told)
        operator.refresh_from_db()
        assert (operator.role, operator.is_active, operator.phone) == ("operator", True, "+7")

    @pytest.mark.parametrize("role", ["operator", "auditor"])
    def test_nobody_else_gives_roles(self, role, operator, auditor):
        asking = operator if role == "operator" else auditor
        answer = signed_in(asking).post(at("user-role", asking), {"role": "administrator"})
        assert answer.status_code == 403
        asking.refresh_from_db()
        assert asking.role == role


class TestAccess:
    def test_it_is_closed_with_a_reason_and_opened_again(self, office, operator):
        assert office.post(at("user-close", operator), {"reason": ""}).status_code == 422
        office.post(at("user-close", operator), {"reason": "уволен"})
        operator.refresh_from_db()
        assert not operator.is_active
        office.post(at("user-open", operator))
        operator.refresh_from_db()
        assert operator.is_active

    def test_a_second_factor_that_is_not_there_is_told(self, office, operator):
        answer = office.post(at("user-second-factor", operator), {"reason": "потерян"}, follow=True)
        assert "Второго фактора не было" in answer.content.decode()

    def test_sessions_end(self, office, operator):
        other = signed_in(operator)
        assert other.get(reverse("desk:home")).status_code == 200
        assert office.post(at("user-sign-out", operator)).status_code == 302


class TestAreas:
    def test_an_area_is_found_given_once_and_taken_away(self, office, operator):
        node = make_node(code="Z-1", name="Заречный РЭС")
        page = office.get(at("user", operator) + "?node=заречн").content.decode()
        assert "Заречный РЭС" in page
        for _time in range(2):
            office.post(at("user-areas", operator), {"node": node.pk})
        area = OperatorArea.objects.get(user=operator)
        office.post(at("user-area-drop", operator, area))
        assert not OperatorArea.objects.exists()
        page = office.get(at("user", operator)).content.decode()
        assert "Оператору дан участок" in page
        assert "У оператора снят участок" in page

    def test_an_area_of_another_is_not_there(self, office, operator):
        area = contracts.assign_area(user=operator, node=make_node(), at=NOW)
        assert office.post(at("user-area-drop", make(), area)).status_code == 404
        assert OperatorArea.objects.exists()

    def test_only_operators_have_areas(self, office, auditor):
        answer = office.post(at("user-areas", auditor), {"node": make_node().pk})
        assert answer.status_code == 404

    @pytest.mark.parametrize("node", ["", "x", "-1", "999999999", "1e9"])
    def test_what_is_no_node_is_not_found(self, node, office, operator):
        assert office.post(at("user-areas", operator), {"node": node}).status_code == 404

    def test_a_house_is_given_from_a_day_and_ended(self, office):
        manager, node = make(User.Role.HOUSE_MANAGER), make_node()
        told = {"node": node.pk, "valid_from": "2026-01-01", "valid_to": "2020-01-01"}
        office.post(at("user-houses", manager), told)
        house = HouseManagement.objects.get()
        assert (house.user, house.valid_to) == (manager, None)
        for _time in range(2):
            assert office.post(at("user-house-end", manager, house)).status_code == 302
        house.refresh_from_db()
        assert house.valid_to is not None

    def test_a_house_without_a_day_is_asked_for_one(self, office):
        manager, node = make(User.Role.HOUSE_MANAGER), make_node()
        answer = office.post(at("user-houses", manager), {"node": node.pk, "valid_from": ""})
        assert answer.status_code == 422
        assert not HouseManagement.objects.exists()


class TestRights:
    def test_one_is_given_with_who_gave_it_and_taken_away(self, office, operator):
        told = {"right": "switch_relay", "until": "2099-12-31"}
        office.post(at("user-right-grant", operator), told)
        right = PersonalRight.objects.get()
        page = office.get(at("user", operator)).content.decode()
        assert "Администратор" in page
        assert "01.01.2100" in page
        for _time in range(2):
            office.post(at("user-right-withdraw", operator, right))
        right.refresh_from_db()
        assert right.valid_to is not None
        assert Entry.objects.filter(action="contracts.right.withdrawn").count() == 1

    def test_one_with_another_term_is_not_given_silently(self, office, operator):
        office.post(at("user-right-grant", operator), {"right": "switch_relay"})
        told = {"right": "switch_relay", "until": "2099-12-31"}
        page = office.post(at("user-right-grant", operator), told, follow=True)
        assert "уже есть" in page.content.decode()
        assert PersonalRight.objects.get().valid_to is None

    @pytest.mark.parametrize(
        "told",
        [
            {"right": "manage_users"},
            {"right": ""},
            {"right": "switch_relay", "until": "2020-01-01"},
            {"right": "switch_relay", "until": "x"},
        ],
    )
    def test_no_other_right_and_no_day_that_is_over(self, told, office, operator):
        assert office.post(at("user-right-grant", operator), told).status_code == 422
        assert not PersonalRight.objects.exists()

    def test_only_staff_have_them(self, office):
        office.post(at("user-right-grant", make(User.Role.SUPPLIER)), {"right": "switch_relay"})
        assert not PersonalRight.objects.exists()

    def test_the_table_says_what_the_code_does(self, office):
        page = office.get(at("users-rights"))
        assert len(page.context["lines"]) == len(Right)
        assert "Управлять пользователями" in page.content.decode()


class TestList:
    def test_subscribers_are_shown_where_they_are_asked_for(self, office):
        make(User.Role.SUBSCRIBER, "Гринько Пётр")
        address = at("users")
        assert "Гринько" not in office.get(address).content.decode()
        assert "Гринько" in office.get(address + "?role=subscriber").content.decode()

    def test_names_are_found_in_any_case(self, office):
        make(name="Климова Оксана")
        assert "Климова" in office.get(at("users") + "?q=климова").content.decode()
        assert "Климова" not in office.get(at("users") + "?q=иванов").content.decode()

    def test_no_name_becomes_a_script(self, office):
        evil = make(name="<script>alert(1)</script>")
        node = make_node(name="<img src=x onerror=alert(2)>")
        contracts.assign_area(user=evil, node=node, at=NOW)
        record_sign_in(outcome="done", user=evil, browser="<b>x</b>", at=NOW)
        for address in (at("users"), at("user", evil), at("user-role", evil)):
            page = office.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "<b>x</b>" not in page

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
    def test_an_export_holds_no_formula_and_is_noted(self, start, office):
        make(name=f"{start}HYPERLINK(1)")
        answer = office.get(at("users") + "?export=csv")
        lines = b"".join(answer.streaming_content).decode()
        assert f";{start}HYPERLINK" not in lines
        assert f"\n{start}HYPERLINK" not in lines
        assert "HYPERLINK" in lines
        assert Entry.objects.filter(action="desk.list.exported").count() == 1

    def test_as_many_queries_for_many_users_as_for_few(self, office, django_assert_max_num_queries):
        for number in range(30):
            user = make()
            node = make_node(code=f"N{number}", name=f"Узел {number}")
            contracts.assign_area(user=user, node=node, at=NOW)
        with django_assert_max_num_queries(16):
            office.get(at("users"))

    def test_looking_at_a_subscriber_is_noted(self, office, operator):
        office.get(at("user", operator))
        assert not Entry.objects.filter(action="accounts.card.viewed").exists()
        office.get(at("user", make(User.Role.SUBSCRIBER)))
        assert Entry.objects.filter(action="accounts.card.viewed").count() == 1

"""Links: what they show to whoever holds them, and what they never do."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cabinet.account import own_data
from faza.contracts import sweeps
from faza.contracts.models import AccessConsent, AgreementPoint, OneTimeSecret, Token, TokenUse
from faza.contracts.rules.tokens import Resolution, finished, is_read
from faza.contracts.services import sharing
from faza.contracts.services.sharing import Terms
from tests.api.oauth.asking import browser_of, code_for, exchange, make_client
from tests.api.v1.asking import ask
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE, OTHER, FOREIGN = "500000000000001", "500000000000002", "500000000000003"
NAME = "Ковалёва Анна"
FORM = {
    "name": "Аудитору", "point": [CODE], "resolution": "day", "days": "7", "agreed": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org", name=NAME)
    point = make_point(CODE, "Дом на Заречной", address="Заречный, 35")
    make_agreement("Д-1", [user], [point, make_point(OTHER, "Гараж")])
    make_agreement("Д-3", [make_user("other@example.org")], [make_point(FOREIGN, "Чужая")])
    today = timezone.localdate()
    fill(point, today - timedelta(days=70), today - timedelta(days=1))
    return user


@pytest.fixture
def browser(owner) -> Client:
    return browser_of(owner)


def link_to(user: User, *, points=(CODE,), resolution=Resolution.DAY, **about) -> str:
    """The secret of a new link."""
    shown = {name: about.pop(name) for name in ("shows_address", "shows_name") if name in about}
    terms = Terms(points, 7, "слова", resolution, **about)
    return sharing.share(user=user, name="Аудитору", terms=terms, at=timezone.now(), **shown)[1]


def look(secret: str, query: str = ""):
    return Client().get(reverse("share:page", args=[secret]) + query)


def test_a_link_is_made_with_a_consent_and_opened_without_signing_in(browser, owner):
    made = browser.post(reverse("cabinet:share_new"), FORM)
    found = re.search(r"/s/(fzs_[\w-]+)", made.content.decode())
    assert found
    secret = found[1]
    page = look(secret)
    shown = page.content.decode()

    assert page.status_code == 200
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    for hidden in (NAME, "owner@example.org", "Заречн", "Гараж", OTHER, "Аудитору", "Д-1"):
        assert hidden not in shown
    assert CODE in shown
    assert len(secret) > 40
    assert secret not in str(list(Token.objects.values()))
    consent = AccessConsent.objects.get()
    assert "сутк" in consent.text or "суток" in consent.text
    assert CODE in consent.text
    listed = browser.get(reverse("cabinet:tokens")).content.decode()
    assert "Аудитору" in listed
    log = browser.get(reverse("cabinet:token", args=[consent.token_id])).content.decode()
    assert "страница ссылки" in log
    assert TokenUse.objects.get().operation == "share_page"
    assert Entry.objects.filter(action="contracts.token.made").exists()


def test_what_was_chosen_is_shown(owner):
    shown = look(link_to(owner, shows_address=True, shows_name=True)).content.decode()
    assert "Дом на Заречной" in shown
    assert NAME in shown


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"agreed": ""}, 422),
        ({"point": []}, 422),
        ({"point": [FOREIGN]}, 422),
        ({"days": "5000"}, 422),
        ({"resolution": "second"}, 422),
        ({"first": "2026-02-01", "last": "2026-01-01"}, 422),
        ({"first": "0001-01-01"}, 422),
    ],
)
def test_what_cannot_be_given_is_not(browser, change, status):
    assert browser.post(reverse("cabinet:share_new"), FORM | change).status_code == status
    assert not Token.objects.exists()


def test_the_file_has_the_days_that_are_over(owner):
    secret = link_to(owner)
    month = timezone.localdate().replace(day=1) - timedelta(days=1)
    answer = Client().get(reverse("share:file", args=[secret]) + f"?by=day&period={month:%Y-%m}")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == month.day + 1
    assert lines[1].startswith(f"01.{month:%m.%Y};")
    assert float(lines[1].split(";")[1].replace(",", ".")) > 0
    assert lines[1].split(";")[2] == "100,0"


def test_of_a_coarse_link_nothing_finer_can_be_had(owner):
    secret = link_to(owner, resolution=Resolution.MONTH)
    today = timezone.localdate()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    days = f"from={first}&to={today.replace(day=1)}"

    assert ask(secret, "consumption", CODE, query=f"{days}&by=month").status_code == 200
    for query in (
        f"{days}&by=day",
        f"{days}&by=hour",
        f"from={first + timedelta(days=3)}&to={first + timedelta(days=4)}&by=month",
        f"{days}&by=month&as_of={first + timedelta(days=4)}T00:00:00%2B03:00",
    ):
        assert ask(secret, "consumption", CODE, query=query).status_code in (403, 422), query
    for name in ("profile", "registers", "network", "forecast", "comparison"):
        query = "" if name in ("network", "forecast") else days
        assert ask(secret, name, CODE, query=query).status_code == 403, name
    shown = look(secret, "?by=hour").content.decode()
    assert "по суткам" not in shown
    assert "по часам" not in shown


def test_a_month_that_still_grows_is_not_told(owner):
    today = timezone.localdate()
    start = today.replace(day=1)
    query = f"from={start}&to={(start + timedelta(days=32)).replace(day=1)}&by=month"
    coarse = ask(link_to(owner, resolution=Resolution.MONTH), "consumption", CODE, query=query)
    assert not any(any(one["present_each"]) for one in coarse.json()["channels"])


def test_a_link_reads_its_scope_points_and_period_only(owner):
    today = timezone.localdate()
    first, last = today - timedelta(days=20), today - timedelta(days=11)
    secret = link_to(owner, resolution=None, first=first, last=last)
    query = f"from={today - timedelta(days=30)}&to={today}"
    told = ask(secret, "profile", CODE, query=query).json()
    starts = [run["start"] for channel in told["channels"] for run in channel["runs"]]
    assert min(starts)[:10] == first.isoformat()
    assert told["channels"][0]["present"] == 10 * 48
    assert ask(secret, "profile", OTHER, query=query).status_code == 404
    for name in ("customers", "agreements", "usage_points", "events", "notices", "meters", "entry"):
        assert ask(secret, name).status_code == 403, name
    assert ask(secret, "usage_point", CODE).status_code == 403
    assert ask(secret, "charges", CODE, query="from=2026-01&to=2026-02").status_code == 403


@pytest.mark.parametrize("how", ["revoked", "expired", "closed", "lost", "wrong", "texts"])
def test_a_link_that_works_no_longer_shows_nothing(browser, owner, how, monkeypatch):
    secret = link_to(owner)
    token = Token.objects.get()
    match how:
        case "revoked":
            browser.post(reverse("cabinet:token_revoke", args=[token.pk]))
            assert AccessConsent.objects.get().withdrawn_at is not None
        case "expired":
            long_ago = timezone.now() - timedelta(days=9)
            Token.objects.update(made_at=long_ago, expires_at=long_ago + timedelta(days=7))
        case "closed":
            User.objects.filter(pk=owner.pk).update(is_active=False)
        case "lost":
            AgreementPoint.objects.filter(usage_point__code=CODE).delete()
        case "wrong":
            secret += "x"
        case "texts":
            monkeypatch.setattr("faza.accounts.texts.is_any_due", lambda user: True)
    page = look(secret)
    assert page.status_code == 404
    assert CODE not in page.content.decode()
    assert Client().get(reverse("share:file", args=[secret])).status_code == 404


def test_a_link_to_what_is_not_over_yet_says_so(owner):
    secret = link_to(owner, resolution=Resolution.MONTH, first=timezone.localdate())
    page = look(secret)
    assert page.status_code == 404
    assert "Показывать пока нечего" in page.content.decode()


def test_of_two_owners_each_gives_the_own_time(owner):
    sold = timezone.now() - timedelta(days=20)
    AgreementPoint.objects.filter(usage_point__code=CODE).update(valid_to=sold)
    buyer = make_user("buyer@example.org")
    make_agreement("Д-9", [buyer], [])
    bound = AgreementPoint.objects.get(usage_point__code=CODE)
    agreement = make_agreement("Д-10", [buyer], [])
    AgreementPoint.objects.create(
        agreement=agreement, usage_point=bound.usage_point, valid_from=sold
    )
    today = timezone.localdate()
    query = f"from={today - timedelta(days=60)}&to={today}&by=day"
    both = []
    for person in (owner, buyer):
        told = ask(link_to(person), "consumption", CODE, query=query).json()
        both.append([n > 0 for n in told["channels"][0]["expected_each"]])
    before, after = (sum(one) for one in both)
    assert before > 30
    assert 18 <= after <= 21
    assert sum(a and b for a, b in zip(*both, strict=True)) <= 1


def test_only_links_are_shown_by_their_address(owner, browser):
    told = exchange(app := make_client()[0], code_for(browser, app)).json()
    assert look(told["access_token"]).status_code == 404


def test_whoever_guesses_is_held_up(owner):
    secret = link_to(owner)
    statuses = [look(f"fzs_{i}").status_code for i in range(31)]
    assert set(statuses[:30]) == {404}
    assert statuses[30] == 429
    assert look(secret).status_code == 429


def test_a_secret_is_not_in_the_log(owner, caplog):
    secret = link_to(owner)
    AgreementPoint.objects.filter(usage_point__code=CODE).delete()
    assert look(secret).status_code == 404
    assert secret not in caplog.text


def test_own_data_have_what_was_given_away(owner):
    secret = link_to(owner)
    told = own_data.data(owner, at=timezone.now())
    assert told["tokens"][0]["kind"] == "share"
    assert told["token_consents"][0]["text"] == "слова"
    assert told["token_points"][0]["usage_point__code"] == CODE
    assert secret not in str(told)


def test_codes_and_ended_grants_are_swept(owner, browser):
    code_for(browser, make_client()[0])
    link_to(owner)
    now = timezone.now()
    assert sweeps.sweep_secrets(now, now) == 0
    OneTimeSecret.objects.update(expires_at=now - timedelta(days=2))
    assert sweeps.sweep_secrets(now - timedelta(days=1), now) == 1
    assert sweeps.sweep_grants(now - timedelta(days=1095), now) == 0
    assert sweeps.sweep_grants(now + timedelta(days=400), now) == 2
    assert not AccessConsent.objects.exists()


def test_finer_is_refused_and_coarser_is_not():
    assert is_read(None, None)
    assert is_read(Resolution.DAY, Resolution.MONTH)
    assert not is_read(Resolution.DAY, Resolution.HOUR)
    assert not is_read(Resolution.MONTH, None)


def test_what_is_over_is_reckoned_by_the_clock_of_the_point():
    at = datetime(2026, 3, 1, 0, 30, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    zone = "Asia/Kolkata"
    local = at.astimezone(ZoneInfo(zone))
    assert local.date() == date(2026, 3, 1)
    for step, expected in (
        (Resolution.HOUR, local.replace(minute=0)),
        (Resolution.DAY, local.replace(hour=0, minute=0)),
        (Resolution.MONTH, local.replace(hour=0, minute=0)),
    ):
        assert finished(step, zone, at) == expected

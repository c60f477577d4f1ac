"""A typed reading in real browsers: from the window's opening to the report, and taken back.

The subscriber sends one with a photo, the desk refuses it with a reason, the second one counts:
consumption, cost and the report change. Withdrawn, all is as it was.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.manual_entry.living import DESK, OWNER
from tests.support.browser import Live, Problems, answering, open_context, sign_in
from tests.support.installation import installed, run
from tests.support.postgres import free_port

pytestmark = pytest.mark.browser
PASSWORD = "Zarechny-35-10"
REASON = "На фото не видно последней цифры"
REFUSED, ACCEPTED = "1240", "1250"
"""kWh on the face; it showed 1,000 when it fell silent."""


@dataclass
class Life:
    """An installation, and what its stages told."""

    live: Live
    told: dict[str, str]

    def comes(self, stage: str) -> dict[str, int]:
        lines = run(self.live.environment, "-m", "tests.manual_entry.living", stage).splitlines()
        found: dict[str, int] = json.loads(lines[-1])
        return found


@pytest.fixture
def life() -> Iterator[Life]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with installed() as environment:
        named = environment | {"FAZA_URL": url, "FAZA_LOG": "WARNING"}
        named["DJANGO_SETTINGS_MODULE"] = "faza.settings"
        made = Life(Live(url, Path(named["FAZA_HOME"]), named), {})
        made.told = made.comes("make")  # type: ignore[assignment]
        with answering(made.live, "serve", "--port", str(port)):
            yield made


@pytest.fixture
def people(browser: Browser, life: Life) -> Iterator[tuple[Page, Page]]:
    """The subscriber by telephone and the operator, signed in; nothing may be complained of."""
    problems = Problems()
    problems.excuse("422")  # a form that comes back with a question
    phone = {"width": 360, "height": 760}
    contexts = [
        open_context(browser, life.live.url, problems, viewport=phone),
        open_context(browser, life.live.url, problems),
    ]
    pages = [context.new_page() for context in contexts]
    for page, email in zip(pages, (OWNER, DESK), strict=True):
        sign_in(page, email, PASSWORD)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()
    assert not problems, problems


def photo(shown: str) -> dict[str, object]:
    """A photo as a telephone sends it, with where it was taken in its EXIF."""
    image = Image.new("RGB", (800, 600), (200, 205, 198))
    ImageDraw.Draw(image).text((300, 280), shown, fill=(20, 20, 20))
    told, out = Image.Exif(), io.BytesIO()
    told[0x010E] = "secret place"
    image.save(out, "JPEG", exif=told)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def numbers_in(text: str) -> list[Decimal]:
    plain = re.sub(r"(?<=\d)[\u00a0\u202f ](?=\d{3})", "", text)
    return [Decimal(one.replace(",", ".")) for one in re.findall(r"\d+(?:,\d+)?", plain)]


@dataclass(frozen=True)
class Seen:
    """What the subscriber's pages say of the days since the meter fell silent, and of the month."""

    energy: Decimal
    cost: Decimal
    report: list[Decimal]
    counted: list[Decimal]

    def is_as(self, other: "Seen") -> bool:
        """The hour that runs may have ended between two looks: a kWh and its price."""
        return (
            abs(self.energy - other.energy) <= 1
            and abs(self.cost - other.cost) <= 6
            and self.report == other.report
            and len(self.counted) == len(other.counted)
            and all(abs(a - b) <= 1 for a, b in zip(self.counted, other.counted, strict=True))
        )


def looks(page: Page, life: Life) -> Seen:
    code, gone = life.told["code"], life.told["gone"]
    today = datetime.now(ZoneInfo("Europe/Moscow")).date()
    page.goto(f"/data/?point={code}&period=any&from={gone}&to={today}&by=day")
    (energy,) = numbers_in(page.locator("#sum").inner_text())
    month = date.fromisoformat(gone).replace(day=1)
    page.goto(f"/costs/?point={code}&period=month&on={month}")
    cost = numbers_in(page.locator(".lead").inner_text())[0]
    page.goto(f"/reports/made/?kind=readings&point={code}&period=any&from={gone}&to={today}")
    report = numbers_in(page.locator("table").first.inner_text())
    page.goto(f"/registers/?point={code}&period=any&from={gone}&to={today}")
    return Seen(energy, cost, report, numbers_in(page.locator(".lead").inner_text()))


def sends(page: Page, life: Life, shown: str) -> None:
    """Type the digits, attach the photo; what is odd is confirmed."""
    page.goto(f"/entry/?again={life.told['code']}")
    card = page.locator(f"#p{life.told['point']}")
    card.locator("[name=r0]").fill(shown)
    card.locator("input[name=photo]").set_input_files(photo(shown))  # type: ignore[arg-type]
    card.locator(".en-send").click()
    if card.locator("input[name=sure]").count():
        card.locator(".en-send").click()
    expect(card).to_contain_text("ждут проверки")
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_the_windows_opening_to_the_report_and_back(
    people: tuple[Page, Page], life: Life
) -> None:
    owner, desk = people
    owner.goto("/entry/")
    expect(owner.locator("[name=r0]")).to_have_count(0)
    expect(owner.locator("main")).to_contain_text("Дача")
    before = looks(owner, life)

    assert life.comes("open") == {"reminded": 1}
    owner.goto("/notices/")
    expect(owner.locator("main")).to_contain_text("Показания можно передать только до")
    expect(owner.locator("main")).to_contain_text("Сарай")
    sends(owner, life, REFUSED)

    refuses(desk)
    life.comes("told")
    owner.goto("/notices/")
    expect(owner.locator("main")).to_contain_text("Показания не приняты")
    expect(owner.locator("main")).to_contain_text(REASON)
    life.comes("work")
    assert looks(owner, life).is_as(before)

    owner.goto("/entry/")
    expect(owner.locator(".en-cards")).to_contain_text(REASON)
    sends(owner, life, ACCEPTED)
    accepts(desk)
    life.comes("work")
    after = looks(owner, life)
    assert abs(after.energy - 250) < 2  # of the hour that runs some part is not told
    # At 5.82 RUB a kWh, each cost by whole kWh.
    more = (after.energy - before.energy) * Decimal("5.82")
    assert more > 50
    assert abs(after.cost - before.cost - more) <= 12
    assert Decimal(1250) in after.report
    assert Decimal(1250) not in before.report
    assert after.counted != before.counted
    owner.goto("/entry/")
    expect(owner.locator(".en-sent")).to_contain_text("Принято")

    withdraws(desk)
    life.comes("work")
    assert looks(owner, life).is_as(before)


def chosen(desk: Page) -> None:
    """The reading that waits, with its photo drawn anew beside it."""
    desk.goto("/desk/readings/")
    desk.locator(".rd-name a").first.click()
    expect(desk.locator("#reading")).to_contain_text("Дача")
    picture = desk.locator(".rd-photo img")
    expect(picture).to_be_visible()
    answer = desk.request.get(picture.get_attribute("src") or "")
    assert answer.headers["content-type"] == "image/jpeg"
    assert b"secret place" not in answer.body()


def refuses(desk: Page) -> None:
    chosen(desk)
    desk.locator("#rd-reason").fill(REASON)
    desk.locator("button[form=rd-refuse]").click()
    expect(desk.locator("main")).to_contain_text("Ничего не ждёт")


def accepts(desk: Page) -> None:
    """By the keyboard."""
    chosen(desk)
    desk.keyboard.press("KeyA")
    expect(desk.locator("main")).to_contain_text("Ничего не ждёт")


def withdraws(desk: Page) -> None:
    desk.goto("/desk/readings/all/?state=approved")
    desk.locator("tbody tr", has_text="250").locator("a").first.click()
    desk.locator("#rd-reason").fill("Не тот счётчик")
    desk.locator("button[form=rd-refuse]").click()
    expect(desk.locator("main")).to_contain_text("Не тот счётчик")

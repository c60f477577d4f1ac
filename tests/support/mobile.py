"""The mobile client in a test's browser: a phone that is connected, its screens, what it keeps."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import Live
from tests.support.installation import run

OWNER = "kovaleva@example.ru"
PHONE = {"width": 360, "height": 740}
SCREENS = {
    "": "Обзор", "readings": "Показания", "history": "История", "network": "Параметры сети",
    "events": "События", "entry": "Ввод показаний", "notices": "Уведомления",
    "settings": "Настройки", "more": "Ещё",
}  # fmt: skip
OFF = "ERR_INTERNET_DISCONNECTED"
KEY = """
import django
django.setup()
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from faza.accounts.models import User
from faza.contracts.rules.tokens import Kind, Scope
from faza.contracts.services import tokens
at = timezone.now()
with transaction.atomic():
    _, text = tokens.issue(
        user=User.objects.get(email="{who}"), kind=Kind.DEVICE, name="Телефон", at=at,
        scopes=list(Scope), expires_at=at + timedelta(days=1),
    )
print("KEY", text)
"""
ASKED = """async (path) => (await fetch("/api/v1/" + path, {
  headers: { "X-Faza-App": "1" }, cache: "no-store" })).json()"""
QUEUED = """async () => {
 // To open one that is not there would make it, empty.
 if (!(await indexedDB.databases()).some(({ name }) => name === "faza")) return {};
 return new Promise((resolve, reject) => {
  const asked = indexedDB.open("faza");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const store = asked.result;
    const names = [...store.objectStoreNames];
    if (!names.length) { store.close(); resolve({}); return; }
    const deed = store.transaction(names);
    const told = {};
    for (const name of names) {
      const count = deed.objectStore(name).count();
      count.onsuccess = () => { told[name] = count.result; };
    }
    deed.oncomplete = () => { store.close(); resolve(told); };
  };
 });
}"""
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const all = await (await caches.open(name)).keys();
    found.push(...all.map((asked) => new URL(asked.url).pathname));
  }
  return found;
}"""


def key_of(live: Live, who: str = OWNER) -> str:
    told = live.environment | {"DJANGO_SETTINGS_MODULE": "faza.settings"}
    said = run(told, "-c", KEY.replace("{who}", who))
    return next(line.split()[1] for line in said.splitlines() if line.startswith("KEY"))


def connect(context: BrowserContext, live: Live, key: str) -> None:
    cookie = {"name": "faza_device", "value": key, "url": live.url, "httpOnly": True}
    context.add_cookies([cookie | {"sameSite": "Strict"}])  # type: ignore[list-item]


def show(page: Page, name: str) -> None:
    """Open a screen by its address, as a tab does; the frame stays."""
    page.goto(f"/m/#/{name}")
    expect(page.locator("h1")).to_have_text(SCREENS[name])
    page.wait_for_load_state("networkidle")


def until(page: Page, truth: str) -> None:
    """Wait for something in the page; playwright's own way would evaluate text there."""
    for _ in range(300):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {truth}")


def ready(page: Page) -> None:
    """The worker controls the page, so it opens without a network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    until(page, "navigator.serviceWorker.controller !== null")


def asked(page: Page, path: str) -> Any:
    """What the API answers this phone, as the client asks it."""
    return page.evaluate(ASKED, path)

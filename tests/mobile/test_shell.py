"""The shell, its manifest and its worker: small, the same for all, allowed what they need."""

from __future__ import annotations

import gzip
import json
import re
import struct
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from faza.mobile.built import NotBuilt, built
from tests.cabinet.factories import make_user
from tests.support.browser import ROOT

MOST_BYTES = 200_000
"""Of all that a first start loads, compressed: issue 9, Speed."""


def file_of(address: str) -> Path:
    found = finders.find(address.removeprefix("/static/"))
    assert isinstance(found, str), address
    return Path(found)


def body_of(address: str) -> bytes:
    response = Client().get(address)
    return b"".join(response) if response.streaming else response.content


def policy(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split("; ")
    return {name: rest for name, _, rest in (part.partition(" ") for part in parts)}


@pytest.fixture
def shell():
    return Client().get(reverse("mobile:home"))


def test_the_shell_holds_nothing_of_who_asks(db, shell):
    person = Client()
    person.force_login(make_user("somebody@example.org"))
    person.cookies["faza_theme"] = "dark"
    person.cookies["faza_device"] = "fzd_something"
    assert person.get(reverse("mobile:home")).content == shell.content
    assert "Cookie" not in shell.get("Vary", "")
    assert not shell.cookies


def test_the_shell_has_no_script_or_style_of_its_own(shell):
    text = shell.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "style=" not in text
    assert "<style" not in text
    assert not re.search(r"\son\w+=", text)


def test_its_policy_allows_photos_and_its_worker_and_no_more(shell):
    told = policy(shell)
    assert told["img-src"] == "'self' blob:"
    assert {told[f"{name}-src"] for name in ("script", "style", "connect", "worker", "manifest")} \
        == {"'self'"}  # fmt: skip
    assert told["default-src"] == told["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("name", ["home", "manifest", "worker"])
def test_each_start_asks_whether_there_is_a_newer_build(name):
    assert Client().get(reverse(f"mobile:{name}"))["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["home", "manifest", "worker"])
def test_nothing_is_posted_to_them(name):
    assert Client().post(reverse(f"mobile:{name}")).status_code == 405


def test_the_manifest_has_what_phones_ask_for():
    response = Client().get(reverse("mobile:manifest"), headers={"Accept-Language": "ru"})
    told = json.loads(response.content)
    assert response["Content-Type"] == "application/manifest+json"
    assert told["name"] == "Фаза: учёт энергии"
    assert (told["start_url"], told["scope"], told["display"]) == ("/m/", "/m/", "standalone")
    assert told["lang"] == "ru"
    purposes = {(icon["purpose"], icon["sizes"]) for icon in told["icons"]}
    assert purposes == {(a, b) for a in ("any", "maskable") for b in ("192x192", "512x512")}


def test_icons_are_as_large_as_the_manifest_says():
    told = json.loads(Client().get(reverse("mobile:manifest")).content)
    for icon in told["icons"]:
        data = file_of(icon["src"]).read_bytes()
        assert data.startswith(b"\x89PNG\r\n")
        width, height = struct.unpack(">II", data[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_the_worker_lies_at_the_root_of_its_scope_and_names_the_build():
    response = Client().get(reverse("mobile:worker"))
    text = response.content.decode()
    assert reverse("mobile:worker") == reverse("mobile:home") + "sw.js"
    assert response["Content-Type"].startswith("text/javascript")
    told = json.loads(text.removeprefix("self.BUILT = ").split(";\n", 1)[0])
    assert told["version"] == built().version
    assert told["files"][0] == built().script
    assert "import " not in text.split(";\n", 1)[1][:200]  # a classic script


def test_what_the_worker_keeps_is_there_and_nothing_of_the_api_is_among_it():
    told = json.loads(
        body_of(reverse("mobile:worker")).decode().removeprefix("self.BUILT = ").split(";\n", 1)[0]
    )
    for address in told["files"]:
        assert address.startswith("/static/") or address == reverse("mobile:manifest")
        if address.startswith("/static/"):
            assert file_of(address).stat().st_size


def test_a_first_start_is_small():
    """Script, style, letters, pictures and the shell, as they travel."""
    size = len(gzip.compress(body_of(reverse("mobile:home"))))
    size += len(gzip.compress(body_of(reverse("mobile:worker"))))
    for address in built().files:
        if address.startswith("/static/"):
            data = file_of(address).read_bytes()
            size += len(data) if address.endswith((".woff2", ".png")) else len(gzip.compress(data))
    assert size <= MOST_BYTES, size


def test_another_byte_is_another_build(settings, tmp_path):
    """A phone takes a new build by its worker's bytes alone."""
    from faza.mobile import built as module

    before = built().version
    dist = ROOT / "faza/ui/static/ui/dist"
    (tmp_path / ".vite").mkdir()
    for name in ("mobile-sw.js", "mobile-icons.svg", ".vite/manifest.json"):
        (tmp_path / name).write_bytes((dist / name).read_bytes())
    with (tmp_path / "mobile-sw.js").open("a") as worker:
        worker.write("// changed")
    settings.DJANGO_VITE = {"default": {"manifest_path": tmp_path / ".vite/manifest.json"}}
    module._read.cache_clear()
    try:
        assert built().version != before
        (tmp_path / "mobile-sw.js").unlink()
        module._read.cache_clear()
        with pytest.raises(NotBuilt):
            built()
    finally:
        module._read.cache_clear()

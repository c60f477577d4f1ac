"""What every answer says to the browser, and what the cookies and production settings are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.cabinet.factories import make_user
from tests.doors.table import Door
from tests.doors.walk import DOORS, Walk, drain
from tests.doors.world import make_world
from tests.support.installation import installed

pytestmark = pytest.mark.either_engine
ROOT = Path(__file__).resolve().parent.parent.parent
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOOK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
client = Client(headers={"host": "cabinet.example.org"})
http = client.get("/accounts/login/")
https = client.get("/accounts/login/", secure=True)
cookies = {name: {key: one[key] for key in ("secure", "httponly", "samesite")}
           for name, one in https.cookies.items()}
names = ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
         "CSRF_COOKIE_SECURE", "CSRF_COOKIE_SAMESITE", "LANGUAGE_COOKIE_SECURE", "DEBUG")
print(json.dumps({"http": [http.status_code, http.headers.get("Location")],
                  "https": [https.status_code, dict(https.headers)], "cookies": cookies,
                  "settings": {name: getattr(settings, name) for name in names}}))
"""


def production(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python as an installation behind https would; `more`: of its environment."""
    kept = {name: told for name, told in os.environ.items()
            if not name.startswith(("FAZA_", "DJANGO_", "PYTEST_"))}  # fmt: skip
    kept.pop("DATABASE_URL", None)
    kept |= {"FAZA_HOME": str(home), "FAZA_URL": "https://cabinet.example.org",
             "DJANGO_SETTINGS_MODULE": "faza.settings"} | more  # fmt: skip
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.django_db
def test_every_answer_forbids_frames_guesses_and_inline_scripts():
    walk = Walk(make_world())
    wrong = []
    for role in ("administrator", "anonymous"):
        for name, args in {(door.name, door.args) for door in DOORS}:
            answer = walk.visit(role, Door(name, {}, args=args), walk.world.names)
            drain(answer)
            policy = answer.get("Content-Security-Policy", "")
            told = {header: answer.get(header) for header in HEADERS}
            is_strict = "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            # The address of a link is its key: it is told to nobody, not even to ourselves.
            secret = {"Referrer-Policy": "no-referrer"} if name.startswith("share:") else {}
            if told != HEADERS | secret or not is_strict or "unsafe" in policy or "nonce" in policy:
                wrong.append(f"{name} {args} for {role}: {told} {policy}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites():
    client = Client()
    make_user("owner@example.org")
    told = {"login": "owner@example.org", "password": "Zarechny-35-10"}
    client.post(reverse("account_login"), told)

    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] in ("Lax", "Strict"), name


class TestProduction:
    @pytest.fixture(scope="class")
    @staticmethod
    def found() -> dict:
        with installed() as own:
            home, database = Path(own["FAZA_HOME"]), own["DATABASE_URL"]
            done = production(home, "-c", LOOK, DATABASE_URL=database)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def test_http_is_led_to_https_for_a_year(self, found):
        assert found["http"] == [301, "https://cabinet.example.org/accounts/login/"]
        status, headers = found["https"]
        assert status == 200
        assert headers["Strict-Transport-Security"] == "max-age=31536000"

    def test_cookies_go_by_https_only(self, found):
        assert found["cookies"]["csrftoken"] == {
            "secure": True, "httponly": "", "samesite": "Lax",
        }  # fmt: skip
        assert found["settings"] == {
            "SESSION_COOKIE_SECURE": True,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "CSRF_COOKIE_SECURE": True,
            "CSRF_COOKIE_SAMESITE": "Lax",
            "LANGUAGE_COOKIE_SECURE": True,
            "DEBUG": False,
        }

    def test_the_deployment_check_is_clean(self, tmp_path):
        done = production(tmp_path, "-m", "django", "check", "--deploy", "--fail-level", "WARNING")

        assert done.returncode == 0, done.stderr

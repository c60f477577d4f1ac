"""Brute force by several processes at once: they share one count of attempts.

What one process does is in cabinet/test_signing_in.py (TestBruteForce).
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.installation import run

pytestmark = pytest.mark.kill
MAKE = """
import django
django.setup()
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from django.utils import timezone
from faza.accounts import services
for name in ("one", "two"):
    services.create_user(email=f"{name}@example.org", full_name=name, password="right-secret-77",
                         at=timezone.now())
"""
ACCOUNT, ADDRESS = 5, 20  # attempts, by settings.ACCOUNT_RATE_LIMITS


def guess(environment: dict[str, str], address: str, *guesses: str) -> list[str]:
    told = environment | {"DJANGO_SETTINGS_MODULE": "faza.settings"}
    return run(told, "-m", "tests.security.guessing", address, *guesses).split()


def test_two_processes_share_the_counters(installation):
    run(installation | {"DJANGO_SETTINGS_MODULE": "faza.settings"}, "-c", MAKE)
    wrong = ["one@example.org=wrong-secret-1"] * ACCOUNT
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: guess(installation, "203.0.113.1", *wrong), range(2)))

    # By account: of ten guesses in two processes at most five were looked at, and from anywhere
    # else not even the right one is.
    assert sum(both, []).count("refused") <= ACCOUNT
    assert guess(installation, "203.0.113.2", "one@example.org=right-secret-77") == ["locked"]

    # By address: what one process used up, another has not got; from elsewhere one gets in.
    others = [f"nobody{number}@example.org=wrong-secret-1" for number in range(ADDRESS)]
    first = guess(installation, "203.0.113.3", *others[: ADDRESS // 2])
    second = guess(installation, "203.0.113.3", *others[ADDRESS // 2 :])
    assert (first + second).count("refused") == ADDRESS
    assert guess(installation, "203.0.113.3", "two@example.org=right-secret-77") == ["locked"]
    assert guess(installation, "203.0.113.4", "two@example.org=right-secret-77") == ["in"]

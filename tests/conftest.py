"""What holds for all tests: no network, laws tried alike in CI, which tests need which engine.

Fixtures for pages in a real browser (`live`, `page`, `problems`) are in `support/browser.py`,
`mailbox` in `support/mailbox.py`.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.support import network, trail

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = [
    f"tests.support.{name}" for name in ("mailbox", "browser", "installation", "broker")
]

# A machine that is busy with something else must not fail a law: no deadlines.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fast", max_examples=50, **_COMMON)
settings.register_profile("ci", max_examples=100, derandomize=True, database=None, **_COMMON)
settings.register_profile("long", max_examples=2_000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="only tests of what differs between engines: they use the database or start processes"
        " that do; no browser, none that is marked either_engine",
    )


class Scheduler(LoadScopeScheduling):
    """Tests go to whichever worker is free; those of the browser all to one.

    So the demo grid behind the pages is made once; and so do those of a file that share what is
    made once for it. The groups of xdist 3.8, which are meant for this, do nothing under
    pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if _has_browser(path):
            return "browser"
        return path if _shares(path) else nodeid


@cache
def _has_browser(path: str) -> bool:
    file = ROOT / path
    return file.is_file() and "pytest.mark.browser" in file.read_text()


@cache
def _shares(path: str) -> bool:
    """Whether a fixture of the file, or of its folder, is made once for the file.

    Groups go first, and a test with transactions of its own empties the database, also of what
    migrations put there: such files are no group, so that these tests stay the last ones.
    """
    files = {ROOT / path, (ROOT / path).with_name("conftest.py")} - {Path(__file__).resolve()}
    told = "".join(file.read_text() for file in files if file.is_file())
    return 'scope="module"' in told and "transaction=True" not in told


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler | None:
    return Scheduler(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        chosen = [item for item in items if _uses_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("browser") or item.get_closest_marker("either_engine"):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    asked = fixtures & {"db", "transactional_db", "live_server", "installation"}
    return bool(asked or item.get_closest_marker("django_db") or item.get_closest_marker("kill"))


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        network.shut(patch)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database begins as a copy of one that is migrated once for all processes."""
    from django.db import connection

    from tests.support import installation  # a plugin, which pytest imports itself

    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = installation.name_of(installation.model())
    else:
        installation.fill_memory_from(installation.file_of(installation.model()))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database; before it is dropped, whoever else holds it is sent away.

    A browser runs an event loop, and inside of one Django opens a second connection, which
    nobody closes.
    """
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            connection.close()


@pytest.fixture(autouse=True, scope="session")
def _emptied_trail() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        trail.let_tests_empty_it(patch)
        yield


@pytest.fixture(autouse=True)
def _nothing_cached() -> Iterator[None]:
    """What a rolled-back test put into the shared cache: texts in force, counters of attempts."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page that was asked for in English leaves that language behind, and a zone likewise."""
    from django.utils import timezone, translation

    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    """Hashing slowly on purpose protects nobody here."""
    from django.conf import settings as django_settings

    with pytest.MonkeyPatch.context() as patch:
        hasher = "django.contrib.auth.hashers.MD5PasswordHasher"
        patch.setattr(django_settings, "PASSWORD_HASHERS", [hasher])
        yield


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The model goes. A choice by name may leave nothing of the second run: no failure of it."""
    if not hasattr(session.config, "workerinput"):
        from tests.support import installation

        installation.remove_model()
    if (
        session.config.getoption("--only-database")
        and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
    ):
        session.exitstatus = pytest.ExitCode.OK

"""A real server with the demo grid and a real Chromium; fixtures `live`, `page`, `problems`.

A test that takes `page` carries `@pytest.mark.browser`. It fails on anything that the browser
complains of: an error in the console, an exception, a breach of the Content-Security-Policy,
a request to another machine, an answer of 500.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.mailbox import Mailbox
from tests.support.postgres import die_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEVICE_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# The page itself reports breaches; it cannot be told apart from the console in every case.
REPORT_BREACHES = """
document.addEventListener("securitypolicyviolation", (event) => {
  reportBreach(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}`);
});
"""


class Problems(list[str]):
    """What the browser complains of, but for what a test says that it provoked.

    A browser tells of an answer when it likes, also after the page showed it and the test has
    gone on: what is excused stays so until the end, whenever it is told.
    """

    def __init__(self) -> None:
        super().__init__()
        self._excused: tuple[str, ...] = ()

    def append(self, one: str) -> None:
        if not any(part in one for part in self._excused):
            super().append(one)

    def excuse(self, *parts: str) -> None:
        """Complaints with any of these in them were provoked: an answer of 401, a cut line."""
        self._excused += parts
        self[:] = [one for one in self if not any(part in one for part in parts)]


@dataclass(frozen=True)
class Live:
    """A server of the demo grid, with its worker and mailbox, in processes of its own."""

    url: str
    home: Path
    environment: dict[str, str]

    @property
    def mails(self) -> Mailbox:
        """What the demo's worker delivered: `live.mails.wait_for(to=…)`."""
        return Mailbox(self.home / "mailbox")

    def faza(self, *arguments: str) -> str:
        """What a command of `faza` prints in the same installation; raises if it fails."""
        call = [sys.executable, "-m", "tests.support.faza", *arguments]
        done = subprocess.run(
            call, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            raise AssertionError(f"faza {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout


def _environment(home: Path, url: str) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("FAZA_", "PYTEST_", "DJANGO_"))
    }
    kept.pop("DATABASE_URL", None)  # the demo's database is the embedded one
    kept.pop("TZ", None)
    return kept | {"FAZA_HOME": str(home), "FAZA_URL": url, "FAZA_LOG": "WARNING"}


@contextmanager
def serve(home: Path) -> Iterator[Live]:
    """Prepare the demo grid in a folder and serve it on a free port as long as the block lasts."""
    port = free_port()
    live = Live(f"http://127.0.0.1:{port}", home, _environment(home, f"http://127.0.0.1:{port}"))
    live.faza("demo", "--prepare")
    with answering(live, "demo", "--still", "--port", str(port)):
        yield live


@contextmanager
def answering(live: Live, *command: str) -> Iterator[None]:
    """Run a serving command of `faza` as long as the block lasts; it has answered by then."""
    log = live.home / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.faza", *command],
            cwd=ROOT,
            env=live.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    try:
        _await(live.url, process, log)
        yield
    finally:
        _end(process)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers: a port that listens may still refuse."""
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            if answer.code < 500:
                return
            break
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"No answer at {url}:\n{log.read_text(errors='replace')[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server and its workers, gently first."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue


def chromium() -> str:
    """Where Debian's Chromium is; fails the test if it is nowhere."""
    found = shutil.which("chromium", path=SYSTEM_PATH) or shutil.which("chromium-browser")
    assert found, "Chromium is not installed: apt-get install chromium"
    return found


@contextmanager
def launch() -> Iterator[Browser]:
    """A Chromium with an empty profile.

    Playwright's synchronous calls run an event loop in this thread, by which Django would take
    the test for asynchronous code and refuse its queries. There is but one thread here.
    """
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        playwright = stack.enter_context(sync_playwright())
        environment: dict[str, Any] = {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"}
        environment["HOME"] = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="faza-chromium-")
        )
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=ARGUMENTS, env=environment
        )
        stack.callback(browser.close)
        yield browser


def open_context(browser: Browser, url: str, problems: list[str], **options: Any) -> BrowserContext:
    """A new visitor without cookies; whatever goes wrong on the pages is put into `problems`."""
    defaults: dict[str, Any] = {
        "base_url": url,
        "locale": "ru-RU",
        "timezone_id": "Europe/Moscow",
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "accept_downloads": True,
    }
    context = browser.new_context(**(defaults | options))
    context.set_default_timeout(15_000)
    context.expose_binding("reportBreach", lambda source, what: problems.append(f"CSP: {what}"))
    context.add_init_script(REPORT_BREACHES)

    def watch(page: Page) -> None:
        page.on(
            "console",
            lambda said: (
                problems.append(f"console: {said.text} {said.location.get('url', '')}".rstrip())
                if said.type == "error"
                else None
            ),
        )
        page.on("pageerror", lambda error: problems.append(f"exception: {error}"))

    context.on("page", watch)
    context.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((f"{url}/", "blob:", "data:", "about:"))
            else problems.append(f"outside: {asked.url}")
        ),
    )
    context.on(
        "response",
        lambda got: problems.append(f"{got.status}: {got.url}") if got.status >= 500 else None,
    )
    return context


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in by the form; raises if the cabinet does not open."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button:not([type=button])").first.click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def add_device_key(page: Page) -> None:
    """Give the browser a device that signs without asking, such as a laptop's fingerprint."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE_KEY})


def take_picture(page: Page, file: Path, *, full: bool = True) -> Path:
    """Save what the page shows, after its fonts have come and its pictures stand still."""
    file.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => null)")
    page.screenshot(path=file, full_page=full, animations="disabled")
    return file


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The demo grid behind a real server, made once for a test run."""
    with serve(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module: outside of it no event loop must be left running."""
    with launch() as running:
        yield running


@pytest.fixture
def problems() -> Problems:
    """What the browser complained of; a test that provokes a complaint excuses it."""
    return Problems()


@pytest.fixture
def visitors(browser: Browser, live: Live, problems: Problems) -> Iterator[Any]:
    """Make visitors of the live server: `visitors(color_scheme="dark", viewport=…)` is a page.

    With `by_name=True` they ask for it by the host's name: device keys belong to names.
    """
    with ExitStack() as stack:

        def come(*, by_name: bool = False, **options: Any) -> Page:
            url = live.url.replace("127.0.0.1", "localhost") if by_name else live.url
            context = open_context(browser, url, problems, **options)
            stack.callback(context.close)
            return context.new_page()

        yield come
    assert not problems, json.dumps(problems, ensure_ascii=False, indent=1)


@pytest.fixture
def page(visitors: Any) -> Page:
    """A page of a new visitor, 1440 x 900, Russian; `page.goto("/")` is the live server."""
    return visitors()

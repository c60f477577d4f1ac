import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Problems, open_context

pytestmark = pytest.mark.browser

PAGES = {
    "/good": "<h1>Faza</h1>",
    "/console": "<script src=/console.js></script>",
    "/exception": "<script src=/exception.js></script>",
    "/breach": "<p style='color: red'>Faza</p>",
    "/outside": "<img src='http://192.0.2.1/x.png'>",
    "/broken": "<h1>500</h1>",
    "/console.js": "console.error('said')",
    "/exception.js": "throw new Error('thrown')",
}
POLICY = "default-src 'self'; img-src *"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(PAGES.get(self.path, "").encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def complaints(browser: Browser, url: str, path: str) -> list[str]:
    problems: list[str] = []
    context = open_context(browser, url, problems)
    if path == "/outside":
        context.route("http://192.0.2.1/**", lambda route: route.abort())
    page = context.new_page()
    page.goto(path)
    page.wait_for_timeout(100)
    context.close()
    return problems


def test_a_sound_page_is_not_complained_of(browser, url):
    assert complaints(browser, url, "/good") == []


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/console", "console: said"),
        ("/exception", "exception: thrown"),
        ("/breach", "CSP: style-src"),
        ("/outside", "outside: http://192.0.2.1"),
        ("/broken", "500: "),
    ],
)
def test_what_goes_wrong_on_a_page_is_seen(browser, url, path, word):
    assert any(word in problem for problem in complaints(browser, url, path))


@pytest.mark.django_db
def test_queries_are_allowed_beside_a_browser(browser):
    from django.contrib.sessions.models import Session

    assert Session.objects.count() == 0


def test_what_was_provoked_is_excused_whenever_it_is_told():
    problems = Problems()
    problems += ["console: 401 /a", "console: 500 /b"]

    problems.excuse("401")
    problems.append("console: 401 /c")
    problems.append("console: 404 /d")

    assert problems == ["console: 500 /b", "console: 404 /d"]

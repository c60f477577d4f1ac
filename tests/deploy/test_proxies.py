"""nginx and Caddy, by the files of deploy/, before a real `faza serve`: what each believes of whom.

Caddy is tried where it is installed (apt-get install caddy).
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.installation import installed, start
from tests.support.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = "/usr/local/sbin:/usr/sbin:/usr/bin:/usr/local/bin"
NGINX, CADDY = (shutil.which(name, path=PATH) for name in ("nginx", "caddy"))
NAME = "localhost"
# faza serve, whose page of life tells what it believes of a request.
SERVER = """
import sys
from faza.cli.common import start
start()
from django.http import JsonResponse
from faza.audit.middleware import network_address
from faza.watch import views
views.live = lambda request: JsonResponse({
    "address": network_address(request), "secure": request.is_secure(),
    "host": request.META["HTTP_HOST"], "id": request.headers.get("X-Request-ID"),
    "real": request.headers.get("X-Real-IP"), "forwarded": request.headers.get("Forwarded"),
})
from faza.cli import main
sys.exit(main(["serve", "--port", sys.argv[1]]))
"""
WRAPPED = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/css css; text/javascript js; }}
    {site}
}}
"""

PROXIES = [
    pytest.param(name, marks=pytest.mark.skipif(not there, reason=f"apt-get install {package}"))
    for name, there, package in (("nginx", NGINX, "nginx-light"), ("caddy", CADDY, "caddy"))
]
pytestmark = [pytest.mark.kill, pytest.mark.either_engine]


@dataclass(frozen=True)
class Site:
    """An installation behind a proxy: ports of its http and https, and of Faza itself."""

    proxy: str
    plain: int
    tls: int
    own: int
    trust: ssl.SSLContext

    def ask(self, path: str, *, host: str = NAME, **headers: str) -> http.client.HTTPResponse:
        """An answer over TLS, read to its end into `body`."""
        link = http.client.HTTPSConnection(NAME, self.tls, context=self.trust, timeout=60)
        return _read(link, path, host, headers)

    def ask_plainly(self, path: str, port: int, **headers: str) -> http.client.HTTPResponse:
        return _read(http.client.HTTPConnection("127.0.0.1", port, timeout=60), path, NAME, headers)


def _read(link, path, host, headers):
    with closing(link):
        link.request("GET", path, headers={"Host": host} | headers)
        answer = link.getresponse()
        answer.body = answer.read()
    return answer


@pytest.fixture(scope="module", params=PROXIES)
def site(request, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    plain, tls, own = free_port(), free_port(), free_port()
    trust = _certificate(folder)
    (folder / "static").mkdir()
    with installed() as environment:
        environment |= {
            "FAZA_URL": f"https://{NAME}:{tls}", "FAZA_HOSTS": NAME, "FAZA_PROXIES": "1",
            "FAZA_STATIC_ROOT": str(folder / "static"),
        }  # fmt: skip
        _collect_static(environment)
        server = start(environment, "-c", SERVER, str(own), stdout=subprocess.DEVNULL)
        configure = {"nginx": _nginx, "caddy": _caddy}[request.param]
        proxy = subprocess.Popen(configure(folder, plain, tls, own))
        try:
            found = Site(request.param, plain, tls, own, trust)
            _wait(found)
            yield found
        finally:
            for process in (proxy, server):
                process.terminate()
                process.wait(40)


def _collect_static(environment: dict[str, str]) -> None:
    call = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
    more = {"DJANGO_SETTINGS_MODULE": "faza.settings"}
    subprocess.run(call, env=environment | more, check=True, cwd=ROOT)


def _changed(sample: str, changes: dict[str, str]) -> str:
    """A file of deploy/ with ports, name and files of the test."""
    text = (ROOT / "deploy" / sample).read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def _nginx(folder: Path, plain: int, tls: int, own: int) -> list[str]:
    """The command that serves by the sample."""
    assert NGINX
    site = _changed("nginx/faza.conf", {
        "listen 80;": f"listen 127.0.0.1:{plain};", "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{tls} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{own};",
        "faza.example.org": NAME, "/etc/ssl/faza/": f"{folder}/", "/var/cache/faza": str(folder),
        "https://$host$request_uri": f"https://$host:{tls}$request_uri",
    })  # fmt: skip
    user = "user root;" if os.geteuid() == 0 else ""
    file = folder / "nginx.conf"
    file.write_text(WRAPPED.format(folder=folder, site=site, user=user))
    return [NGINX, "-c", str(file)]


def _caddy(folder: Path, plain: int, tls: int, own: int) -> list[str]:
    """The command that serves by the sample, with a certificate of ours."""
    assert CADDY
    site = _changed("caddy/Caddyfile", {
        "faza.example.org {": f"{NAME} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem",
        "127.0.0.1:8000 {": f"127.0.0.1:{own} {{", "/var/cache/faza": str(folder),
    })  # fmt: skip
    ours = f"admin off\nstorage file_system {folder}/caddy\nlog {{\nlevel ERROR\n}}\n"
    ports = f"http_port {plain}\nhttps_port {tls}\n"
    file = folder / "Caddyfile"
    file.write_text(f"{{\n{ours}{ports}}}\n{site}")
    return [CADDY, "run", "--adapter", "caddyfile", "--config", str(file)]


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    at = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "fullchain.pem").write_bytes(pem)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return ssl.create_default_context(cadata=pem.decode())


def _wait(site: Site) -> None:
    told = ""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        try:
            answer = site.ask("/health/live")
            if answer.status == 200:
                return
            told = f"{answer.status} {answer.body[:300]!r}"
        except OSError as problem:
            told = repr(problem)
        time.sleep(0.2)
    raise AssertionError(f"the site did not come up: {told}")


def test_who_comes_without_tls_is_led_to_it(site):
    answer = site.ask_plainly("/accounts/login/?next=/desk/", site.plain)
    assert answer.status == {"nginx": 301, "caddy": 308}[site.proxy]
    there = {"nginx": f"{NAME}:{site.tls}", "caddy": NAME}[site.proxy]  # Caddy leads to 443
    assert answer.headers["Location"] == f"https://{there}/accounts/login/?next=/desk/"


def test_a_page_comes_with_what_tls_allows(site):
    answer = site.ask("/accounts/login/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["Set-Cookie"]
    # A redirect of Faza's own stays at the address that people use.
    led = site.ask("/")
    assert led.status == 302
    assert urlsplit(led.headers["Location"]).netloc in ("", f"{NAME}:{site.tls}")


def test_what_the_client_claims_of_itself_is_not_believed(site):
    forged = {
        "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http", "X-Real-IP": "203.0.113.8",
        "Forwarded": "for=203.0.113.9", "X-Request-ID": "forged-forged-forged",
    }  # fmt: skip
    answer = site.ask("/health/live", **forged)
    told = json.loads(answer.body)
    assert (told["address"], told["secure"]) == ("127.0.0.1", True)
    assert (told["real"], told["forwarded"]) == (None, None)
    # One id on the way in, in the log and on the way out: that of the proxy.
    assert re.fullmatch("[0-9a-f-]{32,36}", told["id"])
    assert answer.headers["X-Request-ID"] == told["id"]


def test_another_name_is_not_answered(site):
    answer = site.ask("/accounts/login/", host="evil.example")
    # Caddy serves the names that it was told, and nothing to others; nginx hands them on to Faza.
    told = {"nginx": (400, False), "caddy": (200, True)}[site.proxy]
    assert (answer.status, answer.body == b"") == told


def test_figures_are_for_this_machine(site):
    assert site.ask("/metrics").status == 404
    assert site.ask_plainly("/metrics", site.own).status == 200
    assert site.ask("/health/ready").status == 200


def test_static_files_are_packed_and_kept_for_ever(site):
    page = site.ask("/accounts/login/").body.decode()
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert styles
    for name in styles:
        answer = site.ask(name, **{"Accept-Encoding": "gzip"})
        assert answer.status == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert len(gzip.decompress(answer.body)) > len(answer.body)
        assert "X-Request-ID" not in answer.headers  # the proxy's own answer
    assert site.ask("/static/../nginx.conf").status in (400, 404)
    assert site.ask("/static/no-such.css").status == 404

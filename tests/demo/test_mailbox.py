"""The local mailbox: what it keeps, and what its page lets nobody do."""

import http.client
import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from faza.demo import mailbox, mailpage


def send(port: int, subject: str = "Заявка принята", html: str = "", text: str = "Текст") -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "faza@localhost", "a@example.ru"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP(mailbox.HOST, port) as server:
        server.send_message(mail)


@pytest.fixture
def box(tmp_path):
    """The folder, the mail server's port and the page's."""
    with mailbox.receiving(tmp_path) as smtp, mailpage.showing(tmp_path, port=0) as address:
        yield tmp_path, smtp, urlsplit(address).port


def get(port: int, path: str = "/", host: str | None = None):
    """Status, headers and text of a page."""
    connection = http.client.HTTPConnection(mailbox.HOST, port, timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def test_mails_are_kept_in_order_and_the_oldest_go(box, monkeypatch):
    folder, smtp, _ = box
    monkeypatch.setattr(mailbox, "KEPT", 2)
    for number in range(3):
        send(smtp, f"Письмо {number}")

    found = [mailbox.read(file) for file in mailbox.files(folder)]
    assert [mail["Subject"] for mail in found] == ["Письмо 1", "Письмо 2"]
    assert mailbox.text_of(found[0]).strip() == "Текст"


def test_the_list_leads_to_the_mail(box):
    folder, smtp, port = box
    send(smtp, html="<p>Страница</p>", text="См. http://127.0.0.1:8000/confirm/1:a/ сегодня")
    stem = mailbox.files(folder)[0].stem

    assert f'href="/{stem}"' in get(port)[2]
    page = get(port, f"/{stem}")[2]
    assert '<a href="http://127.0.0.1:8000/confirm/1:a/"' in page
    assert "<p>Страница</p>" in get(port, f"/{stem}/html")[2]


def test_a_mail_can_do_nothing_to_the_page(box):
    folder, smtp, port = box
    evil = "<script>alert(1)</script>"
    send(smtp, subject=evil, html=evil, text=evil)
    stem = mailbox.files(folder)[0].stem

    for path in ("/", f"/{stem}"):
        _, headers, page = get(port, path)
        assert evil not in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, headers, _ = get(port, f"/{stem}/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    "path", ["/../secret-key", "/..%2fsecret-key", "/0-0", "/secret-key", "/.hidden", "//x"]
)
def test_nothing_else_is_shown(box, path):
    folder, _, port = box
    (folder.parent / "secret-key").write_text("s")

    assert get(port, path)[0] == 404


def test_only_the_names_of_this_machine_are_answered(box):
    """Else a page of another site could read the mails, through a name that leads here."""
    _, _, port = box

    assert get(port, host=f"localhost:{port}")[0] == 200
    assert get(port, host=f"evil.example:{port}")[0] == 421


def test_a_port_that_is_taken_gives_way_to_another(tmp_path, box):
    _, _, port = box
    with mailpage.showing(tmp_path, port=port) as address:
        assert urlsplit(address).port != port

"""Profiles, places and mails of an invented exchange."""

from datetime import UTC, date, datetime
from email.message import EmailMessage

from faza.collection.exchange import agreements
from faza.collection.models import ExchangePlace, ExchangeProfile
from faza.collection.services import map_codes
from faza.metering.models import UsagePoint
from faza.protocols import xml80020
from tests.collection.factories import AREA, CODE, SENDER, make_point, message
from tests.support import sftp

AT = datetime(2026, 1, 16, 7, tzinfo=UTC)
"""Ten o'clock in Moscow, after the hour of sending."""
OURS = "7700000009"
THEIRS = "132070000000001"
DAY = date(2026, 1, 14)
PARTNER = "obmen@example.org"
FULL = [500] * 48


def make_profile(**fields) -> ExchangeProfile:
    """A counterparty to whom we send the point 132070043214102 under a code of theirs."""
    point = UsagePoint.objects.filter(code=CODE).first() or make_point()
    told = {
        "counterparty": "Энергосбыт Пример", "sender_inn": OURS, "sender_name": "Сети Пример",
        "addresses": [PARTNER], "sends_from": DAY,
    } | fields  # fmt: skip
    profile = agreements.keep_profile(ExchangeProfile(**told), at=AT)
    map_codes(profile, {THEIRS: point}, at=AT)
    return profile


def make_place(server: sftp.Server, **fields) -> ExchangePlace:
    given = fields.pop("given", sftp.PASSWORD)
    told = {
        "name": "Обмен", "host": "127.0.0.1", "port": server.port, "user": sftp.USER,
        "host_key": server.host_key, "inbox": "in", "outbox": "out",
    } | fields  # fmt: skip
    return agreements.keep_place(ExchangePlace(**told), at=AT, given=given)


def xml(values=FULL, **fields) -> bytes:
    return xml80020.write(message([values], **fields))


def mail(*files: tuple[str, bytes], sender: str = PARTNER, number: int = 1) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Обмен <{sender}>"
    made["To"] = "mail@example.org"
    made["Subject"] = "Данные"
    made["Message-ID"] = f"<{number}@example.org>"
    made.set_content("Во вложении.")
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="xml", filename=name)
    return made


__all__ = ["AREA", "SENDER"]

"""Profiles, places and mails of an invented exchange."""

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from django.utils import timezone

from faza.collection.exchange import agreements, arrivals, sending
from faza.collection.models import Arrival, ExchangePlace, ExchangeProfile
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


def things(operator, elsewhere, point) -> dict[str, str]:
    """One of each thing of the exchange, by the name that tests of doors call it."""
    now = timezone.now()
    names = {}
    for prefix, by, word in (("", operator, "Здесь-Новый"), ("there_", elsewhere, "Там-Чужой")):
        arrival = arrivals.upload(f"{word}.xml", b"<message", by=by, at=now)
        arrivals.read(arrival, at=now)
        arrival.refresh_from_db()
        names |= {f"{prefix}arrival": str(arrival.pk), f"{prefix}run": str(arrival.run_id)}
    held = arrivals.keep(
        "Там-Чужой.xml", xml(), channel=Arrival.Channel.MAIL, key="held", at=now,
        state=Arrival.State.HELD, origin="chuzhoj@example.net",
    )  # fmt: skip
    profile = agreements.keep_profile(
        ExchangeProfile(
            counterparty="Там-Чужой", sender_inn=OURS, addresses=[PARTNER],
            sends_from=now.date() - timedelta(days=3),
        ), at=now,
    )  # fmt: skip
    map_codes(profile, {THEIRS: point}, at=now)
    dispatch = sending.send_changed(profile, at=now)
    delivery = dispatch.deliveries.get()
    delivery.state = "given_up"
    delivery.save()
    key = f"ssh-ed25519 {b64encode(b'....ssh-ed25519' + bytes(36)).decode()}"
    place = agreements.keep_place(
        ExchangePlace(
            name="Там-Чужой", host="sftp.example.org", user="faza", host_key=key, outbox="out"
        ),
        at=now, given="тайна",
    )  # fmt: skip
    return names | {
        "held": str(held.pk), "profile": str(profile.pk), "sftp_place": str(place.pk),
        "dispatch": str(dispatch.pk), "delivery": str(delivery.pk),
    }  # fmt: skip


__all__ = ["AREA", "SENDER"]

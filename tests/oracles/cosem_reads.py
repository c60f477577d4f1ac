"""dlms-cosem 21.3.2 (MIT) reads a meter over the TCP wrapper; see `question`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dlms_cosem import cosem, enumerations, utils
from dlms_cosem.clients.blocking_tcp_transport import BlockingTcpTransport
from dlms_cosem.clients.dlms_client import DlmsClient
from dlms_cosem.cosem.capture_object import CaptureObject
from dlms_cosem.cosem.selective_access import RangeDescriptor

from tests.oracles import question

DATA = enumerations.CosemInterface.DATA
REGISTER = enumerations.CosemInterface.REGISTER
GENERIC = enumerations.CosemInterface.PROFILE_GENERIC
CLOCK = enumerations.CosemInterface.CLOCK


class Recording(BlockingTcpTransport):
    """Its transport, which keeps what goes over the line."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.frames: list[tuple[str, bytes]] = []

    def send(self, bytes_to_send: bytes) -> bytes:
        self.frames.append((">", self.wrap(bytes_to_send)))
        return super().send(bytes_to_send)

    def _recv_bytes(self, amount: int) -> bytes:
        found = super()._recv_bytes(amount)
        if amount == 8 and (not self.frames or self.frames[-1][0] == ">"):
            self.frames.append(("<", found))
        else:
            self.frames[-1] = "<", self.frames[-1][1] + found
        return found


def client_of(
    asked: dict[str, Any], transport_of: type[BlockingTcpTransport] = Recording
) -> DlmsClient:
    transport = transport_of(asked["host"], asked["port"], asked["client"], asked["server"])
    more: dict[str, Any] = {"password": asked["password"].encode()}
    mechanism = enumerations.AuthenticationMechanism.LLS
    if asked["mechanism"] == "hls5":
        mechanism = enumerations.AuthenticationMechanism.HLS_GMAC
        more = {
            "encryption_key": bytes.fromhex(asked["encryption"]),
            "authentication_key": bytes.fromhex(asked["authentication"]),
            "client_system_title": bytes.fromhex(asked["title"]),
            "client_initial_invocation_counter": asked["counter"],
        }
    return DlmsClient(
        client_logical_address=asked["client"],
        server_logical_address=asked["server"],
        io_interface=transport,
        authentication_method=mechanism,
        max_pdu_size=asked["pdu"],
        **more,
    )


def read(client: DlmsClient, asked: dict[str, Any]) -> dict[str, Any]:
    def attribute(kind: Any, name: str, index: int) -> cosem.CosemAttribute:
        return cosem.CosemAttribute(kind, cosem.Obis(*map(int, name.split("."))), index)

    def get(kind: Any, name: str, index: int = 2) -> Any:
        return utils.parse_as_dlms_data(client.get(attribute(kind, name, index)))

    first, last = (datetime.fromisoformat(asked[end]) for end in ("first", "last"))
    by = CaptureObject(attribute(CLOCK, question.CLOCK, 2))
    day = client.get(attribute(GENERIC, question.PROFILE, 2), RangeDescriptor(by, first, last))
    captured = get(GENERIC, question.PROFILE, 3)
    return {
        "number": bytes(get(DATA, question.NUMBER)).decode(),
        "model": bytes(get(DATA, question.MODEL)).decode(),
        "clock": question.moment(bytes(get(CLOCK, question.CLOCK))),
        "registers": {name: get(REGISTER, name) for name in question.REGISTERS},
        "scalers": {name: list(get(REGISTER, name, 3)) for name in question.REGISTERS},
        "captured": [".".join(map(str, bytes(column[1])[:5])) for column in captured],
        "rows": [
            [question.moment(bytes(row[0])), *row[1:]] for row in utils.parse_as_dlms_data(day)
        ],
    }


def main() -> None:
    asked = question.asked()
    client = client_of(asked)
    with client.session():
        told = read(client, asked)
    question.tell(asked, told, client.io_interface.frames)


if __name__ == "__main__":
    main()

"""gurux-dlms 1.0.203 reads a meter over HDLC or the TCP wrapper; see `question`.

It is GPL-2.0 and no part of what is given away: nothing but this script, run apart, imports it.
"""

from __future__ import annotations

import socket
from datetime import datetime
from typing import Any

from gurux_dlms import GXByteBuffer, GXDateTime, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, ObjectType, Security
from gurux_dlms.objects import GXDLMSClock, GXDLMSProfileGeneric
from gurux_dlms.secure import GXDLMSSecureClient

from tests.oracles import question


class Talk:
    """A client and its socket; keeps what goes over the line."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.frames: list[tuple[str, bytes]] = []
        self.over_hdlc = asked["over"] == "hdlc"
        is_high = asked["mechanism"] == "hls5"
        server = asked["server"]
        self.client = GXDLMSSecureClient(
            True,
            asked["client"],
            GXDLMSClient.getServerAddress(1, server) if self.over_hdlc else server,
            Authentication.HIGH_GMAC if is_high else Authentication.LOW,
            None if is_high else asked["password"],
            InterfaceType.HDLC if self.over_hdlc else InterfaceType.WRAPPER,
        )
        self.client.maxReceivePDUSize = asked["pdu"]
        if is_high:
            ciphering = self.client.ciphering
            ciphering.security = Security.AUTHENTICATION_ENCRYPTION
            ciphering.systemTitle = bytes.fromhex(asked["title"])
            ciphering.blockCipherKey = bytes.fromhex(asked["encryption"])
            ciphering.authenticationKey = bytes.fromhex(asked["authentication"])
            ciphering.invocationCounter = asked["counter"]
        self.socket = socket.create_connection((asked["host"], asked["port"]), 10)

    def exchange(self, data: Any) -> GXReplyData:
        """All of an answer, in as many frames as it takes."""
        reply = GXReplyData()
        for frame in data if isinstance(data, list) else [data]:
            self._say(frame, reply)
            while reply.isMoreData():
                self._say(self.client.receiverReady(reply), reply)
        return reply

    def _say(self, frame: Any, reply: GXReplyData) -> None:
        if not frame:
            return
        raw = bytes(frame)
        self.frames.append((">", raw))
        self.socket.sendall(raw)
        came = GXByteBuffer()
        heard = b""
        while not self.client.getData(came, reply, GXReplyData()):
            part = self.socket.recv(65536)
            if not part:
                raise OSError("The meter has hung up.")
            heard += part
            came.set(part)
        self.frames.append(("<", heard))

    def open(self) -> None:
        if self.over_hdlc:
            self.client.parseUAResponse(self.exchange(self.client.snrmRequest()).data)
        self.client.parseAareResponse(self.exchange(self.client.aarqRequest()).data)
        if self.client.isAuthenticationRequired:
            for frame in self.client.getApplicationAssociationRequest():
                self.client.parseApplicationAssociationResponse(self.exchange(frame).data)

    def close(self) -> None:
        self.exchange(self.client.releaseRequest())
        if self.over_hdlc:
            self.exchange(self.client.disconnectRequest())
        self.socket.close()

    def get(self, kind: ObjectType, name: str, index: int = 2) -> Any:
        thing = self.client.createObject(kind)
        thing.logicalName = f"{name}.255"
        return self.exchange(self.client.read(thing, index)).value

    def day(self) -> Any:
        profile = GXDLMSProfileGeneric(f"{question.PROFILE}.255")
        profile.sortObject = GXDLMSClock(f"{question.CLOCK}.255")
        ends = [GXDateTime(datetime.fromisoformat(self.asked[end])) for end in ("first", "last")]
        return self.exchange(self.client.readRowsByRange(profile, *ends)).value


def read(talk: Talk) -> dict[str, Any]:
    registers = question.REGISTERS
    captured = talk.get(ObjectType.PROFILE_GENERIC, question.PROFILE, 3)
    scalers = {name: talk.get(ObjectType.REGISTER, name, 3) for name in registers}
    return {
        "number": bytes(talk.get(ObjectType.DATA, question.NUMBER)).decode(),
        "model": bytes(talk.get(ObjectType.DATA, question.MODEL)).decode(),
        "clock": question.moment(bytes(talk.get(ObjectType.CLOCK, question.CLOCK))),
        "registers": {name: int(talk.get(ObjectType.REGISTER, name)) for name in registers},
        "scalers": {name: [int(part) for part in found] for name, found in scalers.items()},
        "captured": [".".join(map(str, bytes(column[1])[:5])) for column in captured],
        "rows": [
            [question.moment(bytes(row[0])), *[int(part) for part in row[1:]]] for row in talk.day()
        ],
    }


def main() -> None:
    asked = question.asked()
    talk = Talk(asked)
    talk.open()
    told = read(talk)
    talk.close()
    question.tell(asked, told, talk.frames)


if __name__ == "__main__":
    main()

"""Long APDUs in blocks: putting them together, and cutting them.

Source: Green Book 8, 9.3.6 to 9.3.8 (block transfer of a service), 9.4.6.13 (general block
transfer); IEC 62056-53, 7.4.1.
"""

from __future__ import annotations

from faza.protocols.dlms.apdu.general import GeneralBlock
from faza.protocols.dlms.problems import Malformed, TooLarge


class Blocks:
    """Puts numbered blocks together, from 1 on and without a gap; `limit` bounds the whole."""

    __slots__ = ("limit", "number", "parts", "size")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.number = 0
        self.size = 0
        self.parts: list[bytes] = []

    def add(self, number: int, raw: bytes, *, last: bool) -> bytes | None:
        """Take a block; the whole if it was the last.

        Some meters count from 0. Raises Malformed for a number out of turn or an empty block.
        """
        if number != self.number + 1 and (number or self.parts or self.number):
            raise Malformed(f"Block {number} after {self.number}.", code="block-number")
        if not raw and not last:
            raise Malformed(f"Block {number} is empty.", code="empty")
        self.size += len(raw)
        if self.size > self.limit:
            raise TooLarge(f"More than {self.limit} bytes in blocks.")
        self.number = number
        self.parts.append(raw)
        return b"".join(self.parts) if last else None


def cut(data: bytes, first: int, others: int) -> list[bytes]:
    """Pieces of these sizes at most: one of `first`, the rest of `others`.

    Raises ValueError if a size has no room.
    """
    if first < 1 or others < 1:
        raise ValueError("The meter's PDU has no room for a block.")
    pieces = [data[:first]]
    pieces += [data[at : at + others] for at in range(first, len(data), others)]
    return pieces


class GeneralBlocks:
    """Receives general block transfer: blocks in, an acknowledgement or an APDU out."""

    def __init__(self, limit: int, window: int = 1) -> None:
        self.limit = limit
        self.window = window
        self._ours = 0
        self._blocks = Blocks(limit)

    @property
    def is_open(self) -> bool:
        """Whether some blocks have come, and not the last."""
        return bool(self._blocks.parts)

    def take(self, block: GeneralBlock) -> tuple[bytes | None, GeneralBlock | None]:
        """The APDU if it is whole, else the acknowledgement to send, if one is due."""
        if not self._blocks.parts:
            self._ours = 0
        if block.number == self._blocks.number and self._blocks.parts:
            return None, self._acknowledgement()  # it comes again: our word was lost
        apdu = self._blocks.add(block.number, block.raw, last=block.last)
        if apdu is not None:
            self._blocks = Blocks(self.limit)
            return apdu, None
        if block.streaming:
            return None, None
        return None, self._acknowledgement()

    def _acknowledgement(self) -> GeneralBlock:
        self._ours += 1
        return GeneralBlock(True, False, self.window, self._ours, self._blocks.number, b"")

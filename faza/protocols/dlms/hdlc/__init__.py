"""HDLC for meters: frames of type 3, and the client's end of a link.

Source: IEC 62056-46, 6; Green Book 8, 8; ISO/IEC 13239.

- `frames`: addresses, check sequences, frames to bytes and back, finding frames in a stream.
- `link`: sequence numbers, segments, window, connecting and disconnecting.
"""

from __future__ import annotations

from faza.protocols.dlms.hdlc.frames import Address, Frame, Frames, Kind
from faza.protocols.dlms.hdlc.link import Link, Linked, Unlinked
from faza.protocols.dlms.hdlc.parameters import Parameters

__all__ = ["Address", "Frame", "Frames", "Kind", "Link", "Linked", "Parameters", "Unlinked"]

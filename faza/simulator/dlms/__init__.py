"""The meters' side of DLMS/COSEM: bytes of a client in, a meter's bytes out. No input and output.

    device = device_of(Meter(spec))
    dialogue = Dialogue(device, client=32)
    dialogue.answer(apdu, at)                # one APDU, one answer

- `build`: a meter's DLMS side from its spec. `device`: one meter as clients see it; `dialogue`
  an association; `services` GET, SET, ACTION.
- `link` HDLC, `wrapper` TCP: frames around it.
- `cosem`: which objects a meter has; `clocks`, `energies`, `profiles`, `loads`, `journals`,
  `schedules`, `switches`, `passport`: what is in them. `values`, `tables`: data as bytes;
  `styles`: how models differ.

It shares the codec with the client (`faza.protocols.dlms`: APDUs, data, frames, ciphers) but
none of the client's sentences, so that it may err otherwise than the reader does. What other
clients make of it is in tests/oracles.
"""

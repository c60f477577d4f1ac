"""A script: draws the photo on its standard input anew, onto its standard output.

Started by `cleaning` with the format, the most pixels and the most seconds. It knows nothing of
Faza, so that it starts quickly and holds no secret where a decoder is broken into. Writes
"width height\\n" and a JPEG and ends with 0; or writes a reason and ends with 3.
"""

from __future__ import annotations

import io
import sys
import warnings

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

LONGEST_SIDE = 2000
QUALITY = 82
MOST_MEMORY = 640 << 20
"""Bytes of address space."""
REFUSED = 3
OPENERS: dict[str, type[ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What stands upright again, by EXIF's orientation. Source: CIPA DC-008, tag 0x0112."""


class Refused(Exception):
    """The photo is not drawn; the message is the reason."""


def limit(seconds: int) -> None:
    """Memory and processor of this process, where the system can bound them."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def redrawn(raw: bytes, kind: str, most_pixels: int) -> Image.Image:
    """The pixels of a photo alone: RGB, upright, of LONGEST_SIDE at most. Raises Refused."""
    # Named, not looked for: a file says what decodes it by its first bytes, and by nothing else.
    image: Image.Image = OPENERS[kind](io.BytesIO(raw))
    if image.width * image.height > most_pixels:
        raise Refused("too_large")
    if kind != "JPEG" and getattr(image, "is_animated", False):
        raise Refused("animated")
    turn = TURNS.get(_orientation(image))
    # A JPEG is decoded at a half, a quarter or an eighth of its size at once.
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    image = _fitted(_plain(image))
    if turn is not None:
        image = image.transpose(turn)
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return clean


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # noqa: BLE001  # what is said of it may be anything; the photo may be good
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """Of any mode as RGB, or RGBA where something shines through."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGB", "RGBA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _fitted(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= LONGEST_SIDE:
        return image
    width, height = (max(round(side * LONGEST_SIDE / longest), 1) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def main(kind: str, most_pixels: str, seconds: str) -> int:
    warnings.simplefilter("ignore")
    limit(int(seconds))
    raw, out = sys.stdin.buffer.read(), sys.stdout.buffer
    packed = io.BytesIO()
    try:
        image = redrawn(raw, kind, int(most_pixels))
        image.save(packed, "JPEG", quality=QUALITY, optimize=True)
    except Refused as reason:
        out.write(str(reason).encode())
        return REFUSED
    except MemoryError:
        out.write(b"too_hard")
        return REFUSED
    except Exception:  # noqa: BLE001  # decoders raise whatever they like over a broken file
        out.write(b"broken")
        return REFUSED
    out.write(f"{image.width} {image.height}\n".encode() + packed.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

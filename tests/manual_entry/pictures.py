"""Photos for tests: a drawn face of a meter, in whatever format, and files that pretend."""

import io
import struct
import zlib

from PIL import Image, ImageDraw

GPS = b"55.0000N 37.0000E"
SCRIPT = b"<script>alert(1)</script>"


def face(width=640, height=480, mode="RGB"):
    """A dark left half with a red square in its upper corner, so that turns are seen."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2, height), fill=(30, 30, 30))
    draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 20, 20))
    return image.convert(mode)


def packed(image, format="JPEG", **how):
    out = io.BytesIO()
    image.save(out, format, **how)
    return out.getvalue()


def exif(orientation=1, words=SCRIPT):
    """EXIF with an orientation, a place, a name and a script."""
    told = Image.Exif()
    told[0x0112] = orientation
    told[0x010E] = words.decode("latin-1")
    told[0x013B] = "Anna Owner"
    told.get_ifd(0x8825)[1] = "N"
    told[0x8825] = {1: "N", 2: (55.0, 0.0, 0.0), 3: "E", 4: (37.0, 0.0, 0.0)}
    return told


def chunk(kind, body=b""):
    """A chunk of PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_size(width, height):
    """A few hundred bytes that say they are as large as that."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND")


def webp_of_size(width, height):
    """The header of an animated canvas as large as that, and a stump of a frame."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + bytes([0, 0, 0, 0]) + canvas
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_of_size(width, height):
    """A true JPEG whose header says that it is as large as that."""
    raw = bytearray(packed(face(64, 64)))
    place = raw.index(b"\xff\xc0")
    raw[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def opened(picture):
    """The pixels of a cleaned photo."""
    image = Image.open(io.BytesIO(picture.data), formats=["JPEG"])
    image.load()
    return image


def heic():
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(200)

"""Photos of the faces of invented meters, drawn: a case, a window with digits, a number."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from faza.demo.plan import MAKER
from faza.manual_entry.photos import Picture
from faza.reports import renderers

DRAWN, SIZE = (960, 720), (640, 480)
FONT = Path(renderers.__file__).parent / "fonts" / "Inter_400Regular.ttf"
Colour = tuple[int, int, int]
_GROUNDS: tuple[Colour, ...] = ((96, 88, 78), (62, 74, 84), (104, 104, 98))
_CASE, _WINDOW, _INK = (226, 228, 222), (196, 208, 190), (34, 40, 38)


def draw(number: str, shown: str, *, is_blurred: bool = False) -> Picture:
    """A meter's face as a telephone takes it, a JPEG of some tens of kilobytes.

    number: of the meter, below its bar code. shown: the digits of its window, with their comma.
    Nothing depends on chance: the same face is the same photo.
    """
    chance = random.Random(f"{number} {shown}")  # noqa: S311 (a picture, no secret)
    ground = chance.choice(_GROUNDS)
    image = _blank(ground).copy()
    pen = ImageDraw.Draw(image)
    pen.text((760, 245), shown, font=_font(84), fill=_INK, anchor="rm")
    _bars(pen, number)
    pen.text((480, 560), f"№ {number}", font=_font(44), fill=_INK, anchor="mm")
    image = image.resize(SIZE, Image.Resampling.BOX)
    image = image.rotate(chance.uniform(-2.5, 2.5), Image.Resampling.BILINEAR, fillcolor=ground)
    if is_blurred:
        image = image.filter(ImageFilter.GaussianBlur(6))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return Picture(out.getvalue(), *SIZE)


@cache
def _blank(ground: Colour) -> Image.Image:
    """What all faces have."""
    image = Image.new("RGB", DRAWN, ground)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((130, 50, 830, 670), 36, fill=_CASE, outline=(150, 152, 148), width=6)
    pen.text((180, 88), MAKER, font=_font(24), fill=_INK)
    pen.rounded_rectangle((180, 160, 780, 330), 14, fill=_WINDOW, outline=(90, 96, 90), width=5)
    pen.text((780, 345), "кВт·ч", font=_font(30), fill=_INK, anchor="ra")
    pen.ellipse((690, 420, 720, 450), fill=(196, 48, 40))
    pen.text((705, 470), "3200 имп./кВт·ч", font=_font(18), fill=_INK, anchor="ma")
    return image


def _bars(pen: ImageDraw.ImageDraw, number: str) -> None:
    """A bar code that says nothing."""
    x = 220
    for digit in number * 3:
        width = 2 + int(digit) % 5
        pen.rectangle((x, 430, x + width, 520), fill=_INK)
        x += width + 3 + int(digit) % 3


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)

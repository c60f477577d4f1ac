"""What somebody sends as a photo: drawn anew, or refused with the reason; nothing else of it."""

import io
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pytest
from django.utils import translation
from PIL import Image

from faza.manual_entry import photos
from faza.manual_entry.photos import BadPhoto, Reason, cleaning, words
from tests.manual_entry.pictures import (
    GPS,
    SCRIPT,
    chunk,
    exif,
    face,
    heic,
    jpeg_of_size,
    opened,
    packed,
    png_of_size,
    webp_of_size,
)

DARK, LIGHT, RED = (30, 30, 30), (255, 255, 255), (220, 20, 20)


def refused(raw):
    with pytest.raises(BadPhoto) as problem:
        photos.clean(raw)
    return problem.value.reason


def like(pixel, colour):
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("evil.class", b"\xca\xfe\xba\xbe evil")
    return out.getvalue()


class TestDrawnAnew:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_three_formats_become_one(self, format):
        picture = photos.clean(packed(face(), format))

        image = opened(picture)
        assert (picture.width, picture.height) == image.size == (640, 480)
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert like(image.getpixel((40, 40)), RED)
        assert like(image.getpixel((600, 400)), LIGHT)

    @pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA"])
    def test_modes_of_png(self, mode):
        shown = opened(photos.clean(packed(face(64, 64, mode), "PNG")))

        assert like(shown.getpixel((60, 60)), LIGHT)

    def test_greys_of_sixteen_bits(self):
        image = Image.new("I;16", (64, 64), 30_000)

        assert opened(photos.clean(packed(image, "PNG"))).getpixel((5, 5)) == (117, 117, 117)

    def test_cmyk(self):
        shown = opened(photos.clean(packed(face(64, 64, "CMYK"))))

        assert like(shown.getpixel((60, 60)), LIGHT)
        assert like(shown.getpixel((20, 50)), DARK)

    def test_what_shines_through_stands_on_white(self):
        clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))

        assert like(opened(photos.clean(packed(clear, "WEBP"))).getpixel((5, 5)), LIGHT)

    def test_no_side_is_longer_than_two_thousand(self):
        picture = photos.clean(packed(face(4000, 3000)))

        assert (picture.width, picture.height) == opened(picture).size == (2000, 1500)

    def test_a_very_long_one_keeps_a_side(self):
        assert opened(photos.clean(packed(face(9000, 2), "PNG"))).size == (2000, 1)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_it_stands_upright(self, orientation):
        """EXIF's orientation n of pixels that were turned away by the inverse of its turn."""
        back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
        image = face()
        if orientation in back:
            image = image.transpose(Image.Transpose(back[orientation]))

        shown = opened(photos.clean(packed(image, exif=exif(orientation))))

        assert shown.size == (640, 480)
        assert like(shown.getpixel((40, 40)), RED)
        assert like(shown.getpixel((40, 440)), DARK)
        assert like(shown.getpixel((600, 40)), LIGHT)

    @pytest.mark.parametrize("nonsense", [0, 9, 65_535])
    def test_an_orientation_that_is_none_turns_nothing(self, nonsense):
        assert opened(photos.clean(packed(face(), exif=exif(nonsense)))).size == (640, 480)

    def test_the_same_bytes_become_the_same_bytes(self):
        raw = packed(face())

        assert photos.clean(raw) == photos.clean(raw)

    def test_a_photo_of_a_form_is_read_no_further_than_is_taken(self):
        upload = io.BytesIO(bytes(cleaning.MOST_BYTES + 100))

        with pytest.raises(BadPhoto) as problem:
            photos.taken(upload)

        assert problem.value.reason is Reason.TOO_LONG
        assert upload.tell() == cleaning.MOST_BYTES + 1


class TestNothingElse:
    def check(self, raw, *needles):
        """A good photo comes out, and none of the needles that were in."""
        assert all(needle in raw for needle in needles), "the test hides nothing"
        data = photos.clean(raw).data
        assert not [needle for needle in needles if needle in data]
        markers = [data[place + 1] for place in range(len(data) - 1) if data[place] == 0xFF]
        # No APP1-APP15 (EXIF, XMP, profiles), no comment.
        assert not [one for one in markers if 0xE1 <= one <= 0xEF or one == 0xFE]
        return data

    def test_exif_with_a_place_a_name_and_a_script(self):
        self.check(packed(face(), exif=exif()), SCRIPT, b"Anna Owner", b"Exif")

    def test_comment_xmp_and_profile_of_a_jpeg(self):
        raw = packed(face(), comment=SCRIPT, xmp=GPS, icc_profile=b"profile of Anna" * 20)

        self.check(raw, SCRIPT, GPS, b"profile of Anna")

    def test_texts_and_exif_of_a_png(self):
        raw = packed(face(), "PNG", exif=exif())
        tail = raw.index(b"IDAT") - 4
        raw = raw[:tail] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + raw[tail:]

        self.check(raw, SCRIPT, b"Anna Owner")

    def test_exif_of_a_webp(self):
        self.check(packed(face(), "WEBP", exif=exif(), xmp=GPS), SCRIPT, GPS)

    def test_an_archive_behind_the_photo(self):
        """GIFAR and its kin: a photo to one program, an archive of programs to another."""
        data = self.check(packed(face()) + archive(), b"PK\x03\x04", b"evil.class")

        assert not zipfile.is_zipfile(io.BytesIO(data))

    def test_an_archive_behind_a_png(self):
        self.check(packed(face(), "PNG") + archive(), b"PK\x03\x04", b"evil.class")

    @pytest.mark.parametrize("tail", [b"<html>" + SCRIPT, b"\n*/alert(1)//", b"<?php evil(); ?>"])
    def test_a_page_or_a_script_behind_the_photo(self, tail):
        self.check(packed(face()) + tail, tail)

    def test_a_jpeg_that_is_a_script_too(self):
        """The length of a segment reads as `/*` where a program takes it for a script."""
        raw = packed(face())
        body = b"*/=alert(1)/*".ljust(0x2F2A - 2, b" ")
        hostile = raw[:2] + b"\xff\xfe" + struct.pack(">H", 0x2F2A) + body + raw[2:]

        self.check(hostile, b"*/=alert(1)/*")

    def test_a_file_hidden_in_a_chunk_of_png(self):
        raw = packed(face(), "PNG")
        hostile = raw[:-12] + chunk(b"zeVl", archive() + SCRIPT) + raw[-12:]

        self.check(hostile, SCRIPT, b"evil.class")

    def test_pictures_beside_the_first_one(self):
        """Phones keep a second picture in the file; only what one sees first is kept."""
        raw = packed(
            face(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "lime")]
        )

        assert like(opened(photos.clean(raw)).getpixel((600, 400)), LIGHT)


class TestRefused:
    @pytest.mark.parametrize(
        "raw",
        [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<?xml version='1.0'?><!DOCTYPE svg><svg/>",
            b"<!DOCTYPE html><html>" + SCRIPT,
            b"%PDF-1.7\n",
            b"GIF89a/*" + bytes(200),
            b"BM" + bytes(200),
            b"II*\x00" + bytes(200),
            b"\x00\x00\x01\x00" + bytes(200),
            b"MZ" + bytes(200),
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            b"\x00\x00\x00\x18ftypisom" + bytes(200),
            b"RIFF\x00\x00\x00\x00WAVE" + bytes(200),
            b" " + b"\xff\xd8\xff",
            b"5",
        ],
        ids=lambda raw: repr(raw[:12]),
    )  # fmt: skip
    def test_what_is_no_photo(self, raw):
        assert refused(raw) is Reason.NOT_A_PHOTO

    def test_a_gif_and_a_tiff_that_are_whole(self):
        assert refused(packed(face(), "GIF")) is Reason.NOT_A_PHOTO
        assert refused(packed(face(), "TIFF")) is Reason.NOT_A_PHOTO

    def test_nothing(self):
        assert refused(b"") is Reason.EMPTY

    def test_heic_is_told_by_its_name(self):
        assert refused(heic()) is Reason.HEIC

    @pytest.mark.parametrize("format", ["PNG", "WEBP"])
    def test_what_moves(self, format):
        frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]

        raw = packed(frames[0], format, save_all=True, append_images=frames[1:], duration=100)

        assert refused(raw) is Reason.ANIMATED

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    @pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
    def test_what_is_cut_off(self, format, share):
        raw = packed(Image.effect_noise((400, 300), 60).convert("RGB"), format)

        assert refused(raw[: int(len(raw) * share)]) is Reason.BROKEN

    @pytest.mark.parametrize(
        "head", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBPVP8 "]
    )
    def test_a_true_head_with_a_page_behind_it(self, head):
        assert refused(head + b"<html>" + SCRIPT + bytes(500)) is Reason.BROKEN

    @pytest.mark.parametrize(
        "raw",
        [
            png_of_size(100_000, 100_000),
            png_of_size(2**31 - 1, 1),
            jpeg_of_size(65_000, 65_000),
            webp_of_size(2**24, 2**24),
            webp_of_size(16_383, 16_383),
        ],
        ids=["png", "png-line", "jpeg", "webp", "webp-most"],
    )
    def test_huge_sides_are_refused_before_anything_is_drawn(self, raw):
        begun = time.monotonic()

        assert refused(raw) is Reason.TOO_LARGE
        assert time.monotonic() - begun < 5

    def test_sides_of_nothing(self):
        assert refused(png_of_size(0, 10)) is Reason.BROKEN

    def test_a_text_that_unpacks_to_very_much(self):
        raw = packed(face(64, 64), "PNG")
        bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
        place = raw.index(b"IDAT") - 4

        assert refused(raw[:place] + bomb + raw[place:]) is Reason.BROKEN

    def test_more_time_than_one_photo_may_have(self, monkeypatch):
        monkeypatch.setattr(cleaning, "_SECONDS", 0.01)

        assert refused(packed(face())) is Reason.TOO_HARD

    def test_more_memory_than_one_photo_may_have(self):
        """A decoder that wants more than its process may have is refused, and harms nobody."""
        script = (
            "import sys; sys.path.insert(0, sys.argv[1]); import redrawing as r; "
            "r.redrawn = lambda *a: bytearray(2 << 30); sys.exit(r.main('PNG', '9', '9'))"
        )
        folder = str(cleaning._SCRIPT.parent)
        done = subprocess.run(
            [sys.executable, "-I", "-c", script, folder],
            input=b"",
            capture_output=True,
            check=False,
        )

        assert (done.returncode, done.stdout) == (3, b"too_hard")

    def test_a_decoder_that_falls_over(self):
        with pytest.raises(BadPhoto) as problem:
            cleaning._picture(-11, b"")

        assert problem.value.reason is Reason.TOO_HARD


class TestWords:
    @pytest.mark.parametrize("language", ["ru", "en"])
    def test_every_reason_is_told_in_its_own_words(self, language):
        with translation.override(language):
            told = [words.told(reason) for reason in Reason]

        assert len(set(told)) == len(told)
        assert not [one for one in told if "%" in one]

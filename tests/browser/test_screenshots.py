"""The pictures of the page for the README are small."""

import random
from io import BytesIO

import pytest
from PIL import Image

from tests.browser.screenshots import SHOTS, small


def png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def noise(width: int, height: int) -> bytes:
    return png(Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height)))


def test_a_picture_keeps_its_size_and_its_few_colours() -> None:
    halves = Image.new("RGB", (1200, 900), "white")
    halves.paste("#0072b2", (0, 0, 600, 900))
    made = Image.open(BytesIO(small(png(halves))))
    assert (made.mode, made.size) == ("P", (1200, 900))
    assert [made.convert("RGB").getpixel(place) for place in ((1, 1), (900, 1))] == [(0, 114, 178), (255, 255, 255)]


def test_colours_are_given_up_until_a_picture_is_small() -> None:
    content = small(noise(50, 50), largest=2000)
    assert len(content) <= 2000
    assert 16 <= len(Image.open(BytesIO(content)).getcolors()) < 256


def test_a_picture_that_cannot_be_small_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at most 1000 bytes, found"):
        small(noise(50, 50), largest=1000)


def test_the_pictures_show_both_colour_schemes_and_a_phone() -> None:
    assert {scheme for _, scheme in SHOTS.values()} == {"light", "dark"}
    assert min(width for width, _ in SHOTS.values()) == 360

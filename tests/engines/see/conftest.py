"""Pages drawn for the readers, and readers that are loaded once."""

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from vivavoce.engines.fonts import font_path
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.media.image import Image


@pytest.fixture(scope="session")
def page():
    """Return a function that draws text on a plain ground and gives RGB pixels."""

    def draw(text, size=28, width=1000, height=600, ground="white", ink="black", at=(50, 40)):
        picture = PIL.Image.new("RGB", (width, height), ground)
        font = PIL.ImageFont.truetype(str(font_path(text)), size)
        PIL.ImageDraw.Draw(picture).multiline_text(at, text, font=font, fill=ink, spacing=size * 0.4)
        return np.asarray(picture)

    return draw


@pytest.fixture(scope="session")
def photograph(data):
    """Return a function from a number to the RGB pixels of that photograph."""
    return lambda number: np.asarray(PIL.Image.open(data / "coco" / f"{number:012d}.jpg").convert("RGB"))


@pytest.fixture(scope="session")
def read():
    """Return the reader with its own idea of what is a page."""
    with RapidOcr().open("cpu") as reader:
        yield lambda pixels: reader(Image(pixels), as_page=True)


@pytest.fixture(scope="session")
def read_all():
    """Return the reader that takes all it finds."""
    with RapidOcr().open("cpu") as reader:
        yield lambda pixels: reader(Image(pixels))

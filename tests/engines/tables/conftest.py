"""Pictures of tables, and a reader of them that is loaded once."""

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from vivavoce.engines.fonts import font_path
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.engines.tables.read_image import TableFromImage
from vivavoce.media.image import Image


@pytest.fixture(scope="session")
def draw_table():
    """Return a function that draws rows of cells, ruled or not, and gives RGB pixels."""

    def draw(rows, size=24, column=150, height=44, ruled=False, title="", ground="white", ink="black"):
        top = 60 if title else 20
        width, tall = column * len(rows[0]) + 40, height * len(rows) + top + 20
        picture = PIL.Image.new("RGB", (width, tall), ground)
        pen = PIL.ImageDraw.Draw(picture)
        font = PIL.ImageFont.truetype(str(font_path("".join(title + cell for row in rows for cell in row))), size)
        pen.text((width / 2, 30), title, font=font, fill=ink, anchor="mm")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                at = (30 + place * column, top + number * height + height / 2)
                pen.text(at, cell, font=font, fill=ink, anchor="lm")
        for line in range(len(rows) + 1) if ruled else []:
            pen.line((20, top + line * height, width - 20, top + line * height), fill=ink)
        for line in range(len(rows[0]) + 1) if ruled else []:
            pen.line((20 + line * column, top, 20 + line * column, tall - 20), fill=ink)
        return np.asarray(picture)

    return draw


@pytest.fixture(scope="session")
def extract():
    """Return a function from RGB pixels to the table on them."""
    with TableFromImage().open("cpu") as extractor:
        yield lambda pixels: extractor(Image(pixels))


@pytest.fixture(scope="session")
def read_lines():
    """Return a function from RGB pixels to the lines of text on them, white space left out."""
    with RapidOcr().open("cpu") as reader:
        yield lambda pixels: ["".join(region.text.split()) for region in reader(Image(pixels)).regions]

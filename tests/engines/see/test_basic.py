"""The basic description: what it says, in which language, and that it admits to be basic."""

import numpy as np
import pytest

from vivavoce.engines.see.basic import BasicDescriber
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.image import Image


@pytest.fixture(scope="module")
def describe():
    with BasicDescriber().open("cpu") as describer:
        yield lambda pixels, language=None: describer(Image(pixels), language)


@pytest.mark.data
def test_a_photograph_in_english(describe, photograph):
    text = describe(photograph(229358))
    assert text.language == "en"
    assert text.text.startswith("A landscape photograph of 640 by 423 pixels, moderately bright")
    assert "One face is turned to the camera." in text.text
    assert "vision-language model would see more" in text.text


@pytest.mark.data
def test_a_photograph_in_chinese(describe, photograph):
    text = describe(photograph(442450), "zh")
    assert text.language == "zh"
    assert text.text.startswith("这是一张横向的照片，宽640、高425像素")
    assert "画面中有一张面向镜头的脸。" in text.text
    assert "视觉语言模型" in text.text


@pytest.mark.data
def test_the_sign_on_a_photograph_is_quoted(describe, photograph):
    assert "The text on it reads: “STOP”." in describe(photograph(460229)).text
    assert "WELCOME TO" in describe(photograph(107438)).text


@pytest.mark.data
def test_black_and_white_is_said_instead_of_colours(describe, photograph):
    text = describe(photograph(205401)).text
    assert text.startswith("A landscape black-and-white photograph")
    assert "mainly in" not in text


def test_pages_and_drawings_are_told_from_photographs(describe, page):
    assert "page of text" in describe(page("A line of a long text on the page.\n" * 8, width=600, height=400)).text
    assert "drawing, slide or screenshot" in describe(page("Only a title")).text
    assert "文字页面" in describe(page("这是一行用来填满这一页纸的文字。\n" * 8, width=600, height=400), "zh").text


@pytest.mark.parametrize(
    ("height", "width", "word"), [(50, 50, "square"), (50, 200, "panoramic"), (90, 50, "portrait")]
)
def test_the_shape_is_named(describe, height, width, word):
    assert word in describe(np.zeros((height, width, 3), np.uint8)).text


def test_a_single_pixel_can_be_described(describe):
    text = describe(np.full((1, 1, 4), 255, np.uint8)).text
    assert text.startswith("A square plain picture of 1 by 1 pixels, very bright, mainly in white.")


def test_a_long_text_is_cut(describe, page):
    text = describe(page("many words on this page\n" * 14)).text
    assert len(text) < 600
    assert "…”" in text


def test_other_languages_are_refused(describe):
    with pytest.raises(UnsupportedLanguage, match="got fr"):
        describe(np.zeros((9, 9, 3), np.uint8), "fr")

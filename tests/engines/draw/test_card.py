import re

import numpy as np
import pytest

from vivavoce.engines.draw.card import TypographicCard, parse
from vivavoce.engines.options import DrawOptions
from vivavoce.errors import EmptyInput
from vivavoce.media.text import Text

SENTENCE = "Chapter one begins with a letter that nobody expected, written on thin paper. "
CHINESE = "他站在窗前，望着远处的山。她轻声问道：你真的要走吗？风从海上吹来，没有人回答。"


@pytest.fixture(scope="module")
def draw():
    with TypographicCard().open("cpu") as function:
        yield lambda text, options: next(function(text, options))


@pytest.fixture(scope="module")
def read():
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})
    return lambda image: "".join(engine(np.ascontiguousarray(image.rgb[..., ::-1])).txts or ())


def letters(text):
    return re.sub(r"[\W_]", "", text).lower()


def misread(got, wanted):
    """Share of letters that OCR got wrong (Levenshtein)."""
    got, wanted = letters(got), letters(wanted)
    row = list(range(len(got) + 1))
    for i, a in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1] / len(wanted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Hello", "light"),
        ("The quick brown fox jumps over the lazy dog.\n\nPack my box with five dozen liquor jugs.", "dark"),
        ("你好，世界。今天天气很好，我们一起去公园散步吧！", "dark"),
        ("Vivavoce 把语音变成文字（speech to text），再把文字变成 speech。", "paper"),
        ((SENTENCE * 9)[:600], "light"),
        ((CHINESE * 16)[:600], "paper"),
    ],
    ids=["word", "english", "chinese", "mixed", "600", "chinese-600"],
)
def test_ocr_reads_the_text_back_from_the_card(draw, read, text, theme):
    assert misread(read(draw(Text(text), DrawOptions(theme=theme))), text) <= 0.01


@pytest.mark.slow
@pytest.mark.parametrize("text", [SENTENCE * 200, CHINESE * 100], ids=["english", "chinese"])
def test_text_too_long_for_the_card_ends_after_a_sentence(draw, read, text):
    seen = letters(read(draw(Text(text), DrawOptions())))
    assert 200 < len(seen) < len(letters(text))
    ends = [letters(sentence)[-5:] for sentence in re.findall(r"[^.。？]+[.。？]", text[:100])]
    assert seen[-5:] in ends


def test_headings_are_larger_and_lose_their_marks():
    heading, body = parse("# Opening **hours**\n\nMonday to Friday")
    assert (heading.text, heading.bold) == ("Opening hours", True)
    assert heading.scale > body.scale == 1.0


def test_line_breaks_are_kept_and_wrapped_lines_joined():
    wrapped = "This line was wrapped by an editor because it grew too long for it\nand goes on here."
    assert [p.text for p in parse("Roses are red\nViolets are blue")] == ["Roses are red", "Violets are blue"]
    assert [p.text for p in parse(wrapped)] == [wrapped.replace("\n", " ")]
    assert [p.gap > 0 for p in parse("one\ntwo\n\nthree")] == [True, False, True]


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (201, 99), (16, 16)])
def test_the_card_has_the_size_that_was_asked_for(draw, size):
    image = draw(Text("Hello 你好"), DrawOptions(width=size[0], height=size[1]))
    assert (image.width, image.height) == size
    assert image.pixels.std() > 1


@pytest.mark.parametrize("text", [SENTENCE * 40, CHINESE * 40, "word", "# Title\n\nBody " + SENTENCE * 7])
def test_nothing_is_drawn_in_the_margins(draw, text):
    pixels = draw(Text(text), DrawOptions()).pixels
    edge = round(720 * 0.05)
    for strip in (pixels[15:edge], pixels[-edge:], pixels[15:, :edge], pixels[15:, -edge:]):
        assert (strip == pixels[-1, -1]).all()


@pytest.mark.parametrize("text", ["", "  \n ", "🦄👍"])
def test_nothing_to_draw_is_an_error(draw, text):
    with pytest.raises(EmptyInput, match="no letter"):
        draw(Text(text), DrawOptions())

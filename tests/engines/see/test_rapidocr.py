"""Text read by the real models: pages drawn for it, and photographs that are no pages."""

import subprocess
import sys
import textwrap

import numpy as np
import PIL.Image
import pytest

from vivavoce.engines.see.layout import Line
from vivavoce.engines.see.rapidocr import RapidOcr, without_stray_accents
from vivavoce.errors import NothingFound
from vivavoce.media.image import Image

ENGLISH = (
    "When the rain stopped, the children went into the garden and looked for snails under the wet leaves. "
    "They found eleven of them, put them in a box and gave each a name."
)
CHINESE = "雨停了以后，孩子们跑到花园里，在湿漉漉的叶子下面寻找蜗牛。他们一共找到了十一只，把它们放进一个盒子里。"


def letters(text):
    return "".join(text.split())


def test_an_english_page_is_read_as_flowing_text(read, page):
    text = read(page(textwrap.fill(ENGLISH, 52)))
    assert letters(text.text) == letters(ENGLISH)
    assert text.language == "en"
    assert "\n" not in text.text.replace(".\n", ". ")  # where a line ends with its sentence, it stays one


def test_a_chinese_page_is_read_as_flowing_text(read, page):
    wrapped = "\n".join(CHINESE[at : at + 22] for at in range(0, len(CHINESE), 22))
    text = read(page(wrapped, size=32))
    assert text.text == CHINESE
    assert text.language == "zh"


def test_both_languages_on_one_line(read, page):
    assert letters(read(page("欢迎来到 Hotel Paris 2024")).text) == "欢迎来到HotelParis2024"


def test_regions_stand_where_the_lines_are(read, page):
    text = read(page("First line here\n\n\nSecond one", at=(120, 90)))
    first, second = text.regions
    assert (first.text, second.text) == ("First line here", "Second one")
    assert first.box[0] == pytest.approx(120, abs=15)
    assert first.box[1] == pytest.approx(90, abs=20)
    assert second.box[1] > first.box[3]
    assert all(0.8 < region.confidence <= 1 for region in text.regions)
    assert 0.8 < text.confidence <= 1


def test_columns_are_read_one_after_the_other(read, page):
    left = page(textwrap.fill(ENGLISH, 30), size=22, width=500)
    right = page(textwrap.fill(ENGLISH.upper(), 26), size=22, width=500)
    found = letters(read(np.concatenate([left, right], axis=1)).text)
    assert found == letters(ENGLISH) + letters(ENGLISH.upper())


def test_a_page_that_leans_is_read_line_by_line(read, page):
    lines = [f"Line {word} of this page" for word in ("one", "two", "three", "four")]
    upright = PIL.Image.fromarray(page("\n".join(lines)))
    leaning = upright.rotate(3, expand=True, fillcolor="white", resample=PIL.Image.Resampling.BICUBIC)
    assert [region.text for region in read(np.asarray(leaning)).regions] == lines


@pytest.mark.parametrize("word", ["Hi", "42", "你好", "No entry"])
@pytest.mark.parametrize("size", [16, 200])
def test_a_word_on_an_empty_card_is_enough(read, page, word, size):
    assert read(page(word, size=size, width=1280, height=720)).text == word


@pytest.mark.parametrize(("ground", "ink"), [("#101820", "#f0f0f0"), ("#f7f0e2", "#382c20"), ("#003366", "yellow")])
def test_cards_of_any_colour_are_pages(read, page, ground, ink):
    assert read(page("Just two words", ground=ground, ink=ink, size=24)).text == "Just two words"


def test_white_letters_on_a_transparent_ground_are_read(read_all, page):
    ink = 255 - page("White on nothing", size=40)[..., 0]
    pixels = np.dstack([np.full_like(ink, 255)] * 3 + [ink])
    assert read_all(pixels).text == "White on nothing"


def test_text_that_touches_the_edge_is_read(read, page):
    assert read(page("Hello world", size=24, width=155, height=30, at=(1, 0))).text == "Hello world"


@pytest.mark.slow
def test_no_line_of_a_tall_picture_is_lost_or_doubled(read_all, page):
    lines = [f"Entry {number}." for number in range(100, 220)]
    found = read_all(page("\n".join(lines), size=24, width=300, height=4200))
    assert [region.text for region in found.regions] == lines


def test_a_huge_picture_is_scaled_down(read, page):
    assert read(page("Poster", size=600, width=6000, height=5000, at=(2000, 2000))).text == "Poster"


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (64, 64)])
@pytest.mark.parametrize("value", [0, 255])
def test_an_empty_picture_has_no_text(read_all, shape, value):
    with pytest.raises(NothingFound, match=f"no text on the picture of {shape[1]} × {shape[0]} pixels"):
        read_all(np.full((*shape, 3), value, np.uint8))


def test_noise_has_no_text(read_all):
    with pytest.raises(NothingFound):
        read_all(np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8))


@pytest.mark.data
@pytest.mark.parametrize("number", [107438, 114174, 433998, 460229, 525891, 442450, 62554])
def test_a_photograph_with_a_sign_is_no_page(read, photograph, number):
    with pytest.raises(NothingFound):
        read(photograph(number))


@pytest.mark.data
def test_a_sign_is_read_when_all_text_is_asked_for(read_all, photograph):
    assert "STOP" in read_all(photograph(460229)).text
    assert "ARDNAMURCHAN POINT" in read_all(photograph(107438)).text


@pytest.mark.data
def test_a_photographed_page_is_a_page(read, page, photograph):
    table_top = PIL.Image.fromarray(photograph(205401)).resize((1000, 700))
    paper = PIL.Image.fromarray(page(textwrap.fill(ENGLISH * 2, 44), width=760, height=560, size=26))
    table_top.paste(paper.rotate(2, expand=True, fillcolor="grey"), (100, 60))
    pixels = np.asarray(table_top).astype(np.int16) + np.random.default_rng(0).normal(0, 6, (700, 1000, 3)).astype(int)
    found = letters(read(np.clip(pixels, 0, 255).astype(np.uint8)).text)
    assert letters(ENGLISH)[:80] in found


def test_stray_accents_go_and_meant_ones_stay():
    corners = np.zeros((4, 2), np.float32)

    def fixed(*texts):
        return [line.text for line in without_stray_accents([Line(text, 1.0, corners) for text in texts])]

    assert fixed("The quick brown fox jumps over the lazy doğ") == ["The quick brown fox jumps over the lazy dog"]
    assert fixed("Łódź i Kraków") == ["Łódź i Kraków"]
    assert fixed("a café, naïve as ever") == ["a café, naïve as ever"]


def test_reading_is_silent_and_stays_offline():
    code = textwrap.dedent("""
        import socket
        def refuse(*args, **kwargs): raise RuntimeError("went online")
        socket.socket.connect = refuse
        import numpy as np
        from vivavoce.engines.see.rapidocr import RapidOcr
        from vivavoce.errors import NothingFound
        from vivavoce.media.image import Image
        with RapidOcr().open("cpu") as read:
            try:
                read(Image(np.zeros((40, 40, 3), np.uint8)))
            except NothingFound:
                pass
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_the_engine_loads_no_models():
    code = """if True:
        import sys
        import vivavoce.engines.see.rapidocr
        print([name for name in ("rapidocr", "cv2", "onnxruntime") if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_lines_of_low_confidence_are_left_out(page):
    with RapidOcr(min_confidence=1.01).open("cpu") as read, pytest.raises(NothingFound):
        read(Image(page("Hello")))

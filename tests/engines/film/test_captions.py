import numpy as np
import pytest

from vivavoce.engines.film.captions import LINES, caption_strip, captions
from vivavoce.engines.fonts import font_path
from vivavoce.engines.typesetting import face, wrap
from vivavoce.media.text import Segment, Text, Word

WORDS = ("There is iron they say in all our blood and a grain or two perhaps is good but his he makes me "
         "harshly feel has got a little too much of steel anon").split()  # fmt: skip
INK, SPOKEN = (255, 255, 255), (255, 0, 0)


def spaced(words, start_s=1.0, step_s=0.5):
    timed = tuple(Word(w, start_s + i * step_s, start_s + (i + 0.8) * step_s) for i, w in enumerate(words))
    return Segment(" ".join(words), start_s, timed[-1].end_s, timed)


@pytest.fixture(scope="module")
def long_text():
    return Text.from_segments([spaced(WORDS)], "en")


@pytest.mark.parametrize("width", [160, 400, 1100])
def test_captions_hold_all_words_in_two_lines_at_most(long_text, width):
    found = captions(long_text, width, 40)
    assert " ".join(caption.text for caption in found).split() == WORDS
    for caption in found:
        assert len(wrap(caption.text, face(font_path(caption.text), 40), width)) <= LINES


def test_captions_follow_each_other_without_overlap(long_text):
    found = captions(long_text, 300, 40)
    assert found[0].start_s == 1.0
    assert all(before.end_s <= after.start_s for before, after in zip(found, found[1:], strict=False))
    assert all(caption.start_s < caption.end_s for caption in found)


def test_each_word_is_marked_at_its_own_time(long_text):
    marked = [(c.text[m.start : m.end], m.start_s) for c in captions(long_text, 300, 40) for m in c.marks]
    assert marked == [(word.text, word.start_s) for word in long_text.segments[0].words]


def test_a_long_segment_without_word_times_is_shared_out_over_its_time():
    text = Text.from_segments([Segment("今天天气很好我们一起去公园散步吧" * 8, 10.0, 50.0)], "zh")
    found = captions(text, 600, 40)
    assert len(found) > 3
    assert "".join(caption.text for caption in found) == text.text
    assert all(10.0 <= caption.start_s < 50.0 for caption in found)
    assert 0.8 < (found[1].start_s - found[0].start_s) / (found[2].start_s - found[1].start_s) < 1.25


def test_nothing_is_shown_in_a_long_silence():
    text = Text.from_segments([Segment("one", 1.0, 2.0), Segment("two", 10.0, 11.0)], "en")
    strip = caption_strip(text, np.zeros((360, 640, 3), np.uint8), INK, SPOKEN)
    seen = [strip.look(time_s)[0] for time_s in (0.5, 1.0, 1.9, 2.5, 5.0, 10.5, 30.0)]
    assert seen == [-1, 0, 0, 0, -1, 1, -1]


def test_captions_do_not_flicker_in_a_short_pause():
    text = Text.from_segments([Segment("one", 1.0, 2.0), Segment("two", 3.2, 4.0)], "en")
    strip = caption_strip(text, np.zeros((360, 640, 3), np.uint8), INK, SPOKEN)
    assert strip.look(3.1)[0] == 0


def test_the_word_that_is_said_has_another_colour(long_text):
    ground = np.zeros((360, 640, 3), np.uint8)
    strip = caption_strip(long_text, ground, INK, SPOKEN)
    picture = ground.copy()
    strip.paint(picture, *strip.look(1.6))
    red = (picture[..., 0] > 200) & (picture[..., 1] < 50)
    white = (picture > 200).all(axis=2)
    assert strip.look(1.6) == (0, 1)
    assert 0 < red.sum() < white.sum() / 4
    assert np.nonzero(red)[1].max() < 320  # "is" stands on the left


def test_only_the_rows_of_the_strip_are_painted(long_text):
    ground = np.zeros((360, 640, 3), np.uint8)
    strip = caption_strip(long_text, ground, INK, SPOKEN)
    picture = ground.copy()
    strip.paint(picture, 0, 0)
    rows = np.nonzero(picture.any(axis=(1, 2)))[0]
    assert rows.min() >= strip.top and rows.max() < 360 - 20
    columns = np.nonzero(picture.any(axis=(0, 2)))[0]
    assert columns.min() > 20 and columns.max() < 620


def test_an_untimed_text_has_no_captions():
    assert captions(Text("no times"), 300, 40) == []

import numpy as np
import pytest

from vivavoce.engines.film.slides import CHARACTERS, NarratedSlides, group
from vivavoce.engines.typesetting import PALETTES
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Segment, Text


@pytest.fixture(scope="module")
def film():
    with NarratedSlides().open("cpu") as function:
        yield function


def at(video, time_s):
    return next(iter(video.source.frames_at([time_s]))).pixels


def inked(picture, theme="dark"):
    """Rows with letters in the colour of what is being said."""
    return np.nonzero((np.abs(picture.astype(int) - PALETTES[theme].ink).sum(axis=2) < 30).any(axis=1))[0]


def test_the_saved_video_has_sound_and_subtitles(film, talk, small, tmp_path):
    again = open_value(save(film(talk, small()), tmp_path / "slides.mp4"))
    assert again.audible
    assert again.subtitles.text.split() == talk.transcript.text.split()
    assert again.duration_s == pytest.approx(talk.duration_s, abs=0.15)


def test_the_spoken_sentence_stands_out_and_moves_down_the_slide(film, talk, small):
    video = film(talk, small())
    middles = [inked(at(video, s.start_s + 0.2)).mean() for s in talk.transcript.segments]
    assert middles[0] + 20 < middles[1] < middles[2] - 20


def test_a_new_slide_comes_with_its_first_sentence(talk, small):
    with NarratedSlides(sentences=1).open("cpu") as film:
        source = film(talk, small()).source
    starts = [segment.start_s for segment in talk.transcript.segments]
    assert [source.look(start_s)[0] for start_s in starts] == [0, 1, 2]
    assert [source.look(start_s - 0.05)[0] for start_s in starts] == [0, 0, 1]


def test_slides_hold_no_more_than_can_be_read():
    segments = [Segment("word " * 20, i, i + 1.0) for i in range(20)]
    slides = group(Text.from_segments(segments, "en"), 4)
    assert [s for slide in slides for s in slide] == segments
    assert all(len(slide) <= 4 and sum(len(s.text) for s in slide) <= CHARACTERS for slide in slides)


def test_long_text_stays_inside_the_slide(film, small):
    text = Text.from_segments([Segment("unending " * 300, 0.0, 5.0)], "en")
    picture = at(film(Audio(np.zeros(80_000, np.float32), 16_000, text), small()), 1.0)
    rows = inked(picture)
    assert rows.min() > 20 and rows.max() < 340


def test_chinese_slides_have_letters(film, chinese_talk, small):
    assert len(inked(at(film(chinese_talk, small(theme="paper")), 1.0), "paper")) > 10


def test_few_pictures_are_drawn(film, talk, small):
    frames = list(film(talk, small(fps=50)).source.frames())
    changes = sum(a.pixels is not b.pixels for a, b in zip(frames, frames[1:], strict=False))
    assert 3 <= changes <= talk.duration_s + 4


@pytest.mark.parametrize(("subtitles", "soft"), [("burnt", False), ("soft", True), ("both", True), ("none", False)])
def test_a_subtitle_track_comes_when_asked_for(film, talk, small, subtitles, soft):
    assert (film(talk, small(subtitles=subtitles)).subtitles is not None) is soft


def test_speech_without_a_transcript_is_an_error(film, small):
    with pytest.raises(NothingFound, match="no words"):
        film(Audio(np.zeros(100, np.float32), 16_000), small())

import numpy as np
import pytest

from vivavoce.engines.film.drawn import Canvas
from vivavoce.engines.film.still import NarratedStill, compose
from vivavoce.engines.options import FilmOptions
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.image import Image


@pytest.fixture(scope="module")
def film():
    with NarratedStill().open("cpu") as function:
        yield function


@pytest.fixture(scope="module")
def red():
    return Image(np.full((300, 400, 3), (220, 20, 20), np.uint8))


def box(picture, colour):
    """Left, top, right, bottom of what has the colour."""
    rows, columns = np.nonzero(np.abs(picture.astype(int) - colour).sum(axis=2) < 20)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (500, 500)])
@pytest.mark.parametrize("captioned", [True, False])
def test_the_picture_is_whole_and_keeps_its_shape(red, size, captioned):
    picture = compose(red, Canvas(*size), (0, 0, 0), captioned)
    left, top, right, bottom = box(picture, (220, 20, 20))
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3, rel=0.02)
    assert picture.shape == (size[1], size[0], 3)
    assert abs(left - (size[0] - right)) <= 1


def test_captions_stand_below_the_picture(film, red, talk, small):
    video = film(red, talk, small())
    before, during = (frame.pixels for frame in video.source.frames_at([0.0, 0.5]))
    changed = np.nonzero((before != during).any(axis=(1, 2)))[0]
    assert changed.min() >= box(before, (220, 20, 20))[3]


def test_without_captions_the_picture_never_changes(film, red, talk, small):
    frames = list(film(red, talk, small(subtitles="soft")).source.frames())
    assert len(frames) > 50
    assert all(frame.pixels is frames[0].pixels for frame in frames)


def test_a_picture_with_transparency_lies_on_white(talk, small, film):
    clear = Image(np.zeros((360, 640, 4), np.uint8))
    frame = next(film(clear, talk, small(subtitles="none")).source.frames())
    assert (frame.pixels == 255).all()


def test_the_saved_video_has_sound_and_subtitles(film, red, talk, tmp_path):
    again = open_value(save(film(red, talk, FilmOptions(width=321, height=241, fps=5)), tmp_path / "still.mp4"))
    assert (again.width, again.height, again.audible) == (320, 240, True)
    assert again.subtitles.text.split() == talk.transcript.text.split()


def test_another_picture_is_another_film(film, red, talk, small):
    blue = Image(red.pixels[..., ::-1].copy())
    assert film(red, talk, small()).digest() != film(blue, talk, small()).digest()


def test_speech_without_a_transcript_is_an_error(film, red, small):
    with pytest.raises(NothingFound, match="no words"):
        film(red, Audio(np.zeros(100, np.float32), 16_000), small())

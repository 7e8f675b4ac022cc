import numpy as np
import pytest

from vivavoce.engines.film.drawn import Canvas, DrawnFrames, film
from vivavoce.engines.options import FilmOptions
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text


@pytest.fixture
def source():
    drawn = []

    def draw(look):
        drawn.append(look)
        return np.full((2, 2, 3), look[0], np.uint8)

    sound = Audio(np.zeros((16_000 * 2 + 800, 2), np.float32), 16_000)
    frames = DrawnFrames(audio=sound, fps=10, look=lambda time_s: (int(time_s),), draw=draw, identity="x")
    return frames, drawn


def test_a_picture_that_does_not_change_is_drawn_once_and_is_the_same_array(source):
    frames, drawn = source
    pixels = [frame.pixels for frame in frames.frames()]
    assert drawn == [(0,), (1,), (2,)]
    assert len({id(array) for array in pixels}) == 3
    assert pixels[0] is pixels[9]


def test_frames_last_as_long_as_the_sound(source):
    times = [frame.time_s for frame in source[0].frames()]
    assert len(times) == 21  # 2.05 s at 10 fps
    assert times[:3] == pytest.approx([0, 0.1, 0.2])


def test_frames_at_are_those_that_were_asked_for(source):
    frames = list(source[0].frames_at([0.5, 1.7]))
    assert [(frame.time_s, int(frame.pixels[0, 0, 0])) for frame in frames] == [(0.5, 0), (1.7, 1)]


def test_no_sound_still_gives_a_frame():
    silence = Audio(np.zeros((0, 1), np.float32), 16_000)
    frames = DrawnFrames(
        audio=silence, fps=25, look=lambda time_s: (), draw=lambda look: np.zeros((2, 2, 3), np.uint8), identity=""
    )
    assert len(list(frames.frames())) == 1


def test_sound_comes_as_it_is_or_as_asked_for(source):
    assert source[0].sound().channels == 2
    asked = source[0].sound(8_000, mono=True)
    assert (asked.channels, asked.rate_hz) == (1, 8_000)


@pytest.mark.parametrize(("asked", "got"), [((1280, 720), (1280, 720)), ((641, 361), (640, 360)), ((1, 7), (32, 32))])
def test_sides_are_even(asked, got):
    canvas = Canvas.of(FilmOptions(width=asked[0], height=asked[1]))
    assert (canvas.width, canvas.height) == got


@pytest.mark.parametrize(("asked", "fps"), [(None, 10), (25, 25)])
def test_frames_that_are_drawn_come_ten_a_second_unless_another_rate_is_asked_for(asked, fps):
    sound = Audio(np.zeros((16_000, 1), np.float32), 16_000)
    made = film(
        sound, Text(""), FilmOptions(fps=asked), lambda time_s: (0,), lambda look: np.zeros((2, 2, 3), np.uint8)
    )
    assert made.fps == fps and len(list(made.source.frames())) == fps

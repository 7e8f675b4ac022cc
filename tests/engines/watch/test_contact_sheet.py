import numpy as np
import pytest

from vivavoce.engines.options import THEMES, DrawOptions
from vivavoce.engines.typesetting import PALETTES
from vivavoce.engines.watch.contact_sheet import FrameGrid
from vivavoce.errors import NothingFound
from vivavoce.media.gateway import open_value


@pytest.fixture(scope="module")
def lay_out():
    with FrameGrid().open("cpu") as function:
        yield function


def runs(line):
    """How many stretches of a line differ from the ground."""
    return int((np.diff(line.astype(int), prepend=0) == 1).sum())


def is_frame(pixels):
    """What is saturated, as the test's frames are and the sheet and its letters are not."""
    return pixels.max(axis=2).astype(int) - pixels.min(axis=2) > 100


@pytest.mark.parametrize("theme", THEMES)
def test_frames_stand_in_a_grid_with_gaps(lay_out, three_scenes, theme):
    pixels = lay_out(three_scenes, DrawOptions(theme=theme)).pixels
    frames = is_frame(pixels)
    assert (runs(frames.any(axis=0)), runs(frames.any(axis=1))) == (4, 3)
    assert frames.mean() > 0.5
    assert tuple(pixels[0, 0]) == PALETTES[theme].ground


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (500, 500)])
@pytest.mark.parametrize("shape", [(90, 160), (160, 90), (288, 360)])
def test_frames_keep_their_shape_and_stay_inside(lay_out, painted, size, shape):
    video = painted(lambda t: np.full((*shape, 3), (250, 10, 10), np.uint8), 30.0)
    sheet = lay_out(video, DrawOptions(width=size[0], height=size[1]))
    assert (sheet.width, sheet.height) == size
    frames = is_frame(sheet.pixels)
    rows, columns = frames.any(axis=1), frames.any(axis=0)
    assert runs(rows) * runs(columns) >= 12
    height, width = rows.sum() / runs(rows), columns.sum() / runs(columns)
    assert width / height == pytest.approx(shape[1] / shape[0], rel=0.03)
    assert not (rows[0] or rows[-1] or columns[0] or columns[-1])


def test_every_scene_has_a_frame_and_times_rise(lay_out, painted):
    asked = []

    def paint(time_s):
        asked.append(time_s)
        return np.full((90, 160, 3), (10, 10, 250) if 14.0 <= time_s < 16.1 else (250, 10, 10), np.uint8)

    sheet = lay_out(painted(paint, 50.0), DrawOptions()).pixels
    assert ((sheet[..., 2] > 200) & (sheet[..., 0] < 50)).any()  # a scene of two seconds between steps of four
    assert asked[-12:] == sorted(asked[-12:])


def test_a_long_video_is_not_read_through(lay_out, painted):
    asked = []

    def paint(time_s):
        asked.append(time_s)
        return np.zeros((90, 160, 3), np.uint8)

    lay_out(painted(paint, 7200.0), DrawOptions())
    assert len(asked) <= 20
    assert max(asked) > 6600


@pytest.mark.parametrize("duration_s", [0.1, 0.3])
def test_a_video_of_a_few_frames_shows_those(lay_out, painted, duration_s):
    video = painted(lambda t: np.full((90, 160, 3), (250, 10, 10), np.uint8), duration_s)
    frames = is_frame(lay_out(video, DrawOptions()).pixels)
    assert runs(frames.any(axis=0)) == round(duration_s * 10)


def test_a_video_without_frames_is_an_error(lay_out, painted, monkeypatch):
    video = painted(lambda t: np.zeros((90, 160, 3), np.uint8), 100.0)
    monkeypatch.setattr(type(video.source), "frames_at", lambda self, times_s: iter(()))
    with pytest.raises(NothingFound, match="no picture"):
        lay_out(video, DrawOptions())


@pytest.mark.data
def test_a_real_video_shows_different_moments(lay_out, data):
    video = open_value(next((data / "grid").glob("*.mpg")))
    pixels = lay_out(video, DrawOptions()).pixels
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 5_000

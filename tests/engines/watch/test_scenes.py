import numpy as np
import pytest

from vivavoce.engines.watch.scenes import KEPT_SIDE, MAX_SAMPLES, scenes
from vivavoce.errors import NothingFound
from vivavoce.media.gateway import open_value


def test_scenes_begin_where_the_colours_change(three_scenes):
    found = scenes(three_scenes)
    assert [scene.start_s for scene in found] == pytest.approx([0, 10, 25], abs=1.0)
    assert [scene.end_s for scene in found] == [found[1].start_s, found[2].start_s, 40.0]


def test_the_frame_kept_of_a_scene_lies_inside_it(three_scenes):
    for scene in scenes(three_scenes):
        assert scene.start_s <= scene.frame.time_s < scene.end_s
    assert [tuple(scene.frame.pixels[0, 0]) for scene in scenes(three_scenes)][1] == (20, 20, 200)


def test_movement_is_told_from_stillness(three_scenes):
    still, _, moving = scenes(three_scenes)
    assert still.movement == 0.0
    assert moving.movement > 0.03


def test_a_little_more_light_is_no_new_scene(painted):
    rng = np.random.default_rng(0)
    base = rng.integers(60, 180, (90, 160, 3))
    video = painted(lambda t: (base * (1 + 0.1 * np.sin(t))).clip(0, 255).astype(np.uint8), 20.0)
    assert len(scenes(video)) == 1


def test_a_long_video_is_sampled_sparsely_and_kept_small(painted):
    seen = []

    def paint(time_s):
        seen.append(time_s)
        return np.full((720, 1280, 3), 255 * (int(time_s / 600) % 2), np.uint8)

    found = scenes(painted(paint, 7200.0))
    assert len(seen) <= MAX_SAMPLES + 1
    assert len(found) == 12
    assert max(max(scene.frame.pixels.shape) for scene in found) <= KEPT_SIDE


@pytest.mark.parametrize("duration_s", [0.1, 0.5, 3.0])
def test_a_short_video_is_one_scene(painted, duration_s):
    (scene,) = scenes(painted(lambda t: np.zeros((90, 160, 3), np.uint8), duration_s))
    assert (scene.start_s, scene.end_s) == (0.0, duration_s)


def test_a_video_without_frames_is_an_error(painted, monkeypatch):
    video = painted(lambda t: np.zeros((90, 160, 3), np.uint8), 1.0)
    monkeypatch.setattr(type(video.source), "frames_at", lambda self, times_s: iter(()))
    with pytest.raises(NothingFound, match="no picture"):
        scenes(video)


@pytest.mark.data
def test_a_talking_face_is_one_scene(data):
    files = sorted((data / "grid").glob("*.mpg"))[:4]
    assert files
    assert [len(scenes(open_value(file))) for file in files] == [1] * len(files)

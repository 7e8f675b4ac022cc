import numpy as np
import pytest

from vivavoce.engines.see.pictures import FLATTEST, LONGEST, for_model, frames_of, pictures
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.image import Image
from vivavoce.media.video import Frame, Video

GREY = Image(np.full((6, 8, 3), 128, np.uint8))


class Clock:
    """A source whose frames are as bright as the time in seconds; `readable` of them can be read."""

    def __init__(self, readable=1000):
        self.readable = readable

    def frames_at(self, times_s):
        for number, time_s in enumerate(times_s):
            if number < self.readable:
                yield Frame(np.full((4, 4, 3), int(time_s), np.uint8), time_s)


def video(duration_s=100.0, fps=10.0, readable=1000):
    return Video(source=Clock(readable), width=4, height=4, fps=fps, duration_s=duration_s, audible=False)


def seconds(found):
    return [int(image.pixels[0, 0, 0]) for image in found]


def test_frames_come_from_the_middle_of_equal_parts():
    assert seconds(frames_of(video(), 4)) == [12, 37, 62, 87]


def test_no_more_frames_are_taken_than_there_are():
    assert len(frames_of(video(duration_s=0.3), 8)) == 3
    assert len(frames_of(video(duration_s=0.0), 8)) == 1


def test_pictures_and_videos_share_what_a_model_looks_at():
    found = pictures([GREY, video(), video()], 9, "eye")
    assert len(found) == 9
    assert found[0] is GREY
    assert seconds(found[1:5]) == seconds(found[5:])


@pytest.mark.parametrize("count", [0, 5])
def test_too_many_views_or_none_are_refused_with_the_limit(count):
    with pytest.raises(UsageError, match=f"eye looks at 1–4 pictures at once, got {count}"):
        pictures([GREY] * count, 4, "eye")


def test_a_video_without_a_readable_frame_is_an_error_of_ours():
    with pytest.raises(NothingFound, match="no picture can be read"):
        pictures([video(readable=0)], 4, "eye")


def test_an_ordinary_picture_goes_to_the_model_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(for_model(Image(pixels))), pixels)


def test_transparency_is_laid_on_white():
    clear = Image(np.zeros((5, 5, 4), np.uint8))
    assert np.asarray(for_model(clear)).min() == 255


@pytest.mark.parametrize("shape", [(20_000, 300), (20_000, 20), (1, 20_000), (1, 1), (9000, 9001), (1, 50)])
def test_no_picture_is_longer_or_flatter_than_a_model_can_take(shape):
    shown = for_model(Image(np.zeros((*shape, 3), np.uint8)))
    assert max(shown.size) <= LONGEST
    assert max(shown.size) <= FLATTEST * min(shown.size)
    assert (shown.height > shown.width) == (shape[0] > shape[1])


def test_a_huge_picture_keeps_what_is_on_it_where_it_is():
    pixels = np.zeros((12_000, 6000, 3), np.uint8)
    pixels[:6000] = 255
    small = np.asarray(for_model(Image(pixels)))
    assert small.shape == (4096, 2048, 3)
    assert small[:2000].mean() > 250 > 5 > small[2100:].mean()


def test_a_strip_lies_in_the_middle_of_white():
    shown = np.asarray(for_model(Image(np.zeros((1, 400, 3), np.uint8))))
    assert shown.shape[0] == 10
    assert [row.mean() for row in shown[[0, 4, 9]]] == [255, 0, 255]

"""Where the picture of a video changes: scenes by the colours of frames taken about once a second."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivavoce.errors import NothingFound
from vivavoce.media.image import Pixels
from vivavoce.media.video import Frame, Video

STEP_S, MIN_SAMPLES, MAX_SAMPLES = 1.0, 8, 120
KEPT_SIDE = 640  # pixels of the longer side of the frame that is kept of each scene
SEEN = (64, 36)  # width and height of the copy that is compared
BINS = (16, 14, 14)  # of lightness, red–green and blue–yellow (CIELAB)
CHROMA = (72, 184)  # what the last two are counted over, of 0..255: grey (128) falls in the middle of a bin
CUT = 0.28  # share of other colours: photographs differ by .30 or more, one moved and relit by .21 at most

SOFT = (
    1 / 9,
    2 / 9,
    3 / 9,
    2 / 9,
    1 / 9,
)  # a colour counts for its neighbours too: light changes a little all the time

Histogram = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """A stretch of a video that looks alike; `movement` is the mean change between its samples, 0..1."""

    start_s: float
    end_s: float
    frame: Frame
    movement: float


@dataclass
class _Open:
    """A scene whose end is not seen yet."""

    start_s: float
    frame: Frame
    changes: list[float]


def scenes(video: Video) -> list[Scene]:
    """Cut a video into scenes, in order and without gaps; raise NothingFound when no frame can be read."""
    found: list[_Open] = []
    histogram, small = np.zeros(0, np.float32), np.zeros(0, np.float32)
    for frame in video.source.frames_at(_sample_times(video)):
        small_before, histogram_before = small, histogram
        small, histogram = _look(frame.pixels)
        if not found or np.minimum(histogram, histogram_before).sum() < 1 - CUT:
            found.append(_Open(frame.time_s if found else 0.0, _reduced(frame), []))
            continue
        if not found[-1].changes:  # the second sample lies clear of the cut and of what blends over it
            found[-1].frame = _reduced(frame)
        found[-1].changes.append(float(np.abs(small - small_before).mean()))
    if not found:
        raise NothingFound("no picture can be read from the video; get it again from its source")
    ends_s = [after.start_s for after in found[1:]] + [max(video.duration_s, found[-1].frame.time_s)]
    return [
        Scene(scene.start_s, end_s, scene.frame, sum(scene.changes) / max(1, len(scene.changes)))
        for scene, end_s in zip(found, ends_s, strict=True)
    ]


def _sample_times(video: Video) -> list[float]:
    step_s = max(min(STEP_S, video.duration_s / MIN_SAMPLES), video.duration_s / MAX_SAMPLES, 1 / video.fps)
    return [number * step_s for number in range(max(1, math.ceil(video.duration_s / step_s - 1e-6)))]


def _look(pixels: Pixels) -> tuple[npt.NDArray[np.float32], Histogram]:
    """Return a small grey copy in 0..1, and the shares of its colours."""
    import cv2

    small = cv2.resize(np.ascontiguousarray(pixels), SEEN, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    lab[..., 1:] = np.clip(lab[..., 1:], CHROMA[0], CHROMA[1] - 1)
    counts = cv2.calcHist([lab], [0, 1, 2], None, list(BINS), [0, 256, *CHROMA, *CHROMA])
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    return grey, _softened(np.asarray(counts / counts.sum(), np.float32))


def _softened(histogram: Histogram) -> Histogram:
    reach = len(SOFT) // 2
    soft = np.pad(histogram, reach)
    for axis in range(soft.ndim):
        rolled = [share * np.roll(soft, number - reach, axis) for number, share in enumerate(SOFT)]
        soft = np.sum(rolled, axis=0, dtype=np.float32)
    return soft


def _reduced(frame: Frame) -> Frame:
    import cv2

    height, width = frame.pixels.shape[:2]
    scale = KEPT_SIDE / max(height, width)
    if scale >= 1:
        return frame
    size = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = cv2.resize(np.ascontiguousarray(frame.pixels), size, interpolation=cv2.INTER_AREA)
    return Frame(np.asarray(pixels, np.uint8), frame.time_s)

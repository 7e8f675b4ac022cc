from dataclasses import dataclass

import numpy as np
import pytest

from vivavoce.media.video import Frame, Video


@dataclass(frozen=True)
class Painted:
    """Frames that a function of the time paints."""

    paint: object
    fps: float
    duration_s: float

    def frames(self):
        return self.frames_at([n / self.fps for n in range(round(self.fps * self.duration_s))])

    def frames_at(self, times_s):
        return (Frame(self.paint(time_s), time_s) for time_s in times_s)

    def sound(self, rate_hz=None, mono=False):
        return None

    def digest(self):
        return "painted"


@pytest.fixture(scope="session")
def painted():
    """Make a silent video from a function of the time in seconds."""

    def make(paint, duration_s, fps=10.0):
        height, width = paint(0.0).shape[:2]
        source = Painted(paint, fps, duration_s)
        return Video(source=source, width=width, height=height, fps=fps, duration_s=duration_s, audible=False)

    return make


@pytest.fixture(scope="session")
def three_scenes(painted):
    """Red for 10 s, then blue until 25 s, then a white square that runs over green until 40 s."""

    def paint(time_s):
        picture = np.zeros((180, 320, 3), np.uint8)
        picture[:] = (200, 20, 20) if time_s < 10 else (20, 20, 200) if time_s < 25 else (20, 140, 20)
        if time_s >= 25:
            left = int(time_s * 90) % 260
            picture[60:120, left : left + 60] = 255
        return picture

    return painted(paint, 40.0)

"""A film whose pictures are all there: what a video model has made, scaled while it is watched or saved."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vivavoce.media.audio import Audio
from vivavoce.media.image import Pixels
from vivavoce.media.origin import digest
from vivavoce.media.video import Frame


@dataclass(frozen=True, kw_only=True)
class PaintedFrames:
    """Pictures uint8 [frames, height, width, 3] at `fps`, shown in `width` × `height` pixels, without a sound."""

    pictures: Pixels
    fps: float
    width: int
    height: int

    def frames(self) -> Iterator[Frame]:
        """Yield every frame."""
        return self.frames_at([number / self.fps for number in range(len(self.pictures))])

    def frames_at(self, times_s: list[float]) -> Iterator[Frame]:
        """Yield the frame shown at each of `times_s`."""
        for time_s in times_s:
            number = min(len(self.pictures) - 1, max(0, int(time_s * self.fps + 1e-6)))
            yield Frame(self._scaled(self.pictures[number]), time_s)

    def sound(self, rate_hz: int | None = None, mono: bool = False) -> Audio | None:
        """Return None: the film is silent."""
        return None

    def digest(self) -> str:
        """SHA-256 of the pictures."""
        return digest(self.pictures, str(self.fps))

    def _scaled(self, pixels: Pixels) -> Pixels:
        """Fill the frame: scaled to cover it, the rest cut off, so that nothing is stretched."""
        if pixels.shape[:2] == (self.height, self.width):
            return pixels
        import PIL.Image
        import PIL.ImageOps

        size = self.width, self.height
        return np.asarray(PIL.ImageOps.fit(PIL.Image.fromarray(pixels), size, PIL.Image.Resampling.LANCZOS))

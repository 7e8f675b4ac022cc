"""Moving pictures: frames come lazily, so that a two-hour film is never in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from vivavoce.errors import InputError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest
from vivavoce.media.text import Text


@dataclass(frozen=True)
class Frame:
    """One picture of a video: pixels uint8 [height, width, 3] at `time_s` from the start."""

    pixels: Pixels
    time_s: float


class FrameSource(Protocol):
    """Where frames and sound come from when they are asked for: a file, or an engine that draws them."""

    def frames(self) -> Iterator[Frame]:
        """Yield every frame from the first on."""
        ...

    def frames_at(self, times_s: list[float]) -> Iterator[Frame]:
        """Yield the frame shown at each of the rising `times_s`."""
        ...

    def sound(self, rate_hz: int | None = None, mono: bool = False) -> Audio | None:
        """Return the sound track, or None for a silent video."""
        ...

    def digest(self) -> str:
        """Return a SHA-256 that identifies the content."""
        ...


@dataclass(frozen=True, kw_only=True)
class Video:
    """A lazy video: size in pixels, frames per second, length in seconds, and timed subtitles if it has any."""

    source: FrameSource
    width: int
    height: int
    fps: float
    duration_s: float
    audible: bool
    subtitles: Text | None = None
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.VIDEO

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0 or not self.fps > 0 or not self.duration_s >= 0:
            raise InputError(
                "a video needs a size, a frame rate and a length, got {width}×{height}, {fps} fps, {seconds} s",
                width=self.width,
                height=self.height,
                fps=self.fps,
                seconds=self.duration_s,
            )

    def digest(self) -> str:
        """SHA-256 of the source."""
        return digest(self.source.digest())

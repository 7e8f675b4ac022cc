"""Frames that are drawn while a film is watched or saved, so that none of it is ever in memory."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vivavoce.engines.options import FilmOptions
from vivavoce.media.audio import Audio
from vivavoce.media.image import Pixels
from vivavoce.media.origin import digest
from vivavoce.media.text import Text
from vivavoce.media.video import Frame, Video

Look = tuple[int, ...]
"""What is to be seen at a moment: two equal looks are the same picture."""

SMALLEST_SIDE = 32  # pixels
OWN_FPS = 10


@dataclass(frozen=True, kw_only=True)
class DrawnFrames:
    """A film with `audio` as its sound: `look` says what is to be seen at a time in seconds, `draw` draws it.

    While the look stays the same, so does the array of pixels, which lets an encoder convert it only once.
    """

    audio: Audio
    fps: float
    look: Callable[[float], Look]
    draw: Callable[[Look], Pixels]
    identity: str

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; there is at least one."""
        count = max(1, math.ceil(self.audio.duration_s * self.fps - 1e-6))
        return self.frames_at([number / self.fps for number in range(count)])

    def frames_at(self, times_s: list[float]) -> Iterator[Frame]:
        """Yield what is to be seen at each of `times_s`."""
        shown: Look | None = None
        for time_s in times_s:
            look = self.look(time_s)
            if look != shown:
                shown, pixels = look, self.draw(look)
            yield Frame(pixels, time_s)

    def sound(self, rate_hz: int | None = None, mono: bool = False) -> Audio | None:
        """Return the sound, brought to a rate or to one channel if asked for."""
        audio = self.audio.mono() if mono else self.audio
        return audio.resampled(rate_hz) if rate_hz else audio

    def digest(self) -> str:
        """SHA-256 of what the film is made from."""
        return self.identity


@dataclass(frozen=True)
class Canvas:
    """The size of a film in pixels: both sides even, as codecs need them."""

    width: int
    height: int

    @classmethod
    def of(cls, options: FilmOptions) -> "Canvas":
        """Round the size that was asked for down to even numbers."""
        return cls(max(SMALLEST_SIDE, options.width // 2 * 2), max(SMALLEST_SIDE, options.height // 2 * 2))

    def part(self, fraction: float) -> int:
        """Return a fraction of the shorter side in whole pixels, at least one."""
        return max(1, round(min(self.width, self.height) * fraction))


def film(
    audio: Audio,
    transcript: Text,
    options: FilmOptions,
    look: Callable[[float], Look],
    draw: Callable[[Look], Pixels],
    shown: str = "",
) -> Video:
    """Make the video, with a subtitle track when `options` ask for one; `shown` is the digest of what else is in it."""
    canvas, fps = Canvas.of(options), options.fps or OWN_FPS
    identity = digest(audio.digest(), transcript.digest(), repr(options), shown)
    return Video(
        source=DrawnFrames(audio=audio, fps=fps, look=look, draw=draw, identity=identity),
        width=canvas.width,
        height=canvas.height,
        fps=fps,
        duration_s=audio.duration_s,
        audible=True,
        subtitles=transcript if transcript.segments and options.subtitles in ("soft", "both") else None,
    )

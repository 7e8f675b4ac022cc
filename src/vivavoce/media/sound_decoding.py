"""Decoded frames of any sample format, rate and layout to float32 at one rate, in mono or stereo, without gaps.

Shapes: n frames, c channels. Frames are converted in batches, since most codecs give a few hundred samples at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, UnsupportedFormat
from vivavoce.media.audio import MAX_RATE_HZ, MIN_RATE_HZ, Samples

if TYPE_CHECKING:
    from av import AudioFrame

BATCH_FRAMES = 4096
MAX_PLANES = 8  # PyAV looks for the end of a longer list of planes beyond its memory
GAP_S = (0.05, 60.0)  # shorter is jitter of the clock, longer a broken one
SAMPLE_TYPES: dict[str, tuple[npt.DTypeLike, float]] = {  # by packed sample format: type, and what makes it -1..1
    "u8": (np.uint8, 2**-7),
    "s16": (np.int16, 2**-15),
    "s32": (np.int32, 2**-31),
    "flt": (np.float32, 1.0),
    "dbl": (np.float64, 1.0),
}
CENTRE = 2**-0.5  # the gain of ITU-R BS.775 for what is not at the front left or right; its bass effects are left out
UNNAMED = {6: "5.1", 8: "7.1"}  # what a WAV file without a channel mask means


class Kind(NamedTuple):
    """What frames must share to be converted together."""

    form: str  # FFmpeg's sample format: "s16", "fltp" …
    rate_hz: int
    layout: str  # "mono", "stereo", "5.1" …
    channels: int


class Block(NamedTuple):
    """A piece of sound: samples float32 [n, c]."""

    samples: Samples
    rate_hz: int


@dataclass
class Clock:
    """How far the frames that went by have come: their number, and the time of the first and after the last.

    Where the frames' own times jump ahead of `ends_s` there will be silence; None starts with the first frame.
    """

    ends_s: float | None = None
    begins_s: float = 0.0
    frames: int = 0


def convert(frames: "Iterator[AudioFrame]", rate_hz: int | None, mono: bool, clock: Clock) -> Iterator[Block]:
    """Yield blocks that all have the rate (the first frame's if None) and the number of channels (1 or 2) of the first.

    Raises CorruptMedia for impossible rates.
    """
    channels, source_hz = 0, 0
    resample: Callable[[Samples, bool], Samples] = _as_it_is
    for kind, samples in _batches(frames, clock):
        if not channels:
            channels = 1 if mono or kind.channels == 1 else 2
            rate_hz = rate_hz or kind.rate_hz
        if kind.rate_hz != source_hz:
            yield Block(resample(np.zeros((0, channels), np.float32), True), rate_hz or kind.rate_hz)
            resample, source_hz = resampler(kind.rate_hz, rate_hz or kind.rate_hz, channels), kind.rate_hz
        yield Block(resample(_mixed(samples, kind.layout, channels), False), rate_hz or kind.rate_hz)
    if channels:
        yield Block(resample(np.zeros((0, channels), np.float32), True), rate_hz or source_hz)


def _as_it_is(samples: Samples, last: bool) -> Samples:
    return samples


def resampler(from_hz: int, to_hz: int, channels: int) -> Callable[[Samples, bool], Samples]:
    """Return a function of (block [n, c], whether it is the last) that resamples a stream piece by piece."""
    if from_hz == to_hz:
        return _as_it_is
    import soxr

    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32")

    def resample(samples: Samples, last: bool) -> Samples:
        flat = np.ascontiguousarray(samples)
        done: Samples = stream.resample_chunk(flat if channels > 1 else flat[:, 0], last=last)
        return done.reshape(-1, channels)

    return resample


def _batches(frames: "Iterator[AudioFrame]", clock: Clock) -> Iterator[tuple[Kind, Samples]]:
    """Join frames of a kind to float32 [n, c], and yield silence for the gaps between them."""
    kind: Kind | None = None
    waiting: list[AudioFrame] = []
    count = 0
    for frame in frames:
        layout, time_s = frame.layout, frame.time
        found = Kind(frame.format.name, frame.sample_rate, layout.name, layout.nb_channels)
        gap_s = time_s - clock.ends_s if time_s is not None and clock.ends_s is not None else 0.0
        gap = GAP_S[0] < gap_s < GAP_S[1]
        if kind is not None and (found != kind or count >= BATCH_FRAMES or gap):
            yield kind, _as_float(waiting, kind, count)
            waiting, count = [], 0
        if found != kind:
            _check(found)
            kind = found
        if gap:
            yield from ((found, silence) for silence in _silence(gap_s, found))
        waiting.append(frame)
        count += frame.samples
        if time_s is not None:
            clock.begins_s = clock.begins_s if clock.frames else time_s
            clock.ends_s = time_s + frame.samples / found.rate_hz
        clock.frames += frame.samples
    if kind is not None:
        yield kind, _as_float(waiting, kind, count)


def _check(kind: Kind) -> None:
    if not MIN_RATE_HZ <= kind.rate_hz <= MAX_RATE_HZ:
        raise CorruptMedia(
            "a sampling rate of {rate} Hz is outside {low}–{high} Hz; resample the audio first",
            rate=kind.rate_hz,
            low=MIN_RATE_HZ,
            high=MAX_RATE_HZ,
        )
    if kind.channels > MAX_PLANES and kind.form.endswith("p"):
        raise UnsupportedFormat(
            "the sound has {channels} channels and at most {limit} can be read; mix it down first",
            channels=kind.channels,
            limit=MAX_PLANES,
        )


def _silence(seconds: float, kind: Kind) -> Iterator[Samples]:
    left = round(seconds * kind.rate_hz)
    while left > 0:  # piece by piece: a forged clock must not fill the memory before a limit is met
        yield np.zeros((min(left, BATCH_FRAMES), kind.channels), np.float32)
        left -= BATCH_FRAMES


def _as_float(frames: "list[AudioFrame]", kind: Kind, count: int) -> Samples:
    """Join the planes of frames and scale them to -1..1 as float32 [n, c]."""
    packed = kind.form.removesuffix("p")
    planes = kind.channels if packed != kind.form else 1
    width = kind.channels // planes  # samples of one moment in a plane
    dtype, scale = SAMPLE_TYPES[packed]
    samples: Samples = np.empty((planes, count * width), np.float32)
    at = 0
    with np.errstate(over="ignore", invalid="ignore"):  # doubles may be too large: whoever takes the samples checks
        for frame in frames:
            ends = at + frame.samples * width
            for number, plane in enumerate(frame.planes[:planes]):
                samples[number, at:ends] = _plane(plane, dtype, ends - at)
            at = ends
    if packed == "u8":
        samples -= 128
    if scale != 1:
        samples *= np.float32(scale)
    return samples.T if planes > 1 else samples.reshape(count, width)


def _plane(plane: object, dtype: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
    """View a plane as an array; PyAV's planes have the buffer protocol, but their types do not say so."""
    return np.frombuffer(plane, dtype, count)  # type: ignore[call-overload, no-any-return]  # see above


def _mixed(samples: Samples, layout: str, channels: int) -> Samples:
    """Mix [n, any] to [n, 1 or 2]."""
    if samples.shape[1] > 2:
        samples = samples @ _to_stereo(layout, samples.shape[1])
    if samples.shape[1] == channels:
        return samples
    mixed: Samples = samples.mean(axis=1, keepdims=True) if channels == 1 else np.repeat(samples, 2, axis=1)
    return mixed


@cache
def _to_stereo(layout: str, channels: int) -> Samples:
    """Return the gains [c, 2] of each channel on the left and the right; they add up to 1, so that nothing clips."""
    from av import AudioLayout

    named = layout if layout != f"{channels} channels" else UNNAMED.get(channels, layout)
    gains = np.zeros((channels, 2), np.float32)
    for place, channel in enumerate(AudioLayout(named).channels):
        name = channel.name
        gain = 1.0 if name in ("FL", "FR") else 0.0 if name.startswith("LFE") else CENTRE
        left, right = name.endswith("L"), name.endswith("R")
        if name in ("NONE", "UNK"):  # several microphones: odd ones left, even ones right
            left, right = place % 2 == 0, place % 2 == 1
        gains[place] = gain * (not right), gain * (not left)
    shares: Samples = gains / np.maximum(gains.sum(axis=0), 1e-6)
    return shares

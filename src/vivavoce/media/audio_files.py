"""Sound files, read and written by FFmpeg's libraries (PyAV): they know more formats than libsndfile, and stream."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from vivavoce.errors import CorruptMedia, EmptyInput, TooLarge
from vivavoce.media.audio import MAX_RATE_HZ, MIN_RATE_HZ, Audio, Samples
from vivavoce.media.container_files import (
    check_length,
    decoded,
    open_container,
    open_target,
    read_origin,
    sound_stream,
    start_s,
    stream_duration_s,
)
from vivavoce.media.formats import AudioFormat
from vivavoce.media.limits import Limits
from vivavoce.media.origin import to_json
from vivavoce.media.sound_decoding import Block, Clock, convert, resampler

if TYPE_CHECKING:
    from av import Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

ENCODER_FRAMES = 8_192
ENCODER_OPTIONS = {"aac": {"aac_coder": "fast"}}  # on speech three times as fast as the default, and closer to it
PADDING_S = 0.1  # codecs fill up their last frame; where the header is exact, that much is cut
FIRST_GUESS_S = 60.0


def read_audio(
    file: IO[bytes],
    demuxer: str,
    limits: Limits,
    rate_hz: int | None = None,
    mono: bool = False,
    from_start: bool = False,
) -> Audio:
    """Decode the first sound track to float32 [n, 1 or 2], at its own rate or resampled to `rate_hz` on the way.

    More than two channels are mixed down to two. With `from_start` a track that begins after the container's others
    gets silence before it, so that times hold for all of them. Raises EmptyInput without sound, TooLarge over a limit.
    """
    with open_container(file, demuxer, limits) as container:
        stream = checked_stream(container, limits)
        if stream is None:
            raise EmptyInput("there is no sound track in it; give a recording")
        expected_s = stream_duration_s(container, stream)
        tape = Tape(expected_s, limits)
        clock = Clock(start_s(container) if from_start else None)
        for block in convert(decoded(container, stream), rate_hz, mono, clock):
            tape.add(block)
        if not tape.frames:
            raise EmptyInput("the sound track holds no samples; record it again")
        _check_complete(demuxer, stream, expected_s, clock)
        origin = read_origin(container.metadata, stream.metadata)
        frames = _without_padding(tape.frames, tape.rate_hz, stream)
    return Audio(tape.samples[:frames], tape.rate_hz, origin=origin)


def checked_stream(container: "InputContainer", limits: Limits) -> "AudioStream | None":
    """Return the sound track if its header is within the limits, None if there is none."""
    stream = sound_stream(container)
    if stream is None:
        return None
    if stream.rate > MAX_RATE_HZ:
        raise TooLarge(
            "a sampling rate of {rate} Hz is outside {low}–{high} Hz; resample the audio first",
            rate=stream.rate,
            low=MIN_RATE_HZ,
            high=MAX_RATE_HZ,
        )
    check_duration(stream_duration_s(container, stream), limits)
    return stream


def check_duration(length_s: float, limits: Limits) -> None:
    """Raise TooLarge when a recording is over the limit."""
    if length_s > limits.max_duration_s:
        raise TooLarge(
            "the recording lasts {seconds:.0f} s and the limit is {limit:.0f} s; cut it in parts",
            seconds=length_s,
            limit=limits.max_duration_s,
        )


class Tape:
    """Samples as they come in, in one array that grows: joining a list of blocks would take twice the memory."""

    def __init__(self, expected_s: float, limits: Limits) -> None:
        self.limits = limits
        self.expected_s = min(expected_s or FIRST_GUESS_S, limits.max_duration_s) + 1.0
        self.samples: Samples = np.zeros((0, 1), np.float32)
        self.frames = 0
        self.rate_hz = 0

    def add(self, block: Block) -> None:
        """Append a block; raise TooLarge when it goes over a limit."""
        if not len(block.samples):
            return
        after = self.frames + len(block.samples)
        channels = block.samples.shape[1]
        if after * channels > self.limits.max_samples:
            raise TooLarge(
                "the recording unpacks to more than {limit:,} samples; cut it in parts",
                limit=self.limits.max_samples,
            )
        check_duration(after / block.rate_hz, self.limits)
        if after > len(self.samples):
            self._grow(after, channels, block.rate_hz)
        self.samples[self.frames : after] = block.samples
        self.frames, self.rate_hz = after, block.rate_hz

    def _grow(self, needed: int, channels: int, rate_hz: int) -> None:
        room = max(needed, int(self.expected_s * rate_hz), len(self.samples) * 3 // 2)
        grown = np.empty((min(room, self.limits.max_samples // channels), channels), np.float32)
        grown[: self.frames] = self.samples[: self.frames]  # memory that is never written is never taken
        self.samples = grown


def _check_complete(demuxer: str, stream: "AudioStream", expected_s: float, clock: Clock) -> None:
    """Compare with the header: FLAC's is exact, MP3's a guess of FFmpeg's unless the encoder left a note."""
    if demuxer == "flac" and stream.duration and clock.frames < stream.duration:
        raise CorruptMedia(
            "the recording is cut short: its header promises {promised:.1f} s and {decoded:.1f} s can be read; "
            "get it again from its source",
            promised=expected_s,
            decoded=clock.frames / stream.rate,
        )
    if demuxer not in ("mp3", "aac") or (stream.start_time or 0) > 0:
        ends_s = clock.ends_s or 0.0
        check_length(expected_s, max(ends_s, ends_s - clock.begins_s))


def _without_padding(frames: int, rate_hz: int, stream: "AudioStream") -> int:
    """Return how many frames are content where the track's own clock counts samples."""
    if not stream.duration or stream.time_base != Fraction(1, stream.rate):
        return frames
    promised = round(stream.duration * rate_hz / stream.rate)
    return promised if 0 < frames - promised < PADDING_S * rate_hz else frames


def write_audio(audio: Audio, path: Path, form: AudioFormat) -> None:
    """Encode to `path`; a rate the codec can't take is raised to the next it can, samples beyond ±1 are clipped."""
    if not len(audio.samples):
        raise EmptyInput("the sound has no samples, so there is nothing to write; give a longer recording")
    with open_target(path, form.muxer) as container:
        container.metadata["comment"] = to_json(audio.origin)
        stream = add_sound(container, form, audio.rate_hz, audio.channels)
        if form.muxer == "ogg":
            stream.metadata["comment"] = to_json(audio.origin)  # Ogg keeps comments with the stream
        for _, packets in encoded(stream, [Block(audio.samples, audio.rate_hz)]):
            container.mux(packets)


def add_sound(container: "OutputContainer", form: AudioFormat, rate_hz: int, channels: int) -> "AudioStream":
    """Add a sound track for blocks of this rate; more than two channels become one."""
    from av.audio.stream import AudioStream

    fitting_hz = next((hz for hz in form.rates_hz if hz >= rate_hz), max(form.rates_hz or (rate_hz,)))
    layout = "stereo" if channels == 2 else "mono"
    options = ENCODER_OPTIONS.get(form.codec, {})
    stream = container.add_stream(form.codec, rate=fitting_hz, options=options, layout=layout)
    if not isinstance(stream, AudioStream):
        raise TypeError(f"{form.codec} is no sound codec")
    stream.codec_context.format = form.sample_format
    if form.bit_rate:
        stream.bit_rate = form.bit_rate if channels == 2 or fitting_hz > 24_000 else form.bit_rate // 2
    return stream


def encoded(stream: "AudioStream", blocks: Iterable[Block]) -> "Iterator[tuple[float, list[Packet[AudioStream]]]]":
    """Encode blocks of one rate; yield how far the sound has come, in seconds, and the packets up to there."""
    from av import AudioFrame

    at, channels = 0, stream.layout.nb_channels
    for samples in _pieces(blocks, stream.rate, channels):
        if not len(samples):
            continue
        planar = np.ascontiguousarray(np.clip(samples, -1.0, 1.0).T)
        frame = AudioFrame.from_ndarray(planar, format="fltp", layout=stream.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = stream.rate, at, Fraction(1, stream.rate)
        at += len(samples)
        yield at / stream.rate, stream.encode(frame)
    yield at / stream.rate, stream.encode(None)


def _pieces(blocks: Iterable[Block], rate_hz: int, channels: int) -> Iterator[Samples]:
    """Yield short pieces [n, channels] at the encoder's rate."""
    resample = None
    for block in blocks:
        mixed = block.samples if block.samples.shape[1] == channels else block.samples.mean(axis=1, keepdims=True)
        resample = resample or resampler(block.rate_hz, rate_hz, channels)
        for at in range(0, len(mixed), ENCODER_FRAMES):
            yield resample(mixed[at : at + ENCODER_FRAMES], False)
    if resample is not None:
        yield resample(np.zeros((0, channels), np.float32), True)

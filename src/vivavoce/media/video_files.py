"""Video files: read frame by frame, never whole."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from vivavoce.errors import CorruptMedia, EmptyInput, TooLarge
from vivavoce.media.audio import Audio
from vivavoce.media.audio_files import check_duration, checked_stream, read_audio
from vivavoce.media.container_files import (
    decoded,
    duration_s,
    open_container,
    picture_stream,
    read_origin,
    start_s,
)
from vivavoce.media.embedded_subtitles import read_embedded
from vivavoce.media.image import Pixels
from vivavoce.media.image_files import check_pixels
from vivavoce.media.limits import Limits
from vivavoce.media.origin import digest
from vivavoce.media.sound_decoding import Block, Clock, convert
from vivavoce.media.video import Frame, Video

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

OpenFile = Callable[[], AbstractContextManager[IO[bytes]]]

FALLBACK_FPS = 25.0
FPS_RANGE = (0.1, 120.0)  # beyond it a header counts ticks of a clock, not pictures
DIGEST_BYTES = 2**20  # a film is identified by its size and its first megabyte
NEAR_S = 2.0  # up to here decoding on is faster than seeking a key frame
A_MOMENT_S = 1e-3
RATIOS = (0.25, 4.0)  # a pixel of any other shape is a damaged header


@dataclass(frozen=True)
class FileFrames:
    """Frames and sound of a file that is opened anew for each pass over it; times start at 0."""

    open_file: OpenFile
    demuxer: str
    limits: Limits

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; raise TooLarge over `limits.max_frames`, CorruptMedia where much is damaged."""
        with self.open_file() as file, open_container(file, self.demuxer, self.limits) as container:
            stream = _checked_pictures(container, self.limits)
            for count, frame in enumerate(decoded(container, stream)):
                if count >= self.limits.max_frames:
                    raise TooLarge(
                        "the video has more than {limit:,} frames; cut it in parts",
                        limit=self.limits.max_frames,
                    )
                yield Frame(_upright(frame, stream, self.limits), _time_s(frame, container))

    def frames_at(self, times_s: Sequence[float]) -> Iterator[Frame]:
        """Yield the frame shown at each rising time, decoding on from the nearest key frame before it."""
        with self.open_file() as file, open_container(file, self.demuxer, self.limits) as container:
            stream = _checked_pictures(container, self.limits)
            coming = decoded(container, stream)
            shown = after = next(coming, None)
            near_s = NEAR_S
            for time_s in times_s:
                wanted_s = time_s + A_MOMENT_S
                reached_s = _time_s(after, container) if after is not None else wanted_s
                if wanted_s - reached_s > near_s and _seek(container, wanted_s):
                    coming = decoded(container, stream)
                    shown, after = after, next(coming, None)
                    shown = after or shown
                    if after is not None and _time_s(after, container) < reached_s:  # key frames lie far apart here
                        near_s = 2 * (wanted_s - _time_s(after, container))
                while after is not None and _time_s(after, container) <= wanted_s:
                    shown, after = after, next(coming, None)
                if shown is not None:
                    yield Frame(_upright(shown, stream, self.limits), _time_s(shown, container))

    def sound(self, rate_hz: int | None = None, mono: bool = False) -> Audio | None:
        """Decode the sound track from the start of the video on, or return None if there is none."""
        with self.open_file() as file:
            try:
                return read_audio(file, self.demuxer, self.limits, rate_hz, mono, from_start=True)
            except EmptyInput:
                return None

    def sound_blocks(self) -> Iterator[Block]:
        """Yield the sound track in blocks, for those who don't need it in memory."""
        with self.open_file() as file, open_container(file, self.demuxer, self.limits) as container:
            stream = checked_stream(container, self.limits)
            if stream is not None:
                yield from convert(decoded(container, stream), None, False, Clock(start_s(container)))

    def digest(self) -> str:
        """SHA-256 of the first megabyte and the size."""
        with self.open_file() as file:
            head = file.read(DIGEST_BYTES)
            return digest(head, str(file.seek(0, os.SEEK_END)))


def read_video(open_file: OpenFile, demuxer: str, limits: Limits) -> Video:
    """Open a video lazily: the header, the first picture and embedded subtitles are read now."""
    with open_file() as file, open_container(file, demuxer, limits) as container:
        stream = _checked_pictures(container, limits)
        first = next(decoded(container, stream), None)
        if first is None:
            raise EmptyInput("the video has no pictures; record it again")
        height, width = _upright(first, stream, limits).shape[:2]
        length_s = _length_s(container, stream)
        check_duration(length_s, limits)
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        return Video(
            source=FileFrames(open_file, demuxer, limits),
            width=width,
            height=height,
            fps=rate if FPS_RANGE[0] <= rate <= FPS_RANGE[1] else FALLBACK_FPS,
            duration_s=length_s,
            audible=bool(container.streams.audio),
            subtitles=read_embedded(container),
            origin=read_origin(container.metadata),
        )


def _checked_pictures(container: "InputContainer", limits: Limits) -> "VideoStream":
    stream = picture_stream(container)
    if stream is None:
        raise EmptyInput("there are no moving pictures in it; give a video")
    context = stream.codec_context
    if not context.width or not context.height:
        raise CorruptMedia("the video has no picture size; get it again from its source")
    check_pixels(context.width, context.height, limits)
    context.options = {"max_pixels": str(limits.max_pixels)}  # a stream may grow after its header
    stream.thread_type = "AUTO"
    return stream


def _length_s(container: "InputContainer", stream: "VideoStream") -> float:
    if container.duration:
        return duration_s(container)
    container.seek(0)  # a recording straight from a browser: only its last packet tells
    ends = (float((p.pts + (p.duration or 0)) * p.time_base) for p in container.demux(stream) if p.pts is not None)
    return max(ends, default=0.0)


def _time_s(frame: "VideoFrame", container: "InputContainer") -> float:
    """Return when a frame is shown, counted from the start of the video."""
    return max(0.0, frame.time - start_s(container)) if frame.pts is not None else 0.0


def _seek(container: "InputContainer", time_s: float) -> bool:
    """Go to the key frame before `time_s`; say whether that was possible."""
    import av

    try:
        container.seek(int((time_s + start_s(container)) * 1_000_000), backward=True)
    except av.error.FFmpegError:
        return False
    return True


def _upright(frame: "VideoFrame", stream: "VideoStream", limits: Limits) -> Pixels:
    """Return the picture as it is meant to be seen: with square pixels, turned as the camera says."""
    ratio = float(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
    width = round(frame.width * ratio) if RATIOS[0] <= ratio <= RATIOS[1] else frame.width
    check_pixels(max(width, frame.width), frame.height, limits)
    pixels = frame.to_ndarray(format="rgb24", width=width, height=frame.height).astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))

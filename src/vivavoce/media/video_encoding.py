"""Writing video files: picture, sound and subtitles interleaved by time, a few frames in memory at once."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from vivavoce.errors import EmptyInput
from vivavoce.media.audio_files import add_sound, encoded
from vivavoce.media.container_files import open_target
from vivavoce.media.embedded_subtitles import add_subtitles
from vivavoce.media.formats import AUDIO_FORMATS, VideoFormat
from vivavoce.media.image import Pixels
from vivavoce.media.origin import to_json
from vivavoce.media.sound_decoding import Block
from vivavoce.media.video import Frame, Video

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.video.stream import VideoStream

QUALITY = {
    "libx264": {"preset": "veryfast", "crf": "23"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "33", "b": "0", "row-mt": "1"},
}
ENCODER_THREADS = 2
SOUND_AHEAD_S = 0.5  # so that a player finds both near each other, and the muxer holds little back
BT709 = 1  # FFmpeg's number for the colours of high definition
LIMITED_RANGE = 1
FPS_RANGE = (0.1, 240.0)


@runtime_checkable
class StreamsSound(Protocol):
    """A source that can give its sound piece by piece."""

    def sound_blocks(self) -> Iterator[Block]:
        """Yield blocks of one rate and number of channels."""
        ...


def write_video(video: Video, path: Path, form: VideoFormat) -> None:
    """Encode to `path` at a steady frame rate: a frame is shown until the next, the last until the video ends.

    Frames of another size than the first are scaled to it. Raises EmptyInput for a video without any.
    """
    with open_target(path, form.muxer) as container:
        container.metadata["comment"] = to_json(video.origin)
        picture = _add_picture(container, video, form)
        sound = _add_sound(container, video, form)
        container.mux(add_subtitles(container, video.subtitles, form.subtitle_codec))
        step, number = 1 / Fraction(picture.codec_context.framerate), 0
        for number, drawn in enumerate(_steady(video, picture, float(step)), 1):
            drawn.pts, drawn.time_base = number - 1, step
            container.mux(picture.encode(drawn))
            for packets in sound.until(number * float(step) + SOUND_AHEAD_S):
                container.mux(packets)
        if not number:
            raise EmptyInput("there are no frames to write; give a video with pictures")
        container.mux(picture.encode(None))
        for packets in sound.until(float("inf")):
            container.mux(packets)


def _add_picture(container: "OutputContainer", video: Video, form: VideoFormat) -> "VideoStream":
    from av.video.stream import VideoStream

    rate = Fraction(min(max(video.fps, FPS_RANGE[0]), FPS_RANGE[1])).limit_denominator(1001)
    stream = container.add_stream(form.picture_codec, rate=rate, options=QUALITY[form.picture_codec])
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{form.picture_codec} is no picture codec")
    stream.width, stream.height = max(2, video.width // 2 * 2), max(2, video.height // 2 * 2)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = ENCODER_THREADS
    stream.color_primaries = stream.color_trc = stream.colorspace = BT709
    stream.color_range = LIMITED_RANGE
    return stream


def _steady(video: Video, stream: "VideoStream", step_s: float) -> "Iterator[VideoFrame]":
    """Yield one picture for each tick of the frame rate, repeating or dropping those of an unsteady source."""
    total = max(1, round(video.duration_s / step_s))
    shown: Frame | None = None
    drawn: VideoFrame | None = None
    done = 0
    for frame in video.source.frames():
        due = min(round(frame.time_s / step_s), max(total, done + 1))  # a forged clock must not fill the disk
        while drawn is not None and done < due:
            yield drawn
            done += 1
        if drawn is None or shown is None or frame.pixels is not shown.pixels:  # a still is converted once
            drawn = _as_yuv(frame.pixels, stream.width, stream.height)
        shown = frame
    while drawn is not None and done < max(total, 1):
        yield drawn
        done += 1


def _as_yuv(pixels: Pixels, width: int, height: int) -> "VideoFrame":
    """Convert RGB [height, width, 3]; one odd row or column is cut, any other size is scaled."""
    from av import VideoFrame

    if pixels.shape[0] - height in (0, 1) and pixels.shape[1] - width in (0, 1):
        pixels = pixels[:height, :width]
    whole = VideoFrame.from_ndarray(np.ascontiguousarray(pixels[..., :3]), format="rgb24")
    return whole.reformat(
        width, height, "yuv420p", dst_colorspace="ITU709", dst_color_range=LIMITED_RANGE, interpolation="AREA"
    )


class Track:
    """A sound track that is encoded as far as it is needed."""

    def __init__(self, packets: "Iterator[tuple[float, list[Packet[AudioStream]]]]") -> None:
        self.packets = packets
        self.at_s = 0.0

    def until(self, time_s: float) -> "Iterator[list[Packet[AudioStream]]]":
        """Yield the packets up to `time_s`."""
        while self.at_s < time_s:
            self.at_s, packets = next(self.packets, (float("inf"), []))
            yield packets


def _add_sound(container: "OutputContainer", video: Video, form: VideoFormat) -> Track:
    blocks = _blocks(video)
    first = next((block for block in blocks if len(block.samples)), None)
    if first is None:
        return Track(iter(()))
    stream = add_sound(container, AUDIO_FORMATS[form.sound], first.rate_hz, first.samples.shape[1])
    return Track(encoded(stream, chain([first], blocks)))


def _blocks(video: Video) -> Iterator[Block]:
    if not video.audible:
        return
    if isinstance(video.source, StreamsSound):
        yield from video.source.sound_blocks()
        return
    sound = video.source.sound()
    if sound is not None:
        yield Block(sound.samples, sound.rate_hz)

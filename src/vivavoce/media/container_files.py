"""Sound and video containers through FFmpeg's libraries (PyAV): opened here, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, overload

from vivavoce.errors import CorruptMedia, UnsupportedFormat
from vivavoce.media.completeness import check_whole
from vivavoce.media.formats import DECODERS, PICTURE_DECODERS, SOUND_DECODERS
from vivavoce.media.limits import Limits
from vivavoce.media.origin import Origin, from_json

if TYPE_CHECKING:
    from av import AudioFrame, VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

NO_PROBING = ("mpeg",)  # its tracks turn up only while probing, too late for a limit; its packets tell enough
GOOD_PACKETS_PER_BAD = 50  # players skip a damaged packet; more than this many and it is a damaged file
ENOUGH_S = 0.95  # the share of the promised length that must be there where the promise is no exact one
WEBM_LENGTH_TAGS = ("DURATION", "DURATION-eng")


def _refuse_to_open(url: str, *_: object) -> NoReturn:
    raise PermissionError(f"{url} is another file")


@contextmanager
def open_container(file: IO[bytes], demuxer: str, limits: Limits) -> "Iterator[InputContainer]":
    """Open a container with a named demuxer, so that FFmpeg guesses nothing and opens nothing else.

    FFmpeg decodes the first frames to learn what the header leaves out; they too are held to `limits.max_pixels`. Its
    errors become CorruptMedia.
    """
    import av

    check_whole(file, demuxer)
    known = DECODERS if demuxer not in NO_PROBING else ("none",)
    try:
        with av.open(
            file,
            "r",
            demuxer,
            options={"max_pixels": str(limits.max_pixels)},
            container_options={"codec_whitelist": ",".join(sorted(known)), "protocol_whitelist": "none"},
            metadata_errors="replace",
            io_open=_refuse_to_open,
        ) as container:
            yield container
    except (av.error.FFmpegError, EOFError, OverflowError) as error:
        raise CorruptMedia(
            "the {format} content is damaged or cut short ({reason}); get it again from its source",
            format=demuxer,
            reason=getattr(error, "strerror", None) or error,
        ) from error


@contextmanager
def open_target(path: Path, muxer: str) -> "Iterator[OutputContainer]":
    """Create a container; FFmpeg's errors become OSError, so that a full disk looks the same whoever meets it."""
    import av

    options = {"movflags": "+faststart"} if muxer in ("mp4", "mov", "ipod") else {}
    try:
        with av.open(str(path), "w", muxer, container_options=options) as container:
            yield container
    except av.error.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from error


def sound_stream(container: "InputContainer") -> "AudioStream | None":
    """Return the first sound track, or None; raise UnsupportedFormat for a codec that is not on the list."""
    if not container.streams.audio:
        return None
    _check_codec(container.streams.audio[0], SOUND_DECODERS)
    return container.streams.audio[0]


def picture_stream(container: "InputContainer") -> "VideoStream | None":
    """Return the first track of moving pictures, or None; the cover of an album is none."""
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            _check_codec(stream, PICTURE_DECODERS)
            return stream
    return None


def _check_codec(stream: "Stream", known: frozenset[str]) -> None:
    context: Any = stream.codec_context  # None where FFmpeg has no decoder at all, which its types don't say
    name = context.name if context is not None else "unknown"
    if name not in known:
        raise UnsupportedFormat(
            "a track is coded as {codec}, which is not read here; convert it to H.264 or AAC first", codec=name
        )


def duration_s(container: "InputContainer") -> float:
    """Return the length that the header gives, 0 where it gives none."""
    return max(0.0, container.duration / 1_000_000) if container.duration else 0.0


def start_s(container: "InputContainer") -> float:
    """Return when the first track begins on the container's own clock."""
    return container.start_time / 1_000_000 if container.start_time else 0.0


def stream_duration_s(container: "InputContainer", stream: "Stream") -> float:
    """Return the length that the header gives for one track, 0 where it gives none."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    if len(container.streams) == 1:
        return duration_s(container)
    clock = next((stream.metadata[tag] for tag in WEBM_LENGTH_TAGS if tag in stream.metadata), "")
    hours, _, rest = clock.partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0


@overload
def decoded(container: "InputContainer", stream: "AudioStream") -> "Iterator[AudioFrame]": ...


@overload
def decoded(container: "InputContainer", stream: "VideoStream") -> "Iterator[VideoFrame]": ...


def decoded(container: "InputContainer", stream: "AudioStream | VideoStream") -> Iterator[Any]:
    """Decode a track, skipping damaged packets; raise CorruptMedia when there are many."""
    import av

    good, bad, cause = 0, 0, None
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
            good += 1
        except av.error.InvalidDataError as error:
            bad, cause = bad + 1, error
    if bad > 1 + good // GOOD_PACKETS_PER_BAD:
        raise CorruptMedia(
            "{bad} of {total} packets are damaged; get the file again from its source",
            bad=bad,
            total=good + bad,
        ) from cause


def check_length(promised_s: float, decoded_s: float) -> None:
    """Raise CorruptMedia when much less could be decoded than the header promises."""
    if decoded_s < promised_s * ENOUGH_S and promised_s - decoded_s > 0.5:
        raise CorruptMedia(
            "the recording is cut short: its header promises {promised:.1f} s and {decoded:.1f} s can be read; "
            "get it again from its source",
            promised=promised_s,
            decoded=decoded_s,
        )


def read_origin(*metadata: dict[str, str]) -> Origin:
    """Return the first trail among the comments of a container and its tracks."""
    for tags in metadata:
        for key, value in tags.items():
            if key.lower() == "comment" and (found := from_json(value)):
                return found
    return ()

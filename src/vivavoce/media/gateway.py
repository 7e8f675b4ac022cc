"""The one door for media: every file, stream or run of bytes comes in here and every result goes out here.

Content decides what an input is, never its name; formats are on a list; limits hold while decoding. Nothing outside
this room opens media.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, TypeAlias

from vivavoce.errors import CorruptMedia, EmptyInput, MissingFile, TooLarge, UsageError
from vivavoce.media import (
    audio_files,
    container_files,
    image_files,
    mesh_files,
    table_files,
    text_files,
    video_encoding,
    video_files,
    xlsx_files,
)
from vivavoce.media.atomic import replacing, shown
from vivavoce.media.audio import MAX_RATE_HZ, MIN_RATE_HZ, Audio
from vivavoce.media.formats import (
    AUDIO_FORMATS,
    IMAGE_FORMATS,
    MESH_FORMATS,
    TABLE_FORMATS,
    TEXT_FORMATS,
    VIDEO_FORMATS,
    Sniffed,
    sniff,
)
from vivavoce.media.image import Image
from vivavoce.media.limits import DEFAULT_LIMITS, Limits
from vivavoce.media.mesh import Mesh
from vivavoce.media.modality import Modality
from vivavoce.media.origin import to_json
from vivavoce.media.table import Table
from vivavoce.media.text import Text
from vivavoce.media.video import Video

Value: TypeAlias = Text | Audio | Image | Video | Table | Mesh
Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

HEAD_BYTES = 4096
CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class Input:
    """An input that has been looked at but not yet decoded: its modality, and its length in seconds for sound."""

    source: "Path | bytes"
    name: str
    modality: Modality
    sniffed: Sniffed
    duration_s: float = 0.0


def open_value(
    source: Source, *, limits: Limits = DEFAULT_LIMITS, rate_hz: int | None = None, mono: bool = False
) -> Value:
    """Open a path, bytes or a binary stream as the value it holds; sound may be resampled while it is decoded.

    Raises MissingFile, UnsupportedFormat, CorruptMedia, TooLarge or EmptyInput, and UsageError for a source of another
    type or a rate out of range.
    """
    return decode(look(source, limits=limits), limits=limits, rate_hz=rate_hz, mono=mono)


def look(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Input:
    """Tell what `source` holds without decoding it."""
    content, name = _content(source, limits)
    with _opened(content) as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise EmptyInput("{name} is empty (0 bytes); give a file with content", name=name)
        sniffed = sniff(head)
        file.seek(0)
        if sniffed.family == "image":
            return Input(content, name, Modality.IMAGE, sniffed)
        if sniffed.family == "mesh":
            return Input(content, name, Modality.MESH, sniffed)
        if sniffed.family == "xlsx":
            return Input(content, name, Modality.TABLE, sniffed)
        if sniffed.family == "av":
            return _look_at_container(Input(content, name, Modality.SPEECH, sniffed), file, limits)
        value = text_files.read_text(_read_all(file, limits), name, limits)
        return Input(content, name, value.modality, sniffed)


def decode(found: Input, *, limits: Limits = DEFAULT_LIMITS, rate_hz: int | None = None, mono: bool = False) -> Value:
    """Decode what `look` found."""
    if rate_hz is not None and not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise UsageError(
            "can't resample to {rate} Hz; choose a rate of {low}–{high} Hz",
            rate=rate_hz,
            low=MIN_RATE_HZ,
            high=MAX_RATE_HZ,
        )
    try:
        return _decoded(found, limits, rate_hz, mono)
    except MemoryError as error:
        raise TooLarge("{name} needs more memory than there is; cut it in parts", name=found.name) from error


def _decoded(found: Input, limits: Limits, rate_hz: int | None, mono: bool) -> Value:
    if found.modality is Modality.VIDEO:
        return video_files.read_video(lambda: _opened(found.source), found.sniffed.name, limits)
    with _opened(found.source) as file:
        if found.modality is Modality.SPEECH:
            return audio_files.read_audio(file, found.sniffed.name, limits, rate_hz, mono)
        if found.modality is Modality.IMAGE:
            return image_files.read_image(file, found.sniffed.name, limits)
        if found.modality is Modality.MESH:
            return mesh_files.read_mesh(file, found.sniffed.name, limits)
        if found.sniffed.family == "xlsx":
            return xlsx_files.read_xlsx(file, limits)
        return text_files.read_text(_read_all(file, limits), found.name, limits)


def _content(source: Source, limits: Limits) -> tuple[Path | bytes, str]:
    if isinstance(source, bytes | bytearray | memoryview):
        content: Path | bytes = bytes(source)
        name, size = "<bytes>", len(source)
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        name, size = shown(path), _size_of(path)
        content = path.absolute()  # a video is opened again later, perhaps from another folder
    elif callable(getattr(source, "read", None)):
        content = _drain(source, limits)
        name, size = shown(Path(str(getattr(source, "name", "<stream>")))), len(content)
    else:
        raise UsageError(
            "can't open a value of type {kind}; give a path, bytes or a binary stream", kind=type(source).__name__
        )
    if size > limits.max_bytes:
        raise TooLarge("{name} has over {limit:,} bytes, the limit; cut it in parts", name=name, limit=limits.max_bytes)
    return content, name


def _drain(stream: BinaryIO, limits: Limits) -> bytes:
    """Read a stream to its end, but not further than a byte over the limit."""
    chunks: list[bytes] = []
    left = limits.max_bytes + 1
    try:
        while left > 0 and (chunk := stream.read(min(left, CHUNK_BYTES))):
            if not isinstance(chunk, bytes | bytearray | memoryview):
                raise UsageError("the stream gives text, not bytes; open it in binary mode")
            chunks.append(bytes(chunk))
            left -= len(chunk)
    except (OSError, ValueError) as error:  # broken off, or closed
        raise CorruptMedia("the stream can't be read ({reason}); open it again", reason=error) from error
    return b"".join(chunks)


def _read_all(file: IO[bytes], limits: Limits) -> bytes:
    most = limits.max_characters * text_files.BYTES_PER_CHARACTER
    content = file.read(most + 1)
    if len(content) > most:
        raise TooLarge(
            "the text has over {limit:,} characters, the limit; cut it in parts", limit=limits.max_characters
        )
    return content


def _size_of(path: Path) -> int:
    try:
        if path.is_dir():
            raise MissingFile("{path} is a folder; name a file in it", path=shown(path))
        if not path.exists():
            raise _missing(path)
        if not path.is_file():
            raise MissingFile("{path} is no ordinary file; give its content through “-”", path=shown(path))
        if not os.access(path, os.R_OK):
            raise MissingFile("no permission to read {path}; change its mode", path=shown(path))
        return path.stat().st_size
    except (OSError, ValueError) as error:  # a name too long, or with a null character
        raise _missing(path) from error


def _missing(path: Path) -> MissingFile:
    if str(path).startswith(("http:/", "https:/", "ftp:/", "rtsp:/")):
        return MissingFile("{path} is an address, not a file; download it and give the file", path=shown(path))
    return MissingFile("there is no file {path}; check the name", path=shown(path))


@contextmanager
def _opened(content: Path | bytes) -> Iterator[IO[bytes]]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    try:
        file = content.open("rb")
    except OSError as error:
        raise _missing(content) from error
    with file:
        yield file


def _look_at_container(found: Input, file: IO[bytes], limits: Limits) -> Input:
    with container_files.open_container(file, found.sniffed.name, limits) as container:
        length_s = container_files.duration_s(container)
        if container_files.picture_stream(container):
            return replace(found, modality=Modality.VIDEO, duration_s=length_s)
        if container_files.sound_stream(container):
            return replace(found, duration_s=length_s)
    raise CorruptMedia("{name} holds neither sound nor moving pictures; check the file", name=found.name)


def save(value: Value, target: str | os.PathLike[str], *, overwrite: bool = False, sidecar: bool = False) -> Path:
    """Write `value` in the format that the target's name asks for, all or nothing, and return the path.

    The origin goes into the file's metadata; text and tables have no place for it, so `sidecar` writes it beside them
    as `<name>.origin.json`. Raises UsageError when the name asks for another modality, OutputError when it can't be
    written.
    """
    path = Path(target)
    check_format(value.modality, path)
    with replacing(path, overwrite) as temporary:
        _write(value, temporary, path.suffix.lower().removeprefix("."))
    if sidecar:
        with replacing(path.with_name(path.name + ".origin.json"), overwrite) as temporary:
            temporary.write_text(to_json(value.origin) + "\n", encoding="utf-8")
    return path


def _write(value: Value, path: Path, suffix: str) -> None:
    match value:
        case Audio():
            audio_files.write_audio(value, path, AUDIO_FORMATS[suffix])
        case Image():
            image_files.write_image(value, path, suffix)
        case Video():
            video_encoding.write_video(value, path, VIDEO_FORMATS[suffix])
        case Table():
            table_files.write_table(value, path, suffix)
        case Mesh():
            mesh_files.write_mesh(value, path, suffix)
        case Text():
            text_files.write_text(value, path, suffix)


WRITABLE = {
    Modality.TEXT: (*TEXT_FORMATS, "tsv"),
    Modality.SPEECH: tuple(AUDIO_FORMATS),
    Modality.IMAGE: tuple(IMAGE_FORMATS),
    Modality.VIDEO: tuple(VIDEO_FORMATS),
    Modality.TABLE: TABLE_FORMATS,
    Modality.MESH: MESH_FORMATS,
}


def check_format(modality: Modality, target: Path) -> None:
    """Raise UsageError unless a value of `modality` can be written under the name `target`."""
    if target.suffix.lower().removeprefix(".") not in WRITABLE[modality]:
        raise UsageError(
            "{modality} can't be written as {name}; end the name in one of {known}",
            modality=modality.value,
            name=target.name,
            known=" ".join(f".{suffix}" for suffix in WRITABLE[modality]),
        )

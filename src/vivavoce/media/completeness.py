"""Whether a file is whole: containers say how long they are, and a download that broke off is shorter than that.

Decoders are lenient: half a WAV or Ogg file decodes without a complaint. Only structure is read here, no media.
"""

import os
from typing import IO

from vivavoce.errors import CorruptMedia

UNKNOWN_RIFF_BYTES = 0x7FFF_0000  # recorders that can't go back write this much or more: "until the end"
SLACK_BYTES = 16  # writers disagree whether padding and the header itself count
MP3_SLACK_BYTES = 4096
OGG_PAGE_BYTES = 65_307  # the longest page there is
MAX_BOXES = 100_000
EBML_SEGMENT = 0x18538067


def check_whole(file: IO[bytes], demuxer: str) -> None:
    """Raise CorruptMedia when the file ends before the length that it promises; leave it at its start."""
    measure = MEASURES.get(demuxer)
    if measure is None:
        return
    size = file.seek(0, os.SEEK_END)
    promised = measure(file, size)
    file.seek(0)
    if promised is not None and promised > size:
        raise CorruptMedia(
            "the {format} content is cut short: it should have {promised:,} bytes and has {got:,}; "
            "get it again from its source",
            format=demuxer,
            promised=promised,
            got=size,
        )


def _at(file: IO[bytes], offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _riff_bytes(file: IO[bytes], size: int) -> int | None:
    head = _at(file, 0, 8)
    length = int.from_bytes(head[4:8], "big" if head[:4] == b"FORM" else "little")
    if head[:4] == b"RF64" or length == 0 or length >= UNKNOWN_RIFF_BYTES:
        return None
    return length + 8 - SLACK_BYTES


def _mp4_bytes(file: IO[bytes], size: int) -> int | None:
    """Walk the boxes of the top level; the last must end where the file does."""
    offset = 0
    for _ in range(MAX_BOXES):
        head = _at(file, offset, 16)
        length, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if len(head) < 8 or length < 8 or not kind.isalnum():  # the end, "until the end", or padding
            return None
        offset += length
        if offset > size:
            return offset
    return None


def _ebml_number(content: bytes, keep_marker: bool) -> tuple[int, int]:
    """Return an EBML variable-length number and its length in bytes; (-1, 1) where it is unknown or malformed."""
    first = content[0] if content else 0
    length = 9 - first.bit_length()
    if not first or len(content) < length:
        return -1, 1
    value = int.from_bytes(content[:length], "big")
    unmarked = value & ~(1 << 7 * length)
    if not keep_marker and unmarked == (1 << 7 * length) - 1:
        return -1, length
    return (value if keep_marker else unmarked), length


def _matroska_bytes(file: IO[bytes], size: int) -> int | None:
    """Skip the EBML header and read how long the segment after it is; a live recording doesn't say."""
    offset = 0
    for _ in range(4):
        head = _at(file, offset, 16)
        name, used = _ebml_number(head, keep_marker=True)
        length, more = _ebml_number(head[used:], keep_marker=False)
        if name < 0 or length < 0:
            return None
        offset += used + more + length
        if name == EBML_SEGMENT:
            return offset
    return None


def _ogg_bytes(file: IO[bytes], size: int) -> int | None:
    """Read from the last page's own table where it ends."""
    start = max(0, size - OGG_PAGE_BYTES)
    tail = _at(file, start, OGG_PAGE_BYTES)
    page = tail.rfind(b"OggS\x00")
    if page < 0:
        return None
    segments = tail[page + 26] if len(tail) > page + 26 else 255
    table = tail[page + 27 : page + 27 + segments]
    return start + page + 27 + segments + sum(table)


def _mp3_bytes(file: IO[bytes], size: int) -> int | None:
    """Read the length that encoders of variable bit rate note in the first frame ("Xing" or "Info")."""
    head = _at(file, 0, 10)
    start = 0
    if head[:3] == b"ID3":
        start = 10 + sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(head[6:10])))
    frame = _at(file, start, 64)
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    flags = int.from_bytes(frame[tag + 4 : tag + 8], "big")
    if tag < 0 or not flags & 2:
        return None
    field = tag + 8 + (4 if flags & 1 else 0)
    return start + int.from_bytes(frame[field : field + 4], "big") - MP3_SLACK_BYTES


MEASURES = {
    "wav": _riff_bytes,
    "avi": _riff_bytes,
    "aiff": _riff_bytes,
    "mp4": _mp4_bytes,
    "matroska": _matroska_bytes,
    "ogg": _ogg_bytes,
    "mp3": _mp3_bytes,
}

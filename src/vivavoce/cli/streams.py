"""Files and the standard streams: “-” reads from the one and writes to the other."""

import sys
import tempfile
from pathlib import Path

from vivavoce.errors import TooLarge
from vivavoce.media.atomic import check_writable
from vivavoce.media.gateway import Source, Value, check_format, save
from vivavoce.media.modality import Modality

STREAM = "-"
MAX_STREAM_BYTES = 2**30  # a stream is held in memory; larger inputs come as files
STREAMED_AS = {
    Modality.TEXT: "txt",
    Modality.SPEECH: "wav",
    Modality.IMAGE: "png",
    Modality.VIDEO: "mp4",
    Modality.TABLE: "csv",
    Modality.MESH: "glb",
}


def source(name: str) -> Source:
    """Return what to open for an argument: its name, or the bytes of standard input."""
    if name != STREAM:
        return name
    content = sys.stdin.buffer.read(MAX_STREAM_BYTES + 1)
    if len(content) > MAX_STREAM_BYTES:
        raise TooLarge("{name} has over {limit:,} bytes, the limit; cut it in parts", name="-", limit=MAX_STREAM_BYTES)
    return content


def check_target(name: str, modality: Modality, overwrite: bool) -> None:
    """Raise before any work is done if the result could not be written under this name."""
    if name != STREAM:
        check_format(modality, Path(name))
        check_writable(Path(name), overwrite)


def write(value: Value, name: str, overwrite: bool, sidecar: bool = False) -> None:
    """Save `value`, or write it to standard output in its modality's common format."""
    if name != STREAM:
        save(value, name, overwrite=overwrite, sidecar=sidecar)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = save(value, Path(folder) / f"out.{STREAMED_AS[value.modality]}")
        with file.open("rb") as content:
            out = sys.stdout.buffer
            while block := content.read(1 << 20):
                out.write(block)
            out.flush()

"""Values and files that the tests of this room share; bytes that no writer of ours would produce are built by hand."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vivavoce.media.audio import Audio
from vivavoce.media.gateway import save
from vivavoce.media.image import Image
from vivavoce.media.origin import Step
from vivavoce.media.text import Segment, Text, Word
from vivavoce.media.video import Frame, Video

TRAIL = (
    Step(engine="espeak", model="en-us", seconds=0.25, confidence=0.5, parameters={"语速": "1.2"}, inputs=("ab",)),
)
TRANSCRIPT = Text.from_segments(
    [
        Segment("Hello world.", 0.25, 0.75, (Word("Hello", 0.25, 0.5, 0.9), Word("world.", 0.5, 0.75, 0.8)), 0.85),
        Segment("a < b & c > d", 1.0, 1.5),
    ],
    "en",
)
CHINESE = Text.from_segments([Segment("你好，世界。", 0.25, 0.75), Segment("今天天气很好。", 1.0, 1.5)], "zh")


def melody(seconds=1.0, rate_hz=16_000, channels=1, origin=()):
    """Return sound that no shift leaves alike: a rising tone, a little different in each channel."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    rising = [0.4 * np.sin(2 * np.pi * (200 + 150 * time_s + 60 * c) * time_s) for c in range(channels)]
    return Audio(np.stack(rising, axis=1).astype(np.float32), rate_hz, origin=origin)


def similarity(first, second, rate_hz=8_000):
    """Return the correlation of two sounds at a common rate, over their common length, and their shift in seconds."""
    a, b = first.at(rate_hz), second.at(rate_hz)
    n = min(len(a), len(b))
    a, b = a[:n].astype(np.float64), b[:n].astype(np.float64)
    spectrum = np.fft.rfft(a, 2 * n).conj() * np.fft.rfft(b, 2 * n)
    products = np.fft.irfft(spectrum)
    at = int(products.argmax())
    shift = at if at < n else at - 2 * n
    return products.max() / np.sqrt((a @ a) * (b @ b)), shift / rate_hz


def picture(width=64, height=48, alpha=False):
    """Return a picture of which no turn or mirror image is the same."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.zeros((height, width, 4 if alpha else 3), np.uint8)
    pixels[..., 0] = x * 255 // max(1, width - 1)
    pixels[..., 1] = y * 255 // max(1, height - 1)
    pixels[: height // 4, : width // 4, 2] = 255
    if alpha:
        pixels[..., 3] = 255 - pixels[..., 0]
    return Image(pixels)


@dataclass(frozen=True)
class Drawn:
    """A source of frames: bright ones get brighter, so that each tells its number."""

    count: int
    fps: float = 25.0
    width: int = 64
    height: int = 48
    audio: Audio | None = None

    def frames(self) -> Iterator[Frame]:
        for number in range(self.count):
            yield Frame(np.full((self.height, self.width, 3), level(number), np.uint8), number / self.fps)

    def frames_at(self, times_s):
        frames = list(self.frames())
        for time_s in times_s:
            yield max((f for f in frames if f.time_s <= time_s + 1e-6), key=lambda f: f.time_s)

    def sound(self, rate_hz=None, mono=False):
        return self.audio

    def digest(self):
        return "drawn"


def level(number):
    """Return the grey of a frame by its number; it comes back after 100 frames."""
    return 20 + 2 * (number % 100)


def film(count=50, fps=25.0, width=64, height=48, audio=None, subtitles=None, origin=()):
    source = Drawn(count, fps, width, height, audio)
    return Video(
        source=source,
        width=width,
        height=height,
        fps=fps,
        duration_s=count / fps,
        audible=audio is not None,
        subtitles=subtitles,
        origin=origin,
    )


def content_of(value, suffix, folder):
    """Return the bytes of `value` saved in a format."""
    return save(value, folder / f"sample.{suffix}", overwrite=True).read_bytes()


def wav(samples=b"\0\0" * 800, rate_hz=8_000, channels=1, bits=16, kind=1, data_bytes=None):
    """Return a WAV file whose header may lie; `kind` 1 is PCM, 3 float."""
    align = channels * bits // 8 & 0xFFFF
    form = struct.pack("<HHIIHH", kind, channels, rate_hz, rate_hz * align & 0xFFFFFFFF, align, bits)
    data = struct.pack("<I", len(samples) if data_bytes is None else data_bytes) + samples
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png(width, height, rows=b"\0" * 1_000, depth=8):
    """Return a PNG file of RGB rows, each behind the byte of its filter; the header may promise more than they are."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "/xl/workbook.xml": "sheet.main",
    "/xl/worksheets/sheet1.xml": "worksheet",
    "/xl/sharedStrings.xml": "sharedStrings",
    "/xl/styles.xml": "styles",
}
OVERRIDES = "".join(
    f'<Override PartName="{part}" ContentType="{SHEET_ML}.{kind}+xml"/>' for part, kind in PARTS.items()
)
CONTENT_TYPES = f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{OVERRIDES}</Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""
BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Prices" sheetId="1" r:id="rId1"/></sheets></workbook>"""
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def xlsx(rows_xml, shared=(), styles=""):
    """Return a workbook of one sheet, from the XML inside its <sheetData>."""
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows_xml}</sheetData></worksheet>",
    }
    parts["xl/sharedStrings.xml"] = f"<sst {MAIN}>{''.join(f'<si><t>{t}</t></si>' for t in shared)}</sst>"
    parts["xl/styles.xml"] = f"<styleSheet {MAIN}>{styles}</styleSheet>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return content.getvalue()


PEAK_MB = """
def peak_mb():  # not ru_maxrss, which starts from that of the parent process
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
"""
MEASURE = (
    PEAK_MB
    + """
import sys
from vivavoce.errors import VivavoceError
from vivavoce.media.gateway import open_value
from vivavoce.media.limits import UPLOAD_LIMITS, Limits

open_value(sys.argv[2])  # a harmless file of the same kind loads the libraries
before = peak_mb()
try:
    open_value(sys.argv[1], limits=UPLOAD_LIMITS)
    outcome = "opened"
except VivavoceError as error:
    outcome = type(error).__name__
print(outcome, round(peak_mb() - before, 1))
"""
)


def opened_elsewhere(path, harmless):
    """Open `path` under the upload limits in a process of its own; return the outcome and its growth in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path, harmless], capture_output=True, text=True, check=True, timeout=120
    )
    outcome, growth_mb = done.stdout.split()
    return outcome, float(growth_mb)

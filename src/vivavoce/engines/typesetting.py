"""Setting type: colours of the themes, lines that fit a width, the size that fits a box, and drawing them.

Used wherever text becomes pixels: cards, slides, captions, contact sheets. Chinese and Japanese break between
any two characters, but closing punctuation never begins a line and opening punctuation never ends one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.engines.fonts import CJK_BLOCKS, drawable, font_path
from vivavoce.engines.options import Theme
from vivavoce.media.image import Pixels

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]

LEADING = 1.45  # height of a line, in sizes
PARAGRAPH_GAP = 0.55  # between paragraphs, in sizes


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of a theme: ground, text, quieter text, what stands out, and a panel on the ground."""

    ground: Colour
    ink: Colour
    muted: Colour
    accent: Colour
    panel: Colour


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        ground=(250, 250, 252),
        ink=(24, 28, 38),
        muted=(122, 130, 146),
        accent=(0, 92, 190),
        panel=(232, 236, 244),
    ),
    "dark": Palette(
        ground=(17, 20, 28),
        ink=(240, 242, 246),
        muted=(126, 136, 154),
        accent=(255, 184, 76),
        panel=(32, 37, 50),
    ),
    "paper": Palette(
        ground=(247, 240, 226),
        ink=(56, 44, 32),
        muted=(146, 128, 104),
        accent=(160, 52, 24),
        panel=(234, 223, 202),
    ),
}


@dataclass(frozen=True)
class Paragraph:
    """Text that begins a new line; `scale` and the `gap` before it are measured in sizes of the block."""

    text: str
    scale: float = 1.0
    bold: bool = False
    gap: float = PARAGRAPH_GAP


@dataclass(frozen=True)
class Line:
    """A line of `paragraph` (a number) from its character `start` on, `top` pixels below the block's top."""

    text: str
    paragraph: int
    start: int
    top: int
    size: int
    font: Path

    @property
    def face(self) -> "FreeTypeFont":
        """The font at its size."""
        return face(self.font, self.size)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.face.getlength(self.text)


@dataclass(frozen=True)
class Block:
    """Set lines, their size and the height they take in pixels; `cut` when not all of the text is there."""

    lines: tuple[Line, ...]
    size: int
    height: int
    cut: bool = False


@lru_cache(maxsize=128)
def face(font: Path, size: int) -> "FreeTypeFont":
    """Return a font at a size in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(font), size)


_CJK = "".join(f"{chr(block.start)}-{chr(block.stop - 1)}" for block in CJK_BLOCKS) + "\uff00-\uffef"
_OPENING = "“‘（「『【《〈〔［｛"
_CLOSING = "”’）」』】》〉〕］｝、。，．：；！？…—～·％"
_UNIT = re.compile(rf"\s*(?:[{_OPENING}]*(?:[{_CJK}][{_CLOSING},.!?;:)\]%]*|[^\s{_CJK}]+[{_CLOSING}]*)|[{_OPENING}]+)")
SENTENCE_END = re.compile(r"[.!?][\"'”’)]*(?=\s|$)|[。！？…][”’」』）]*")


def units(text: str) -> list[str]:
    """Split into the parts between which a line may break; spaces stay before the part that follows them."""
    return _UNIT.findall(text)


def wrap(text: str, font: "FreeTypeFont", width: float) -> list[tuple[int, str]]:
    """Break `text` into lines no wider than `width` pixels: each with its place in `text`."""
    lines: list[tuple[int, str]] = []
    at, start, line, used = 0, 0, "", 0.0
    for unit in _narrow(text, font, width):
        needed = font.getlength(unit)
        if line and used + needed > width:
            lines.append((start, line))
            line, used = "", 0.0
        if not line:
            start = at + len(unit) - len(unit.lstrip())
            line = unit.lstrip()
            used = font.getlength(line)
        else:
            line, used = line + unit, used + needed
        at += len(unit)
    return [*lines, (start, line)] if line else lines


def _narrow(text: str, font: "FreeTypeFont", width: float) -> list[str]:
    """Return the units of `text`, those wider than a whole line cut into characters."""
    parts: list[str] = []
    for unit in units(text):
        parts.extend(unit if font.getlength(unit.lstrip()) > width else (unit,))
    return parts


def lay_out(paragraphs: Sequence[Paragraph], width: float, size: int) -> Block:
    """Set `paragraphs` in lines of `width` pixels at `size` pixels, whatever height that takes."""
    lines: list[Line] = []
    top = 0.0
    for number, paragraph in enumerate(paragraphs):
        if not paragraph.text:
            continue
        scaled = max(1, round(size * paragraph.scale))
        font = font_path(paragraph.text, paragraph.bold)
        top += paragraph.gap * size if lines else 0.0
        for start, text in wrap(paragraph.text, face(font, scaled), width):
            lines.append(Line(text, number, start, round(top), scaled, font))
            top += scaled * LEADING
    return Block(tuple(lines), size, round(top))


@lru_cache(maxsize=64)
def balanced(paragraph: Paragraph, width: float, size: int) -> Block:
    """Set one paragraph in as few lines as `width` allows, and those about equally long."""
    block = lay_out([paragraph], width, size)
    low, high = int(width) // 2, int(width)
    while len(block.lines) > 1 and high - low > size // 2:
        middle = (low + high) // 2
        tried = lay_out([paragraph], middle, size)
        if len(tried.lines) == len(block.lines):
            block, high = tried, middle
        else:
            low = middle
    return block


def fit(paragraphs: Sequence[Paragraph], box: tuple[int, int], largest: int, smallest: int) -> Block:
    """Set `paragraphs` as large as fits a box of (width, height) pixels; cut what does not fit at `smallest`.

    Text that is cut ends with “…” after a sentence, or after a word where no sentence fits.
    """
    width, height = box
    legible = [_legible(paragraph) for paragraph in _bounded(paragraphs, box, smallest)]
    low, high = smallest, max(largest, smallest)
    best = lay_out(legible, width, smallest)
    if best.height > height:
        return _cut(legible, box, smallest)
    while low < high:
        middle = (low + high + 1) // 2
        tried = lay_out(legible, width, middle)
        if tried.height <= height and _unbroken(tried, legible, width):
            low, best = middle, tried
        else:
            high = middle - 1
    return best


def _legible(paragraph: Paragraph) -> Paragraph:
    font = font_path(paragraph.text, paragraph.bold)
    return replace(paragraph, text=" ".join(drawable(paragraph.text, font).split()))


def _bounded(paragraphs: Sequence[Paragraph], box: tuple[int, int], smallest: int) -> list[Paragraph]:
    """Leave out what could not fit at the smallest size, so that a whole book costs no more than a page."""
    room = 4 * (box[0] // smallest + 1) * (box[1] // smallest + 1)
    kept: list[Paragraph] = []
    for paragraph in paragraphs:
        kept.append(replace(paragraph, text=paragraph.text[:room]))
        room -= len(paragraph.text) + box[0] // smallest
        if room <= 0:
            break
    return kept


def _unbroken(block: Block, paragraphs: Sequence[Paragraph], width: float) -> bool:
    """Say whether every word is whole: a long one asks for a smaller size rather than a break in it."""
    faces = {line.paragraph: line.face for line in block.lines}
    return all(
        faces[number].getlength(unit.lstrip()) <= width
        for number, paragraph in enumerate(paragraphs)
        for unit in units(paragraph.text)
        if len(unit) > 8
    )


def _cut(paragraphs: Sequence[Paragraph], box: tuple[int, int], size: int) -> Block:
    """Set as many whole sentences as fit, then “…”."""
    width, height = box
    lines = lay_out(paragraphs, width, size).lines
    shown = [line for line in lines if line.top + line.size * LEADING <= height] or list(lines[:1])
    last = shown[-1].paragraph
    before, kept = paragraphs[:last], paragraphs[last].text[: shown[-1].start + len(shown[-1].text)]
    while True:
        kept = _shortened(kept)
        block = lay_out([*before, replace(paragraphs[last], text=f"{kept} …".lstrip())], width, size)
        if block.height <= height or not kept:
            return replace(block, cut=True)
        kept = kept[:-1]


def _shortened(text: str) -> str:
    """Return `text` up to the end of its last whole sentence, or else of its last word but one."""
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else "".join(units(text)[:-1])


def draw_block(
    draw: "ImageDraw",
    block: Block,
    box: tuple[int, int, int],
    colours: Sequence[Colour],
    centred: bool = False,
) -> None:
    """Draw `block` in the box (left, top, width); `colours` holds one for each paragraph, or one for all."""
    left, top, width = box
    for line in block.lines:
        x = left + (width - line.width) / 2 if centred else left
        draw.text((x, top + line.top), line.text, colours[line.paragraph % len(colours)], line.face)


def stamp(picture: Pixels, text: str, corner: tuple[int, int], font: "FreeTypeFont", colour: Colour) -> None:
    """Write one line into `picture`, uint8 [height, width, 3], its top left at `corner`, as far as it lies inside."""
    import PIL.Image
    import PIL.ImageDraw

    left, top = max(0, corner[0]), max(0, corner[1])
    right, bottom = left + round(font.getlength(text)) + 1, top + round(font.size * LEADING)
    region = picture[top:bottom, left:right]
    if not region.size:
        return
    part = PIL.Image.fromarray(np.ascontiguousarray(region))
    PIL.ImageDraw.Draw(part).text((0, 0), text, colour, font)
    region[:] = np.asarray(part)


def time_code(seconds: float) -> str:
    """Render a time as 0:12 or 1:02:03."""
    minutes, rest = divmod(int(seconds + 1e-6), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

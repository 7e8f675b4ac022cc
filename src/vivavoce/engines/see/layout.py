"""Lines of text on a page: levelled, put into rows and columns, and joined in the order of reading."""

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivavoce.engines.split import HAN

MAX_SKEW_DEGREES = 20.0  # text that leans more is taken as it stands
GUTTER_HEIGHTS = 0.8  # columns stand at least this many line heights apart
COLUMN_HEIGHTS = 6.0  # and their lines are at least this long: shorter ones are cells of a table
COLUMN_LINES = 3  # fewer lines side by side are rows
WIDE_GAP_HEIGHTS = 1.5  # a gap in a row that separates cells, not words
PARAGRAPH_GAP_HEIGHTS = 0.6  # a larger gap between two lines starts a paragraph

SENTENCE_END = re.compile(r"[.!?。！？:：;；…][”’」』）】)\"']*$")
HYPHEN = re.compile(r"[A-Za-z]-$")

Corners = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    """A line of text as it was found: corners float32 [4, 2] (x, y) in pixels, from the top left on."""

    text: str
    confidence: float
    corners: Corners

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The upright box around it: left, top, right, bottom."""
        left, top = self.corners.min(axis=0)
        right, bottom = self.corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


@dataclass(frozen=True)
class Placed:
    """A line and its upright box on the levelled page."""

    line: Line
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height in pixels, at least 1."""
        return max(1.0, self.bottom - self.top)

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """The y of its centre."""
        return (self.top + self.bottom) / 2


Row = list[Placed]


def level(lines: Sequence[Line]) -> list[Placed]:
    """Turn the page so that its lines run horizontally, by the angle that most of the text has."""
    angle = _skew(lines)
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    placed = []
    for line in lines:
        turned = line.corners @ turn
        (left, top), (right, bottom) = turned.min(axis=0), turned.max(axis=0)
        placed.append(Placed(line, float(left), float(top), float(right), float(bottom)))
    return placed


def _skew(lines: Sequence[Line]) -> float:
    """Return the median angle of the lines' baselines in radians, each counted by its length."""
    angles = []
    for line in lines:
        along, down = line.corners[1] - line.corners[0], line.corners[3] - line.corners[0]
        length = float(np.hypot(*along))
        angle = math.atan2(along[1], along[0])
        if length > 2 * np.hypot(*down) and abs(angle) < math.radians(MAX_SKEW_DEGREES):
            angles.append((angle, length))
    half = sum(length for _, length in angles) / 2
    for angle, length in sorted(angles):
        half -= length
        if half <= 0:
            return angle
    return 0.0


def rows(placed: Sequence[Placed]) -> list[Row]:
    """Group lines that stand beside each other; rows from top to bottom, each from left to right."""
    found: list[Row] = []
    for item in sorted(placed, key=lambda p: p.middle):
        row = found[-1] if found else []
        if row and _beside(item, row):
            row.append(item)
        else:
            found.append([item])
    return [sorted(row, key=lambda p: p.left) for row in found]


def _beside(item: Placed, row: Row) -> bool:
    top, bottom = statistics.fmean(p.top for p in row), statistics.fmean(p.bottom for p in row)
    shared = min(bottom, item.bottom) - max(top, item.top)
    return shared > 0.5 * min(bottom - top, item.height)


def reading_order(placed: Sequence[Placed]) -> list[Row]:
    """Return rows in reading order: column by column where there are any, between headings that span them."""
    gutter = _gutter(placed)
    if gutter is None:
        return rows(placed)
    ordered: list[Row] = []
    band: list[Placed] = []
    for item in [*sorted(placed, key=lambda p: p.middle), None]:
        if item is not None and not item.left < gutter < item.right:
            band.append(item)
            continue
        ordered += reading_order([p for p in band if p.right <= gutter])
        ordered += reading_order([p for p in band if p.left >= gutter])
        ordered += [[item]] if item is not None else []
        band = []
    return ordered


def _gutter(placed: Sequence[Placed]) -> float | None:
    """Return the x that parts two columns with the fewest lines across it, or None."""
    if len(placed) < 2 * COLUMN_LINES:
        return None
    height = statistics.median(p.height for p in placed)
    best, fewest = None, len(placed) // 4 + 1
    for edge in sorted({p.right for p in placed}):
        right = [p for p in placed if p.left > edge]
        if len(right) < COLUMN_LINES:
            continue
        at = (edge + min(p.left for p in right)) / 2
        left = [p for p in placed if p.right <= at]
        across = len(placed) - len(left) - len(right)
        wide = 2 * (at - edge) >= GUTTER_HEIGHTS * height
        if across < fewest and wide and _are_columns(left, right, height):
            best, fewest = at, across
    return best


def _are_columns(left: Sequence[Placed], right: Sequence[Placed], height: float) -> bool:
    """Say whether both sides hold several long lines, side by side."""
    if len(left) < COLUMN_LINES or len(right) < COLUMN_LINES:
        return False
    if any(statistics.median(p.width for p in side) < COLUMN_HEIGHTS * height for side in (left, right)):
        return False
    tops = [min(p.top for p in side) for side in (left, right)]
    bottoms = [max(p.bottom for p in side) for side in (left, right)]
    shortest = min(bottom - top for top, bottom in zip(tops, bottoms, strict=True))
    return min(bottoms) - max(tops) > 0.5 * shortest


def join(ordered: Sequence[Row]) -> str:
    """Write rows as text: wrapped lines of a paragraph flow together, an empty line parts paragraphs."""
    written: list[str] = []
    blocks = _blocks(ordered)
    for block in blocks:
        widest = max(_extent(row) for row in block)
        lines: list[str] = []
        for number, row in enumerate(block):
            text = _row_text(row)
            if lines and _flows(block[number - 1], row, widest, len(block)):
                lines[-1] = _glue(lines[-1], text)
            else:
                lines.append(text)
        written.append("\n".join(lines))
    return "\n\n".join(written)


def _blocks(ordered: Sequence[Row]) -> list[list[Row]]:
    """Cut the rows where a gap, a change of size or a new column starts something new."""
    blocks: list[list[Row]] = []
    for row in ordered:
        before = blocks[-1][-1] if blocks else None
        if before is not None and _belongs(before, row):
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def _belongs(before: Row, row: Row) -> bool:
    above, below = _height(before), _height(row)
    gap = min(p.top for p in row) - max(p.bottom for p in before)
    same_size = max(above, below) < 1.5 * min(above, below)
    return same_size and -0.5 * below < gap < PARAGRAPH_GAP_HEIGHTS * min(above, below)


def _height(row: Row) -> float:
    return statistics.median(p.height for p in row)


def _extent(row: Row) -> float:
    return row[-1].right - row[0].left


def _row_text(row: Row) -> str:
    """Join the lines of a row; a wide gap, as between the cells of a table, becomes three spaces."""
    text = row[0].line.text.strip()
    for before, item in zip(row, row[1:], strict=False):
        wide = item.left - before.right > WIDE_GAP_HEIGHTS * max(before.height, item.height)
        text += ("   " if wide else " ") + item.line.text.strip()
    return text


def _flows(before: Row, row: Row, widest: float, count: int) -> bool:
    """Say whether the sentence goes on: the first word of `row` would not have fitted on the line before."""
    if len(before) > 1 or len(row) > 1:
        return False
    text, previous = row[0].line.text.strip(), before[0].line.text.strip()
    if SENTENCE_END.search(previous):
        return False
    if text[:1].islower():
        return len(previous) >= 16 and _extent(before) > 0.7 * widest
    if HAN.match(text):
        first, prose = text[:1], len(previous) >= 8
    else:
        first, prose = text.split(" ")[0], len(previous) >= 32 and count > COLUMN_LINES
    letter = row[0].width / max(1, len(text))
    return prose and _extent(before) + (len(first) + 0.5) * letter > widest


def _glue(before: str, text: str) -> str:
    if HYPHEN.search(before) and text[:1].islower():
        return before[:-1] + text
    return (
        before + text
        if HAN.match(before[-1]) or HAN.match(text) or before[-1] in "，。、；：！？”"
        else f"{before} {text}"
    )

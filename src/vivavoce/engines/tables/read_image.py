"""A picture of a table to the table: lines of text found by RapidOCR, put into rows and columns by where they stand."""

import re
import statistics
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from vivavoce.engines.abilities import Extract
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.see.layout import Line, Placed, Row, level, rows
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.engines.split import HAN
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table, parse_number, typed_table
from vivavoce.media.text import Text

BOX_MARGIN = 0.25  # of a line's height: found boxes are that much wider than their letters, on each side
STRAY_ROWS = 0.15  # share of the rows that may reach across the gap between two columns
NUMERIC = re.compile(r"[-+−–]?[\d\s.,，．]+%?")
FRAME = "|｜│[]［］"  # what the lines around a cell are sometimes read as

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class TableFromImage:
    """Reads the cells of one table, with or without ruled lines; what stands alone above it becomes the title."""

    card: ClassVar[Card] = Card(
        name="table-from-image",
        ability=Ability.EXTRACT,
        takes=(port(Modality.IMAGE),),
        gives=port(Modality.TABLE),
        summary="the table on a picture, its cells read by RapidOCR",
        licence="Apache-2.0",
        module="rapidocr",
        cost=Cost(fixed_s=0.5, per_unit_s=1.8, memory_gb=0.6, quality=0.6),
    )
    reader: RapidOcr = field(default_factory=lambda: RapidOcr(min_confidence=0.5))

    @contextmanager
    def open(self, device: str) -> Iterator[Extract]:
        """Yield a function that raises NothingFound where there are not two rows and two columns."""
        find = self.reader.line_finder()

        def extract(source: Text | Image) -> Table:
            if isinstance(source, Text):
                raise UsageError("table-from-image takes an image, got text; use table-from-text")
            title, cells = to_cells(find(source))
            if len(cells) < 2 or len(cells[0]) < 2:
                raise NothingFound(
                    "no table on the picture: {rows} rows and {columns} columns of text; a table has two of each",
                    rows=len(cells),
                    columns=len(cells[0]) if cells else 0,
                )
            return replace(typed_table(cells, title), origin=source.origin)

        yield extract


def to_cells(lines: Sequence[Line]) -> tuple[str, list[list[str]]]:
    """Return the title and the rows of cells, header first, each row of the same width; no rows without a table."""
    grid = rows(level([part for line in lines for part in _upright(line, lines)]))
    columns = _columns(grid)
    if len(columns) < 2:
        return "", []
    title: list[str] = []
    cells: list[list[str]] = []
    for row in grid:
        if len(row) == 1 and not cells and not _is_header(row[0], columns):
            title.append(row[0].line.text)
        elif len(row) > 1 or not _spans(row[0], columns):
            cells.append(_cells(row, columns))
    filled = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    kept = [[row[i] for i in filled] for row in cells]
    if kept and all(parse_number(cell) is not None for cell in kept[0]):
        kept.insert(0, [""] * len(filled))  # numbers alone are no header
    return " ".join(title), kept


def _upright(line: Line, lines: Sequence[Line]) -> list[Line]:
    """Part Chinese cells that stand close under each other and were read as one vertical line."""
    left, top, right, bottom = line.box
    usual = statistics.median(other.box[3] - other.box[1] for other in lines)
    count = len(line.text)
    if bottom - top < 1.8 * usual or right - left > bottom - top or count < 2 or not HAN.match(line.text):
        return [line]
    step = (line.corners[3] - line.corners[0]) / count
    down = (line.corners[2] - line.corners[1]) / count
    return [
        replace(
            line,
            text=letter,
            corners=np.stack(
                [
                    line.corners[0] + i * step,
                    line.corners[1] + i * down,
                    line.corners[1] + (i + 1) * down,
                    line.corners[0] + (i + 1) * step,
                ]
            ).astype(np.float32),
        )
        for i, letter in enumerate(line.text)
    ]


def _interval(item: Placed) -> Interval:
    """Return where the letters of a line begin and end."""
    margin = min(BOX_MARGIN * item.height, item.width / 3)
    return item.left + margin, item.right - margin


def _columns(grid: Sequence[Row]) -> list[Interval]:
    """Return the columns from left to right: stretches of x that few rows leave empty, parted by gaps."""
    body = [row for row in grid if len(row) > 1]
    spans = sorted(_interval(item) for row in body for item in row)
    if len(body) < 2:
        return []
    allowed = int(STRAY_ROWS * len(body)) or (1 if len(body) >= 4 else 0)
    columns = _covered(spans, allowed)
    for span in spans:  # a cell of a column that is almost empty
        if all(_shared(span, column) <= 0 for column in columns):
            columns.append(span)
    return _joined(sorted(columns), body)


def _joined(columns: Sequence[Interval], body: Sequence[Row]) -> list[Interval]:
    """Join neighbours of which no row fills both: a centred name above cells that stand left or right of it."""
    joined: list[tuple[Interval, set[int]]] = []
    filled: list[set[int]] = [set() for _ in columns]
    for number, row in enumerate(body):
        for item in row:
            filled[_nearest(_interval(item), columns)].add(number)
    for column, numbers in zip(columns, filled, strict=True):
        if joined and not joined[-1][1] & numbers:
            (start, _), before = joined.pop()
            joined.append(((start, column[1]), before | numbers))
        else:
            joined.append((column, numbers))
    return [column for column, _ in joined]


def _nearest(span: Interval, columns: Sequence[Interval]) -> int:
    """Return the index of the column that a span shares most with."""
    return max(range(len(columns)), key=lambda i: _shared(span, columns[i]))


def _covered(spans: Sequence[Interval], allowed: int) -> list[Interval]:
    """Return the stretches that more than `allowed` spans cover."""
    events = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    found: list[Interval] = []
    depth, begun = 0, 0.0
    for at, change in events:
        before, depth = depth, depth + change
        if before <= allowed < depth:
            begun = at
        elif depth <= allowed < before:
            found.append((begun, at))
    return found


def _shared(one: Interval, other: Interval) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])


def _spans(item: Placed, columns: Sequence[Interval]) -> bool:
    """Say whether a line that stands alone reaches into several columns, as a title does and a cell doesn't."""
    return sum(_shared(_interval(item), column) > 0 for column in columns) > 1


def _is_header(item: Placed, columns: Sequence[Interval]) -> bool:
    """Say whether a line alone above the table names the second of two columns, the first having no name."""
    return len(columns) == 2 and not _spans(item, columns) and _shared(_interval(item), columns[1]) > 0


def _cells(row: Row, columns: Sequence[Interval]) -> list[str]:
    cells: list[list[str]] = [[] for _ in columns]
    for item in row:
        for text, span in _pieces(item, columns):
            cells[_nearest(span, columns)].append(text)
    return [_clean(" ".join(cell)) for cell in cells]


def _pieces(item: Placed, columns: Sequence[Interval]) -> list[tuple[str, Interval]]:
    """Return the line, or its words with their likely places where it was read across several columns."""
    span, words = _interval(item), item.line.text.split()
    if len(words) < 2 or not _spans(item, columns):
        return [(item.line.text, span)]
    widths = [sum(2 if HAN.match(c) else 1 for c in word) for word in words]
    letter = (span[1] - span[0]) / (sum(widths) + len(words) - 1)
    pieces, at = [], span[0]
    for word, width in zip(words, widths, strict=True):
        pieces.append((word, (at, at + width * letter)))
        at += (width + 1) * letter
    return pieces


def _clean(cell: str) -> str:
    """Take off what is left of a frame; write numbers in plain ASCII."""
    text = cell.strip(FRAME + " ")
    if not NUMERIC.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKC", text.replace("−", "-").replace("–", "-"))
    return "".join(plain.split())

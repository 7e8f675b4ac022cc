"""Tables as text: CSV, TSV and JSON; workbooks are in `xlsx_files`."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from vivavoce.errors import CorruptMedia, EmptyInput, TooLarge, UnsupportedFormat
from vivavoce.media.limits import Limits
from vivavoce.media.table import Cell, Table, typed_table, unique_names

DELIMITERS = ",\t;|"
PROSE_CELL_CHARACTERS = 60  # cells longer than this on average are sentences with commas
SAMPLE_CHARACTERS = 65_536  # what a guess is based on
SAMPLE_ROWS = 50


def looks_like_table(text: str, name: str = "") -> bool:
    """Say whether each line has the same number (≥ 2) of short cells; a name that ends in .csv or .tsv settles it."""
    ending = name.lower().rpartition(".")[2]
    if ending in ("csv", "tsv"):
        return True
    if ending in ("txt", "md"):
        return False
    delimiter = guess_delimiter(text)
    rows = _sample(text, delimiter) if delimiter else []
    if delimiter is None or len(rows) < 2:
        return False
    cells = [cell for row in rows for cell in row]
    even = len({len(row) for row in rows}) == 1
    spaced = sum(cell.startswith(" ") for cell in cells) > len(cells) / 4  # prose puts a space after its commas
    short = sum(map(len, cells)) / len(cells) < PROSE_CELL_CHARACTERS
    return even and short and not (spaced and delimiter == ",")


def guess_delimiter(text: str) -> str | None:
    """Return the delimiter that cuts most of the first rows into the same number of cells, or None."""
    best, best_score = None, 0.0
    for delimiter in DELIMITERS:
        rows = _sample(text, delimiter)
        widths = Counter(map(len, rows))
        width, votes = widths.most_common(1)[0] if widths else (0, 0)
        score = votes / max(1, len(rows)) * (width > 1) * (1 + 0.01 * min(width, 100))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """Parse the first rows that are not empty; the last one may be cut off and is left out then."""
    head = text[:SAMPLE_CHARACTERS]
    try:
        rows = list(islice(csv.reader(io.StringIO(head), delimiter=delimiter), SAMPLE_ROWS))
    except csv.Error:  # a cell of over 128 kB
        return []
    if len(text) > SAMPLE_CHARACTERS and 1 < len(rows) < SAMPLE_ROWS:
        rows = rows[:-1]
    return [row for row in rows if any(cell.strip() for cell in row)]


def read_delimited(text: str, limits: Limits) -> Table:
    """Read CSV or TSV; the delimiter is guessed, the first row names the columns."""
    delimiter = guess_delimiter(text) or ","
    rows: list[list[str]] = []
    width = 0
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if "".join(row).strip():
                rows.append(row)
                if len(row) > width:
                    width = len(row)
                if len(rows) * width > limits.max_cells:
                    check_cells(len(rows) * width, limits)
    except csv.Error as error:
        raise CorruptMedia("the table can't be read ({reason}); export it again as CSV", reason=error) from error
    if not rows:
        raise EmptyInput("the table is empty; give a file with a header and rows")
    return typed_table(rows)


def table_from_json(record: object, limits: Limits) -> Table:
    """Read a list of objects, a list of lists, or an object of equal lists.

    Raises UnsupportedFormat for other shapes.
    """
    if isinstance(record, dict) and record and all(isinstance(v, list) for v in record.values()):
        lengths = {len(v) for v in record.values()}
        if len(lengths) == 1:
            return _table(list(record), list(zip(*record.values(), strict=True)), limits)
    if isinstance(record, list) and record and all(isinstance(row, dict) for row in record):
        names = list(dict.fromkeys(key for row in record for key in row))
        check_cells(len(names) * (len(record) + 1), limits)
        return _table(names, [[row.get(name) for name in names] for row in record], limits)
    if isinstance(record, list) and len(record) > 1 and all(isinstance(row, list) for row in record):
        width = max(map(len, record))
        check_cells(width * len(record), limits)
        padded = [[*row, *[None] * (width - len(row))] for row in record]
        return _table(["" if name is None else str(name) for name in padded[0]], padded[1:], limits)
    raise UnsupportedFormat("this JSON is neither a transcript nor a table; give a list of objects with the same keys")


def _table(names: Sequence[str], rows: Sequence[Sequence[object]], limits: Limits) -> Table:
    check_cells(len(names) * (len(rows) + 1), limits)
    if not names:
        raise EmptyInput("the table is empty; give a file with a header and rows")
    return Table(tuple(unique_names(names)), tuple(tuple(_cell(cell) for cell in row) for row in rows))


def _cell(value: object) -> Cell:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)


def check_cells(cells: int, limits: Limits) -> None:
    """Raise TooLarge when a table has more cells than the limit, gaps included."""
    if cells > limits.max_cells:
        raise TooLarge(
            "the table has {got:,} cells and the limit is {limit:,}; split it",
            got=cells,
            limit=limits.max_cells,
        )


def write_table(table: Table, path: Path, suffix: str) -> None:
    """Write as csv, tsv or a JSON list of objects, in UTF-8."""
    if suffix == "json":
        names = unique_names(table.columns)
        rows = [dict(zip(names, map(_cell, row), strict=True)) for row in table.rows]
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if suffix == "tsv" else ",", lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([["" if cell is None else cell for cell in row] for row in table.rows])

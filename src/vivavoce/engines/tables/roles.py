"""What the columns of a table are for: which one names the rows, which is a time, which hold quantities."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vivavoce.media.table import Cell, Table

YEARS = range(1000, 2200)
COUNTER = re.compile(r"(?:id|no\.?|nr\.?|#|number|index|row|rank|column 1|序号|编号|号码|排名|行号)", re.IGNORECASE)
# Adding up a rate, a mean or a level says nothing.
NO_TOTAL = re.compile(
    r"%|percent|rate|ratio|share|average|mean|median|temp|price|score|index|age|speed|density|height|confidence"
    r"|start|end|率|比|占|平均|均|温|价|分数|得分|指数|年龄|速度|密度|高度|置信|开始|结束",
    re.IGNORECASE,
)
TIME_LIKE = re.compile(r"\d{1,4}[-/年月:.]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m", "%Y/%m", "%Y年%m月%d日", "%Y年%m月", "%Y年", "%d.%m.%Y", "%H:%M")


@dataclass(frozen=True)
class Roles:
    """Indices of columns: `label` names the rows (None without one), `numbers` hold quantities.

    `timed` says that the label is a time or a year and rises from row to row.
    """

    label: int | None
    numbers: tuple[int, ...]
    timed: bool


def in_time_order(table: Table) -> Table:
    """Return the rows from the earliest to the latest, where the first column holds times or years."""
    if len(table.rows) < 2:
        return table
    first = table.column(0)
    keys = [time.timestamp() for time in _times(first)]
    if len(keys) < len(first) and _are_years(table.columns[0], sorted(first, key=lambda c: quantity(c) or 0.0)):
        keys = [quantity(cell) or 0.0 for cell in first]
    if len(keys) < len(first):
        return table
    order = sorted(range(len(first)), key=lambda i: keys[i])
    return replace(table, rows=tuple(table.rows[i] for i in order))


def roles(table: Table) -> Roles:
    """Return what the columns of `table` are for."""
    numbers = table.numeric_columns()
    numeric = [i for i in numbers if not _counts_rows(table, i) and _countable(table.column(i))]
    first = table.column(0)
    timed = len(table.rows) > 1 and (is_rising_time(first) or (0 in numeric and _are_years(table.columns[0], first)))
    if timed:
        return Roles(0, tuple(i for i in numeric if i != 0), True)
    others = [i for i in range(len(table.columns)) if i not in numbers]
    label = next((i for i in others if len(set(table.column(i))) == len(table.rows)), others[0] if others else None)
    if label is None and numeric[:1] != [0]:
        label = 0  # a counter
    return Roles(label, tuple(numeric), False)


def _countable(cells: Sequence[Cell]) -> bool:
    return any(quantity(cell) is not None for cell in cells)


def totals(name: str, cells: Sequence[Cell]) -> bool:
    """Say whether it makes sense to add up a column of this name and content."""
    return not NO_TOTAL.search(name) and all(not isinstance(c, int | float) or c >= 0 for c in cells)


def are_times(cells: Sequence[Cell]) -> bool:
    """Say whether each cell is a date or a time."""
    return len(_times(cells)) == len(cells)


def is_rising_time(cells: Sequence[Cell]) -> bool:
    """Say whether each cell is a date, later than the one before."""
    known = _times(cells)
    return len(known) == len(cells) and all(a < b for a, b in zip(known, known[1:], strict=False))


def _times(cells: Sequence[Cell]) -> list[datetime]:
    """Read cells as times, up to the first that is none."""
    found = []
    for cell in cells:
        time = parse_time(cell) if isinstance(cell, str) else None
        if time is None:
            break
        found.append(time)
    return found


def parse_time(cell: str) -> datetime | None:
    """Read a date in ISO 8601, with slashes or in Chinese, a month with or without its year, or a time of day."""
    text = cell.strip()
    if not TIME_LIKE.match(text):
        return None
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text) if len(text) >= 8 and "-" in text else _month(text)
    except ValueError:
        return None


def _month(text: str) -> datetime | None:
    match = re.fullmatch(r"([A-Za-z]{3,9})\.?(?:[ -]*(\d{4}))?|(\d{1,2})月", text)
    if match is None:
        return None
    if match[3]:
        return datetime(2000, int(match[3]), 1) if 1 <= int(match[3]) <= 12 else None
    name = match[1].lower()
    if name[:3] not in MONTHS:
        return None
    return datetime(int(match[2] or 2000), MONTHS.index(name[:3]) + 1, 1)


def quantity(cell: Cell) -> float | None:
    """Return a cell as a finite number; None for a gap, and for what is too large to count with."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    try:
        number = float(cell)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _are_years(name: str, cells: Sequence[Cell]) -> bool:
    """Say whether cells are rising whole numbers that look like years, or are called so."""
    years = [cell for cell in cells if isinstance(cell, int) and cell in YEARS]
    rising = all(a < b for a, b in zip(years, years[1:], strict=False))
    called = bool(re.search(r"year|年", name, re.IGNORECASE))
    return len(years) == len(cells) and rising and (called or all(1900 <= year <= 2100 for year in years))


def _counts_rows(table: Table, index: int) -> bool:
    cells = table.column(index)
    counted = len(cells) > 1 and list(cells) in (list(range(len(cells))), list(range(1, len(cells) + 1)))
    return bool(COUNTER.fullmatch(table.columns[index].strip())) and (counted or len(set(cells)) == len(cells))

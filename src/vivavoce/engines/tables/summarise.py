"""A table in sentences that make sense when they are read aloud, English and Chinese."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vivavoce.engines.abilities import Summarise
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.split import HAN
from vivavoce.engines.tables.phrases import PHRASES, Phrases
from vivavoce.engines.tables.roles import Roles, in_time_order, parse_time, quantity, roles, totals
from vivavoce.engines.tables.words import say_day, say_number
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.modality import Modality
from vivavoce.media.table import Cell, Table
from vivavoce.media.text import Text

NAMED_COLUMNS = 8  # a listener loses count after these
DAY = re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?")
LONGEST_NAME = 40  # characters of the name of a row
STEADY = 0.02  # a smaller change is none


@dataclass(frozen=True, kw_only=True)
class TableSummary:
    """Reads a table of up to `read_cells` cells row by row, and sums up a larger one column by column.

    At most `max_numbers` columns of numbers are summed up.
    """

    card: ClassVar[Card] = Card(
        name="table-summary",
        ability=Ability.SUMMARISE,
        takes=(port(Modality.TABLE),),
        gives=port(Modality.TEXT),
        summary="a table in spoken sentences: what it holds, totals, extremes, trends",
        licence="Apache-2.0",
        into=("en", "zh"),
        cost=Cost(fixed_s=0.01, per_unit_s=0.000001, memory_gb=0.03, quality=0.55),
    )
    read_cells: int = 12
    max_numbers: int = 6

    @contextmanager
    def open(self, device: str) -> Iterator[Summarise]:
        """Yield the function; for languages other than English and Chinese it raises UnsupportedLanguage.

        Without a language it is Chinese for a table whose header is, else English.
        """
        yield self._summarise

    def _summarise(self, table: Table, language: str | None) -> Text:
        code = language or ("zh" if any(HAN.search(name) for name in table.columns) else "en")
        if code not in PHRASES:
            raise UnsupportedLanguage(
                "a table is summed up in English or Chinese, got {language}; ask for en or zh", language=code
            )
        say = PHRASES[code]
        parts = [_opening(table, say)]
        if len(table.rows) * len(table.columns) <= self.read_cells:
            parts += [_row(table, row, say) for row in table.rows]
        else:
            ordered = in_time_order(table)
            parts += self._columns(ordered, roles(ordered), say)
        sentences = (part[:1].upper() + part[1:] for part in parts if part)
        return Text(say.space.join(sentences), code)

    def _columns(self, table: Table, found: Roles, say: Phrases) -> Iterator[str]:
        for index in found.numbers[: self.max_numbers]:
            yield _numbers(table, index, found, say)
            if found.timed and found.label is not None:
                yield _trend(table, index, found.label, say)
        if more := len(found.numbers) - self.max_numbers:
            yield say.more_numbers.format(count=more) if more > 0 else ""
        for index in range(len(table.columns)):
            if index not in (*found.numbers, found.label):
                yield _words(table, index, say)


def _opening(table: Table, say: Phrases) -> str:
    names = [spoken_name(name) for name in table.columns]
    listed = say.listed(names[:NAMED_COLUMNS])
    if len(names) > NAMED_COLUMNS:
        listed = say.and_more.format(names=listed, count=len(names) - NAMED_COLUMNS)
    start = say.titled.format(title=table.title) if table.title else say.untitled
    rows = say.row if len(table.rows) == 1 else say.rows.format(count=len(table.rows))
    form = say.one_column if len(names) == 1 else say.opening
    return form.format(start=start, rows=rows if table.rows else say.no_rows, columns=len(names), names=listed)


def spoken_name(name: str) -> str:
    """Write a column's name as one says it: "start_s" is "start s"."""
    return " ".join(name.replace("_", " ").split())


def _spoken(cell: Cell, say: Phrases) -> str:
    if isinstance(cell, bool):
        return say.yes if cell else say.no
    if isinstance(cell, str):
        return " ".join(cell.split()).rstrip(".。")
    value = quantity(cell)
    return say.missing if value is None else say_number(value, say.language)


def _row(table: Table, row: Sequence[Cell], say: Phrases) -> str:
    """Read one row: what names it, then the other cells with the names of their columns."""
    label = roles(table).label
    fields = [
        say.field.format(name=spoken_name(name), value=_spoken(cell, say))
        for index, (name, cell) in enumerate(zip(table.columns, row, strict=True))
        if index != label
    ]
    if label is None or not fields:
        return say.sentence.format(text=say.comma.join(fields or [_spoken(cell, say) for cell in row]))
    named = _label(row[label], say, roles(table).timed)
    return say.labelled.format(label=named, text=say.comma.join(fields))


def _label(cell: Cell, say: Phrases, timed: bool = False) -> str:
    """Say what names a row: a year as it stands, not as a quantity; a day in words."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell}年" if timed and say.language == "zh" else str(cell)
    day = _day(cell)
    name = say_day(day, say.language) if day else _spoken(cell, say)
    return name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME].rstrip() + "…"


def _day(cell: Cell) -> datetime | None:
    """Return the day that a cell names in figures: "2024-01-31"."""
    return parse_time(cell) if isinstance(cell, str) and DAY.fullmatch(cell.strip()) else None


def _place(value: float, cell: Cell, timed: bool, say: Phrases) -> str:
    """Say a value and the row it stands in."""
    form = say.on_day if _day(cell) else say.at_time if timed else say.for_label
    return form.format(value=say_number(value, say.language), label=_label(cell, say, timed))


def _numbers(table: Table, index: int, found: Roles, say: Phrases) -> str:
    """Sum up a column of numbers: total, mean, highest and lowest, each with the row it stands in."""
    cells = [(row, value) for row in table.rows if (value := quantity(row[index])) is not None]
    values = [value for _, value in cells]
    name = spoken_name(table.columns[index])
    if min(values) == max(values):
        return say.constant.format(name=name, value=say_number(values[0], say.language))
    top, bottom = max(cells, key=lambda c: c[1]), min(cells, key=lambda c: c[1])
    form = say.numbers_total if totals(table.columns[index], table.column(index)) else say.numbers
    missing = len(table.rows) - len(values)
    text = form.format(
        name=name,
        total=say_number(_tidy(sum(values)), say.language),
        mean=say_number(_tidy(sum(values) / len(values)), say.language),
        highest=_extreme(top, found, say),
        lowest=_extreme(bottom, found, say),
    )
    return text + (
        say.space + say.gaps.format(count=missing) if missing > 1 else say.space + say.gap if missing else ""
    )


def _extreme(cell: tuple[Sequence[Cell], float], found: Roles, say: Phrases) -> str:
    row, value = cell
    if found.label is None:
        return say_number(value, say.language)
    return _place(value, row[found.label], found.timed, say)


def _tidy(value: float) -> float:
    """Take off what adding binary fractions leaves behind."""
    return float(f"{value:.12g}")


def _trend(table: Table, index: int, label: int, say: Phrases) -> str:
    """Say how a column moved from its first to its last value."""
    known = [(row[label], value) for row in table.rows if (value := quantity(row[index])) is not None]
    if len(known) < 2:
        return ""
    (start, first), (end, last) = known[0], known[-1]
    change = (last - first) / abs(first) if first else 0.0
    steady = abs(change) < STEADY if first else last == first
    form = say.steady if steady else say.rose if last > first else say.fell
    percent = f"{abs(change) * 100:.0f}" if first > 0 and last > 0 and not steady else ""
    return form.format(
        name=spoken_name(table.columns[index]),
        start=_label(start, say, timed=True),
        end=_label(end, say, timed=True),
        first=say_number(first, say.language),
        last=say_number(last, say.language),
        by=(say.up if last > first else say.down).format(percent=percent) if percent else "",
    )


def _words(table: Table, index: int, say: Phrases) -> str:
    """Sum up a column of words, where some come more than once."""
    cells = [cell for cell in table.column(index) if cell is not None]
    name = spoken_name(table.columns[index])
    if cells and all(isinstance(cell, bool) for cell in cells):
        return say.truths.format(name=name, count=sum(cell is True for cell in cells), total=len(cells))
    counts = Counter(cell for cell in cells if isinstance(cell, str))
    if not counts or len(counts) == len(cells) or len(counts) > len(cells) * 0.8:
        return ""
    value, count = counts.most_common(1)[0]
    return say.words.format(name=name, kinds=len(counts), value=_spoken(value, say), count=count)

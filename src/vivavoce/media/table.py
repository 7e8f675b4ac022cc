"""Rows and named columns."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.errors import InputError
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest
from vivavoce.media.text import check_storable

Cell = str | int | float | bool | None

# "12", "-3.5", "1,234", "6e-3"; not "007", which is a code, nor "1,23", which may be either.
NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_NUMBER = 64


@dataclass(frozen=True)
class Table:
    """Named columns and rows of the same width.

    Raises InputError when a row is longer or shorter, and for half of a surrogate pair, which no file could store.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.TABLE

    def __post_init__(self) -> None:
        if not self.columns:
            raise InputError("a table needs at least one column, got none")
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise InputError(
                    "row {number} has {got} cells and the table {want} columns; fill or cut the row",
                    number=number,
                    got=len(row),
                    want=len(self.columns),
                )
        check_storable("\n".join(self.columns))
        check_storable("\n".join([cell for row in self.rows for cell in row if isinstance(cell, str)]))

    @property
    def cells(self) -> int:
        """How many cells it has, header included."""
        return len(self.columns) * (len(self.rows) + 1)

    def column(self, index: int) -> tuple[Cell, ...]:
        """Return the cells of one column."""
        return tuple(row[index] for row in self.rows)

    def numeric_columns(self) -> list[int]:
        """Return the indices of columns that hold numbers and nothing else but gaps."""
        return [i for i in range(len(self.columns)) if _is_numeric(self.column(i))]

    def digest(self) -> str:
        """SHA-256 of columns and rows."""
        return digest(repr(self.columns), repr(self.rows))


def _is_numeric(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if cell is not None]
    return bool(filled) and all(isinstance(c, int | float) and not isinstance(c, bool) for c in filled)


def typed_table(rows: Sequence[Sequence[str]], title: str = "") -> Table:
    """Build a table from rows of strings, the first being the header; numbers, booleans and gaps get their types.

    Missing header names become "column 3", repeated ones "price 2". Short rows are filled, long ones widen the table.
    A column is numeric only if each of its filled cells is.
    """
    width = max((len(row) for row in rows), default=0)
    if not width:
        raise InputError("a table needs at least one column, got none")
    columns = unique_names([*rows[0], *[""] * (width - len(rows[0]))])
    typed = [_typed_column([row[i] if i < len(row) else "" for row in rows[1:]]) for i in range(width)]
    return Table(tuple(columns), tuple(zip(*typed, strict=True)), title)


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names for columns, none empty and none twice."""
    taken = {name.strip() for name in names}
    seen: dict[str, int] = {}
    unique = []
    for position, raw in enumerate(names, 1):
        name = " ".join(raw.split()) or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        numbered = name if seen[name] == 1 else f"{name} {seen[name]}"
        while numbered != name and numbered in taken:
            seen[name] += 1
            numbered = f"{name} {seen[name]}"
        unique.append(numbered)
    return unique


def _typed_column(cells: Sequence[str]) -> list[Cell]:
    stripped = [cell.strip() for cell in cells]
    filled = {cell for cell in stripped if cell}
    numbers = {cell: parse_number(cell) for cell in filled}
    if filled and all(number is not None for number in numbers.values()):
        return [numbers[cell] if cell else None for cell in stripped]
    if filled and all(cell.lower() in ("true", "false") for cell in filled):
        return [cell.lower() == "true" if cell else None for cell in stripped]
    return [cell or None for cell in stripped]


def parse_number(cell: str) -> int | float | None:
    """Return the number that `cell` writes ("12", "-3.5", "1,234"), or None; codes such as "007" are no numbers."""
    body = cell.strip()
    if len(body) > LONGEST_NUMBER or not NUMBER.fullmatch(body):
        return None
    plain = body.replace(",", "")
    if plain.lstrip("+-").isdigit():
        return int(plain)
    number = float(plain)
    return number if math.isfinite(number) else None

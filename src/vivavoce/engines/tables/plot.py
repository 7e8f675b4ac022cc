"""What a chart of a table is to show: the kind of marks, the series, and a title that says what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vivavoce.engines.split import HAN
from vivavoce.engines.tables.roles import Roles, are_times, in_time_order, parse_time, quantity, roles, totals
from vivavoce.media.table import Cell, Table

MAX_SERIES = 6
MAX_BARS = 25
MAX_POINTS = 200
SIMILAR = 20.0  # series whose largest values differ by more than this factor get panels of their own

Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Series:
    """A column of numbers; None is a gap."""

    name: str
    values: Values

    @property
    def reach(self) -> float:
        """The largest distance from zero."""
        return max((abs(value) for value in self.values if value is not None), default=0.0)


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Marks to draw: one label and one x for each row, one or more series over them, in panels.

    `label_name` says what the labels are. `note` says what was left out or merged, "" for nothing.
    """

    kind: Literal["bars", "lines"]
    title: str
    note: str
    label_name: str
    labels: tuple[str, ...]
    xs: tuple[float, ...]
    panels: tuple[tuple[Series, ...], ...]


NOTES = {
    "en": {
        "largest": "the {kept} largest of {all} rows",
        "totals": "{all} rows, added up by {name}",
        "means": "{all} rows, averaged by {name}",
        "thinned": "{all} rows, averaged in groups of {size}",
        "columns": "the first {kept} of {all} columns of numbers",
        "row": "row",
        "title": "{names} by {label}",
        "comma": ", ",
    },
    "zh": {
        "largest": "{all}行中最大的{kept}行",
        "totals": "{all}行，按{name}合计",
        "means": "{all}行，按{name}平均",
        "thinned": "{all}行，每{size}行取平均",
        "columns": "{all}列数字中的前{kept}列",
        "row": "行",
        "title": "各{label}的{names}",
        "comma": "、",
    },
}


def language_of(table: Table) -> str:
    """Return "zh" for a table whose title or header is Chinese, else "en"."""
    return "zh" if any(HAN.search(name) for name in (*table.columns, table.title)) else "en"


def plan(table: Table) -> Plot | None:
    """Choose marks and series; None for a table without a column of numbers or without rows."""
    table = in_time_order(table)
    found = roles(table)
    if not table.rows or not found.numbers:
        return None
    say = NOTES[language_of(table)]
    along = _along(table, found)
    label = 0 if along else found.label
    columns = [index for index in found.numbers if index != label]
    if len(table.rows) == 1 and len(columns) > 1:
        return _one_row(table, columns)
    shown = columns[:MAX_SERIES]
    series = [Series(table.columns[i], tuple(quantity(cell) for cell in table.column(i))) for i in shown]
    cells = table.column(label) if label is not None else tuple(range(1, len(table.rows) + 1))
    name = table.columns[label] if label is not None else say["row"]
    names = say["comma"].join(item.name for item in series)
    plot = Plot(
        kind="lines" if along or (label is None and len(table.rows) > MAX_BARS) else "bars",
        title=table.title or (say["title"].format(names=names, label=name) if label is not None else names),
        note=say["columns"].format(kept=len(shown), all=len(columns)) if len(shown) < len(columns) else "",
        label_name=name,
        labels=tuple(_written(cell) for cell in cells),
        xs=_places(cells) if along else tuple(float(i) for i in range(len(cells))),
        panels=_panels(series),
    )
    return _fewer(plot, say)


def _along(table: Table, found: Roles) -> bool:
    """Say whether the rows run along the first column: a time, or a quantity that rises."""
    first = table.column(0)
    if found.timed or (are_times(first) and len(set(first)) > 1):
        return True
    cells = [quantity(cell) for cell in table.column(0)]
    known = [cell for cell in cells if cell is not None]
    rising = len(known) == len(cells) and all(a < b for a, b in zip(known, known[1:], strict=False))
    return 0 in found.numbers and len(found.numbers) > 1 and len(cells) > 2 and rising


def _written(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _places(cells: Sequence[Cell]) -> tuple[float, ...]:
    """Return x for each cell: its number, or its time in days; else its row."""
    numbers = [quantity(cell) for cell in cells]
    known = [number for number in numbers if number is not None]
    if len(known) == len(cells):
        return tuple(known)
    times = [parse_time(cell) if isinstance(cell, str) else None for cell in cells]
    days = [time.timestamp() / 86_400 for time in times if time is not None]
    return tuple(days) if len(days) == len(cells) else tuple(float(i) for i in range(len(cells)))


def _one_row(table: Table, columns: Sequence[int]) -> Plot | None:
    """Compare the columns of a single row, if their sizes allow it."""
    shown = columns[:MAX_BARS]
    values = tuple(quantity(table.rows[0][index]) for index in shown)
    reaches = [abs(value) for value in values if value]
    if not reaches or max(reaches) > SIMILAR * min(reaches):
        return None
    words = [_written(cell) for i, cell in enumerate(table.rows[0]) if i not in columns and cell is not None]
    return Plot(
        kind="bars",
        title=table.title or " ".join(words) or _listed(table, shown),
        note="",
        label_name="",
        labels=tuple(table.columns[index] for index in shown),
        xs=tuple(float(i) for i in range(len(shown))),
        panels=((Series("", values),),),
    )


def _listed(table: Table, columns: Sequence[int]) -> str:
    return NOTES[language_of(table)]["comma"].join(table.columns[index] for index in columns)


def _panels(series: Sequence[Series]) -> tuple[tuple[Series, ...], ...]:
    """Keep series of a similar size together; part all of them when they differ much."""
    reaches = [item.reach for item in series if item.reach > 0]
    if reaches and max(reaches) > SIMILAR * min(reaches):
        return tuple((item,) for item in series)
    return (tuple(series),)


def _fewer(plot: Plot, say: dict[str, str]) -> Plot:
    """Merge or leave out rows until they can be told apart, and note it."""
    count = len(plot.labels)
    if plot.kind == "lines":
        once = plot if len(set(plot.xs)) == count else _grouped(plot, say)
        return _thinned(once, say) if len(once.labels) > MAX_POINTS else once
    if count <= MAX_BARS:
        return plot
    kinds = len(set(plot.labels))
    if kinds <= MAX_BARS:
        return _grouped(plot, say)
    first = plot.panels[0][0].values
    sizes = sorted(range(count), key=lambda i: -abs(first[i] or 0.0))
    note = say["largest"].format(kept=MAX_BARS, all=count)
    return _noted(_picked(plot, [[i] for i in sizes[:MAX_BARS]], mean=True), note, say)


def _thinned(plot: Plot, say: dict[str, str]) -> Plot:
    count = len(plot.labels)
    size = -(-count // MAX_POINTS)
    groups = [list(range(at, min(at + size, count))) for at in range(0, count, size)]
    return _noted(_picked(plot, groups, mean=True), say["thinned"].format(all=count, size=size), say)


def _grouped(plot: Plot, say: dict[str, str]) -> Plot:
    groups: dict[str, list[int]] = {}
    for index, label in enumerate(plot.labels):
        groups.setdefault(label, []).append(index)
    series = [item for panel in plot.panels for item in panel]
    adds = all(totals(item.name, item.values) for item in series)
    note = say["totals" if adds else "means"].format(all=len(plot.labels), name=plot.label_name)
    return _noted(_picked(plot, list(groups.values()), mean=not adds), note, say)


def _noted(plot: Plot, note: str, say: dict[str, str]) -> Plot:
    return replace(plot, note=say["comma"].join(part for part in (note, plot.note) if part))


def _picked(plot: Plot, groups: Sequence[Sequence[int]], mean: bool) -> Plot:
    """Make one row of each group of rows: the first's label, the sum or mean of what is known."""

    def merge(values: Values) -> Values:
        known = [[value for i in group if (value := values[i]) is not None] for group in groups]
        return tuple(sum(k) / (len(k) if mean else 1) if k else None for k in known)

    panels = tuple(tuple(replace(item, values=merge(item.values)) for item in panel) for panel in plot.panels)
    return replace(
        plot,
        labels=tuple(plot.labels[group[0]] for group in groups),
        xs=tuple(plot.xs[group[0]] for group in groups) if plot.kind == "lines" else plot.xs[: len(groups)],
        panels=panels,
    )

"""A table drawn as a table: for what holds no numbers, and as many rows and columns as fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vivavoce.engines.tables.plot import language_of
from vivavoce.engines.tables.style import DPI, Style
from vivavoce.media.table import Cell, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_HEIGHT = 1.9  # of the letters' size
PADDING = 0.8  # of the letters' size, beside the text of a cell
MARGIN = 0.04  # of the width
NARROWEST = 4.0  # of the letters' size: no column is narrower, if more don't fit they are left out
SMALLEST = 0.7  # of the letters' size, to which many rows make them shrink
NOTE = {
    "en": "{rows} of {all_rows} rows, {columns} of {all_columns} columns",
    "zh": "{all_rows}行{all_columns}列中的前{rows}行{columns}列",
}
EMPTY = {"en": "no rows", "zh": "没有数据行"}


def draw_sheet(figure: "Figure", table: Table, style: Style) -> None:
    """Draw title, header and rows; what does not fit is left out and the last line says so."""
    width, height = figure.get_figwidth() * DPI, figure.get_figheight() * DPI
    style = replace(style, size=max(SMALLEST * style.size, min(style.size, _fitting(table, height))))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    left, step = width * MARGIN, style.size * ROW_HEIGHT
    top = step * 0.6
    if table.title:
        _write(axes, style, (left, top + step * 0.7), style.fitted(table.title, width - 2 * left, 1.25), factor=1.25)
        top += step * 1.5
    widths = _widths(table, style, width - 2 * left)
    room = int((height - top - step * 0.6) / step) - 1
    shown = table.rows if len(table.rows) <= room else table.rows[: max(0, room - 1)]
    axes.fill_between([left, left + sum(widths)], top, top + step, color=style.panel, linewidth=0)
    _write_row(axes, style, table.columns, widths, (left, top + step / 2))
    for number, row in enumerate(shown, 1):
        y = top + number * step
        axes.plot([left, left + sum(widths)], [y, y], color=style.panel, linewidth=1)
        _write_row(axes, style, row, widths, (left, y + step / 2))
    cut = len(shown) < len(table.rows) or len(widths) < len(table.columns)
    if cut or not table.rows:
        note = (NOTE if table.rows else EMPTY)[language_of(table)].format(
            rows=len(shown), all_rows=len(table.rows), columns=len(widths), all_columns=len(table.columns)
        )
        y = top + (len(shown) + 1.5) * step
        _write(axes, style, (left, y), style.fitted(note, width - 2 * left), colour=style.muted)


def _fitting(table: Table, height: float) -> float:
    """Return the size of letters at which all rows fit the height."""
    return height / (ROW_HEIGHT * (len(table.rows) + (4.2 if table.title else 2.7)))


def _widths(table: Table, style: Style, room: float) -> list[float]:
    """Share the room: each column gets what its widest cell needs, or its share of what there is."""
    fitting = max(1, int(room / (NARROWEST * style.size)))
    wanted = []
    for index, name in enumerate(table.columns[:fitting]):
        cells = [_text(cell) for cell in table.column(index)[:100]]
        wanted.append(max(style.width(text) for text in [name, *cells]) + 2 * PADDING * style.size)
    if sum(wanted) <= room:
        return [width + (room - sum(wanted)) / len(wanted) for width in wanted]
    level = _level(wanted, room)
    return [min(width, level) for width in wanted]


def _level(wanted: Sequence[float], room: float) -> float:
    """Return the width to which the widest columns are cut so that all fit."""
    for kept, width in enumerate(sorted(wanted)):
        level = room / (len(wanted) - kept)
        if width > level:
            return level
        room -= width
    return max(wanted)


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _write_row(
    axes: "Axes", style: Style, row: Sequence[Cell], widths: Sequence[float], place: tuple[float, float]
) -> None:
    x, y = place
    for cell, width in zip(row, widths, strict=False):
        text = style.fitted(_text(cell), width - 2 * PADDING * style.size)
        _write(axes, style, (x + PADDING * style.size, y), text)
        x += width


def _write(
    axes: "Axes",
    style: Style,
    place: tuple[float, float],
    text: str,
    colour: str = "",
    factor: float = 1.0,
) -> None:
    axes.text(
        *place, text, fontproperties=style.scaled(factor), color=colour or style.ink, va="center", parse_math=False
    )

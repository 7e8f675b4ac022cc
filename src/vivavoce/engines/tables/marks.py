"""The marks of a chart: bars that stand or lie, lines, axes, and the values written on them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.engines.tables.plot import Plot, Series
from vivavoce.engines.tables.style import DPI, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WRITTEN_MARKS = 24  # up to so many marks of a panel carry their values
MARKED_POINTS = 60  # up to so many points of a line are marked
TICKS = 15  # labels along the x axis of a line, at most
BAR_WIDTH = 0.8  # of the place that a row has
LABEL_SHARE = 0.35  # of the width, for the labels of lying bars
HEADROOM = 0.15  # of the range of values, for what is written on the marks
MIN_PLACES = 3  # a single bar is no wider than one of three
TITLE_SCALE = 1.3


def draw_plot(figure: "Figure", plot: Plot, style: Style) -> None:
    """Draw title, panels, legend and labels of `plot`."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    pad = 0.8 * style.size / DPI
    figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=pad, h_pad=pad))
    width = figure.get_figwidth() * DPI
    title = style.fitted(plot.title, width * 0.94, TITLE_SCALE)
    note = f"\n({style.fitted(plot.note, width * 0.9, TITLE_SCALE)})" if plot.note else ""
    figure.suptitle(title + note, fontproperties=style.scaled(TITLE_SCALE), color=style.ink, parse_math=False)
    lying = plot.kind == "bars" and _lies(plot, style, width)
    shape = (1, len(plot.panels)) if lying else (len(plot.panels), 1)
    grid = figure.subplots(*shape, sharex=not lying, sharey=lying, squeeze=False)
    for number, (axes, panel) in enumerate(zip(grid.flat, plot.panels, strict=True)):
        _dress(axes, style, lying)
        own = replace(style, series=style.series[number:] + style.series[:number])
        if plot.kind == "lines":
            _draw_lines(axes, plot, panel, own)
        else:
            _draw_bars(axes, panel, own, lying)
        if len(plot.panels) > 1:
            name = style.fitted(panel[0].name, width / shape[1] * 0.9)
            axes.set_title(name, fontproperties=style.letters, color=style.ink, parse_math=False)
        elif len(panel) > 1:
            _add_legend(axes, style)
    last = grid[-1, 0]
    room = 0.75 * figure.get_figheight() * DPI / len(plot.labels) if lying else width
    crowded = replace(style, size=min(style.size, max(8.0, room / 1.3)))
    _label_rows(last, plot, crowded, (lying, width))
    if not lying and plot.label_name:
        name = style.fitted(plot.label_name, width * 0.8)
        last.set_xlabel(name, fontproperties=style.letters, color=style.muted, parse_math=False)


def _lies(plot: Plot, style: Style, width: float) -> bool:
    """Say whether bars must lie: standing ones have no room for labels and values side by side."""
    place = 0.85 * width / len(plot.labels)
    written = [_values(series) for panel in plot.panels for series in panel] if _is_written(plot.panels[0]) else []
    widest = max((style.width(exact_number(value)) for values in written for value in values), default=0.0)
    bar = BAR_WIDTH * place / len(plot.panels[0])
    return max(style.width(label) for label in plot.labels) > 0.95 * place or widest > 1.15 * bar


def _is_written(panel: Sequence[Series]) -> bool:
    return sum(len(series.values) for series in panel) <= WRITTEN_MARKS


def _values(series: Series) -> list[float]:
    return [value for value in series.values if value is not None]


def _dress(axes: "Axes", style: Style, lying: bool) -> None:
    """Give the axes the colours of the theme, and lines across the values alone."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_facecolor(style.ground)
    for side, spine in axes.spines.items():
        spine.set_visible(side == ("left" if lying else "bottom"))
        spine.set_color(style.muted)
    axes.grid(axis="x" if lying else "y", color=style.panel, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(colors=style.muted, length=0)
    values = axes.xaxis if lying else axes.yaxis
    values.set_major_locator(MaxNLocator(5))
    values.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    for label in values.get_ticklabels():
        label.set_fontproperties(style.scaled(0.9))
        label.set_color(style.muted)
    values.set_tick_params(labelsize=style.scaled(0.9).get_size_in_points(), labelcolor=style.muted)


def _draw_bars(axes: "Axes", panel: Sequence[Series], style: Style, lying: bool) -> None:
    """Draw the series of a panel beside each other; a gap has no bar."""
    count = len(panel[0].values)
    thickness = BAR_WIDTH / len(panel)
    for number, series in enumerate(panel):
        offset = (number - (len(panel) - 1) / 2) * thickness
        known = [(row + offset, value) for row, value in enumerate(series.values) if value is not None]
        places, values = [place for place, _ in known], [value for _, value in known]
        draw = axes.barh if lying else axes.bar
        draw(places, values, thickness * 0.94, color=style.series[number % len(style.series)], label=series.name)
        for place, value in known if _is_written(panel) else []:
            _write_value(axes, (value, place) if lying else (place, value), style, lying, beyond=value >= 0)
    axes.axvline(0, color=style.muted, linewidth=1) if lying else axes.axhline(0, color=style.muted, linewidth=1)
    low, high = _range([0.0, *(value for series in panel for value in _values(series))])
    (axes.set_xlim if lying else axes.set_ylim)(low, high)
    around = 0.1 + max(0.5, (MIN_PLACES - count) / 2)
    first, last = -around, count - 1 + around
    (axes.set_ylim if lying else axes.set_xlim)(*((last, first) if lying else (first, last)))


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the limits of an axis: all values, with room for what is written beyond them."""
    low, high = min(values), max(values)
    room = HEADROOM * ((high - low) or abs(high) or 1.0)
    return (low - room if low < 0 else low, high + room if high > 0 or low == high else high)


def _write_value(axes: "Axes", place: tuple[float, float], style: Style, lying: bool, beyond: bool) -> None:
    """Write the value of a mark at its end, above or right of it if it goes `beyond`, else below or left."""
    away = (5 if beyond else -5) * max(1.0, style.size / 16)
    axes.annotate(
        exact_number(place[0] if lying else place[1]),
        place,
        xytext=(away, 0) if lying else (0, away),
        textcoords="offset points",
        ha=("left" if beyond else "right") if lying else "center",
        va="center" if lying else ("bottom" if beyond else "top"),
        fontproperties=style.letters,
        color=style.ink,
        parse_math=False,
    )


def _draw_lines(axes: "Axes", plot: Plot, panel: Sequence[Series], style: Style) -> None:
    """Draw a line for each series; it breaks at a gap."""
    for number, series in enumerate(panel):
        values = np.array([np.nan if value is None else value for value in series.values])
        axes.plot(
            plot.xs,
            values,
            color=style.series[number % len(style.series)],
            label=series.name,
            linewidth=max(1.5, style.size / 8),
            marker="o" if len(values) <= MARKED_POINTS else None,
            markersize=style.size / 3,
        )
        points = [(x, value) for x, value in zip(plot.xs, series.values, strict=True) if value is not None]
        for at, point in enumerate(points if _is_written(panel) else []):
            beside = [points[i][1] for i in (at - 1, at + 1) if 0 <= i < len(points)]
            is_valley = bool(beside) and all(point[1] < value for value in beside)
            _write_value(axes, point, style, lying=False, beyond=not is_valley)
    known = [value for series in panel for value in _values(series)]
    room = HEADROOM * ((max(known) - min(known)) or abs(known[0]) or 1.0)
    axes.set_ylim(min(known) - room, max(known) + room)
    axes.margins(x=0.06)


def _label_rows(axes: "Axes", plot: Plot, style: Style, place: tuple[bool, float]) -> None:
    """Write the labels of the rows along their axis: each one of bars, a few of a line."""
    lying, width = place
    shown = range(len(plot.labels)) if plot.kind == "bars" else _spaced(plot, style, width)
    labels = [style.fitted(plot.labels[i], width * LABEL_SHARE if lying else width) for i in shown]
    axis = axes.yaxis if lying else axes.xaxis
    axis.set_ticks([plot.xs[i] for i in shown])
    axis.set_ticklabels(labels, fontproperties=style.letters, color=style.ink, parse_math=False)


def _spaced(plot: Plot, style: Style, width: float) -> list[int]:
    """Return the rows of a line whose labels have room beside each other."""
    start, length = plot.xs[0], (plot.xs[-1] - plot.xs[0]) or 1.0
    apart = max(max(style.width(label) for label in plot.labels) + style.size, 0.85 * width / TICKS)
    shown = [0]
    for row in range(1, len(plot.labels)):
        if (plot.xs[row] - plot.xs[shown[-1]]) / length * 0.8 * width >= apart:
            shown.append(row)
    return shown if start < plot.xs[-1] else [0]


def _add_legend(axes: "Axes", style: Style) -> None:
    legend = axes.legend(
        prop=style.letters,
        frameon=False,
        labelcolor=style.ink,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=6,
        borderaxespad=0.2,
    )
    for text in legend.get_texts():
        text.set_text(style.fitted(text.get_text(), style.size * 14))
        text.set_parse_math(False)


def exact_number(value: float) -> str:
    """Write a value in full where that is short: 1,234,567 and 12.5, else with six figures."""
    if value == int(value) and abs(value) < 1e12:
        return f"{int(value):,}"
    return f"{value:,.6g}" if 1e-4 <= abs(value) < 1e12 else f"{value:.4g}"


def short_number(value: float) -> str:
    """Write a number of an axis: 1.2M, 30k, 0.05."""
    for size, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size and abs(value) < 1e15:
            return f"{value / (1e3 if sign == 'k' else size):.4g}{sign}"
    return f"{value:.4g}"

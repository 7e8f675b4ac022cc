"""A table as a chart, drawn by matplotlib's Agg back end through its objects: no pyplot, no state between calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Chart
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.options import DrawOptions
from vivavoce.engines.tables.marks import draw_plot
from vivavoce.engines.tables.plot import plan
from vivavoce.engines.tables.sheet import draw_sheet
from vivavoce.engines.tables.style import DPI, style_of
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table

SMALLEST_WIDTH, SMALLEST_HEIGHT = 480, 320  # pixels; a smaller picture is drawn at this size and scaled down


@dataclass(frozen=True, kw_only=True)
class MatplotlibChart:
    """Bars for categories, lines along a time or a rising quantity, a drawn table where there are no numbers."""

    card: ClassVar[Card] = Card(
        name="matplotlib-chart",
        ability=Ability.CHART,
        takes=(port(Modality.TABLE),),
        gives=port(Modality.IMAGE),
        summary="a table as bars, lines or panels, the values written on the marks",
        licence="PSF-2.0",
        module="matplotlib",
        cost=Cost(fixed_s=0.4, per_unit_s=0.00001, memory_gb=0.1, quality=0.9),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Chart]:
        """Yield a function of a table and options; several threads may call it at once."""
        yield _draw


def _draw(table: Table, options: DrawOptions) -> Image:
    """Return the chart, uint8 [height, width, 3] of the options' size."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = options.size()
    width, height = max(size[0], SMALLEST_WIDTH), max(size[1], SMALLEST_HEIGHT)
    style = style_of(table, options.theme, min(width, height))
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=style.ground)
    canvas: Any = FigureCanvasAgg(figure)
    plot = plan(table)
    if plot is None:
        draw_sheet(figure, table, style)
    else:
        draw_plot(figure, plot, style)
    canvas.draw()
    pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    if (width, height) == size:
        return Image(pixels)
    return Image(np.asarray(Image(pixels).pillow().resize(size)))

"""How charts look: colours of the theme, a font that has the table's letters, and text that fits."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vivavoce.engines.fonts import drawable, font_path
from vivavoce.engines.options import Theme
from vivavoce.engines.typesetting import PALETTES, Colour, face
from vivavoce.media.table import Table

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

DPI = 100
POINT_PIXELS = DPI / 72
LETTERS = 1 / 32  # size of the letters, of the picture's shorter side

# Told apart with any kind of colour vision: after Okabe and Ito for the light theme.
SERIES_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
    "paper": ("#a03418", "#1f6f8b", "#6b7a1e", "#7b4f9d", "#c98a12", "#4a4a4a"),
    "dark": ("#ffb84c", "#56b4e9", "#3ecf9b", "#e79ac6", "#f0e442", "#ff8a5c"),
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """Colours as matplotlib writes them, a font file, and the size of letters in pixels."""

    ground: str
    ink: str
    muted: str
    panel: str
    series: tuple[str, ...]
    font: Path
    size: float

    @cached_property
    def letters(self) -> "FontProperties":
        """The font for labels."""
        return self.scaled(1.0)

    def scaled(self, factor: float) -> "FontProperties":
        """Return the font at `factor` of the size."""
        from matplotlib.font_manager import FontProperties

        return FontProperties(fname=str(self.font), size=self.size * factor / POINT_PIXELS)

    def width(self, text: str, factor: float = 1.0) -> float:
        """Return how wide a line is, in pixels."""
        return face(self.font, max(1, round(self.size * factor))).getlength(text)

    def fitted(self, text: str, width: float, factor: float = 1.0) -> str:
        """Return a line that the font can show, cut to `width` pixels with an ellipsis."""
        line = drawable(" ".join(text.split()), self.font)
        if self.width(line, factor) <= width:
            return line
        while line and self.width(line + "…", factor) > width:
            line = line[: min(len(line) - 1, int(len(line) * width / self.width(line + "…", factor)) + 1)]
        return line.rstrip() + "…"


def style_of(table: Table, theme: Theme, shorter_side: int) -> Style:
    """Return the style for a table on a picture whose shorter side has that many pixels."""
    palette = PALETTES[theme]
    words = "".join([table.title, *table.columns, *(str(cell) for row in table.rows for cell in row)])
    return Style(
        ground=_hex(palette.ground),
        ink=_hex(palette.ink),
        muted=_hex(palette.muted),
        panel=_hex(palette.panel),
        series=SERIES_COLOURS[theme],
        font=font_path(words),
        size=max(11.0, shorter_side * LETTERS),
    )


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

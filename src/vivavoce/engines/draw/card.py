"""A typographic card: text set on a plain ground, as large as fits."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vivavoce.engines.abilities import Draw
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.fonts import is_cjk
from vivavoce.engines.options import DrawOptions, Theme
from vivavoce.engines.typesetting import PALETTES, PARAGRAPH_GAP, Block, Paragraph, draw_block, fit
from vivavoce.errors import EmptyInput
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MARGIN = 0.08  # of the shorter side, as all sizes here
LARGEST = 0.22
STRIP = 0.014  # the accent along the top: as wide as the card, so that no OCR takes it for a dash
CENTRED_LINES = 3  # a text this short stands in the middle, a longer one begins at the left
HARD_WRAPPED = 60  # a line this long ends where an editor wrapped it, not where its author broke it

HEADING = re.compile(r"(#{1,6})\s+(.+?)[\s#]*")
HEADING_SCALES = (1.7, 1.4, 1.2)
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True, kw_only=True)
class TypographicCard:
    """Sets text on a card; `smallest` is the least size of letters, of the card's shorter side."""

    card: ClassVar[Card] = Card(
        name="typographic-card",
        ability=Ability.DRAW,
        takes=(port(Modality.TEXT),),
        gives=port(Modality.IMAGE),
        summary="sets the words of a text on a card, in any language that a font here has",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.05, per_unit_s=0.0001, memory_gb=0.06, quality=0.5),
    )
    smallest: float = 0.031

    @contextmanager
    def open(self, device: str) -> Iterator[Draw]:
        """Yield a function of text and options; what is too long is cut after a sentence.

        It raises EmptyInput when there is nothing to draw.
        """
        yield self._draw

    def _draw(self, text: Text, options: DrawOptions) -> Iterator[Image]:
        width, height = options.size()
        short = min(width, height)
        margin = round(short * MARGIN)
        room = max(1, width - 2 * margin), max(1, height - 2 * margin)
        block = fit(parse(text.text), room, round(short * LARGEST), max(8, round(short * self.smallest)))
        if not block.lines:
            raise EmptyInput("the text holds no letter that can be drawn; give it words")
        yield _render(block, (width, height), options.theme, margin)


def parse(text: str) -> list[Paragraph]:
    """Read paragraphs: Markdown headings become large, emphasis marks are dropped, line breaks are kept."""
    paragraphs: list[Paragraph] = []
    for stretch in re.split(r"\n\s*\n", text.strip()):
        under_heading = bool(paragraphs and paragraphs[-1].bold)
        gap = 0.0 if under_heading else PARAGRAPH_GAP
        for line in _unwrapped(stretch.split("\n")):
            paragraphs.append(_paragraph(line, gap))
            gap = 0.0
    return paragraphs


def _paragraph(line: str, gap: float) -> Paragraph:
    heading = HEADING.fullmatch(line)
    if heading is None:
        return Paragraph(EMPHASIS.sub(r"\2", line), gap=gap)
    scale = HEADING_SCALES[min(len(heading[1]), len(HEADING_SCALES)) - 1]
    return Paragraph(EMPHASIS.sub(r"\2", heading[2]), scale, bold=True, gap=gap)


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the lines that an editor wrapped."""
    joined, length = [lines[0].strip()], len(lines[0])
    for line in lines[1:]:
        if length >= HARD_WRAPPED and line[:1].isalnum() and not HEADING.fullmatch(joined[-1]):
            space = "" if is_cjk(joined[-1][-1]) and is_cjk(line[0]) else " "
            joined[-1] += space + line.strip()
        else:
            joined.append(line.strip())
        length = len(line)
    return joined


def _render(block: Block, size: tuple[int, int], theme: Theme, margin: int) -> Image:
    import PIL.Image
    import PIL.ImageDraw

    width, height = size
    palette, short = PALETTES[theme], min(size)
    picture = PIL.Image.new("RGB", size, palette.ground)
    draw = PIL.ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, max(0, round(short * STRIP) - 1)), palette.accent)
    top = max(margin, (height - block.height) // 2)
    column = margin, top, width - 2 * margin
    draw_block(draw, block, column, [palette.ink], centred=len(block.lines) <= CENTRED_LINES)
    return Image(np.asarray(picture))

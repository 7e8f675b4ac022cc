"""RapidOCR: printed English and Chinese on pictures, by the PP-OCRv6 models inside its package."""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Read
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.see.appearance import looks_drawn
from vivavoce.engines.see.layout import Line, join, level, reading_order
from vivavoce.engines.see.views import views
from vivavoce.engines.split import guess_language
from vivavoce.errors import NothingFound
from vivavoce.media.image import Image, Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.text import Region, Text

STRAY_SHARE = 0.04  # of the Latin letters: those beyond Latin-1 that are rarer are misread
TALLEST_LINE = 0.5  # of the picture: what is found taller on a photograph is no line of a page


@dataclass(frozen=True, kw_only=True)
class RapidOcr:
    """How to read: lines below `min_confidence` are left out, a side over `max_side` pixels is scaled down.

    Asked for a page, a photograph counts as one only when lines cover at least the share `min_coverage` of it: a shop
    sign is no page. Drawn pictures (cards, slides, screenshots, clean scans) are read whatever they cover.
    """

    card: ClassVar[Card] = Card(
        name="rapidocr",
        ability=Ability.READ,
        takes=(port(Modality.IMAGE),),
        gives=port(Modality.TEXT),
        summary="printed text on a picture, English and Chinese, in reading order",
        licence="Apache-2.0",
        module="rapidocr",
        cost=Cost(fixed_s=0.5, per_unit_s=1.4, memory_gb=0.7, quality=0.9),
    )
    min_coverage: float = 0.12
    min_confidence: float = 0.6
    max_side: int = 2000
    threads: int = 2

    @contextmanager
    def open(self, device: str) -> Iterator[Read]:
        """Yield the reader, its models read from the installed package; it runs on the CPU."""
        find = self.line_finder()

        def read(image: Image, as_page: bool = False) -> Text:
            lines = find(image)
            self._check(lines, image, as_page)
            ordered = reading_order(level(lines))
            text = join(ordered)
            regions = tuple(_region(item.line, image) for row in ordered for item in row)
            return Text(text, guess_language(text), regions=regions)

        yield read

    def line_finder(self) -> Callable[[Image], list[Line]]:
        """Load the models and return a function that finds lines of text on a picture, in no order."""
        recognise = _recogniser(self.threads)

        def find(image: Image) -> list[Line]:
            found = []
            for view in views(image, self.max_side):
                for text, confidence, corners in recognise(view.pixels):
                    inside = view.top <= corners[:, 1].mean() < view.bottom
                    if inside and confidence >= self.min_confidence and text.strip():
                        found.append(Line(text.strip(), confidence, view.locate(corners)))
            return without_stray_accents(found)

        return find

    def _check(self, lines: list[Line], image: Image, as_page: bool) -> None:
        if not lines:
            raise NothingFound(
                "no text on the picture of {width} × {height} pixels; try a sharper one, or have it described",
                width=image.width,
                height=image.height,
            )
        covered = coverage(lines, image)
        if as_page and covered < self.min_coverage and not looks_drawn(image.rgb):
            raise NothingFound(
                "the picture is no page: its {count} lines of text cover {share:.1%} of it; have it described",
                count=len(lines),
                share=covered,
            )


Found = list[tuple[str, float, np.ndarray]]


def _recogniser(threads: int) -> Callable[[Pixels], Found]:
    """Return a function from RGB pixels to (text, confidence, corners float32 [4, 2]) of each line."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # it turns "Oslo" upside down, and saves no page: pages come upright
            "Global.max_side_len": 10**6,  # sizes are settled before the call
            "Det.box_thresh": 0.4,  # lone short numbers, as on charts, fall below the default of 0.5
            "Det.score_mode": "slow",
            "Det.limit_type": "max",
            "Det.limit_side_len": 10**6,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )

    def recognise(pixels: Pixels) -> Found:
        result: Any = engine(np.ascontiguousarray(pixels[..., ::-1]))
        if result.boxes is None or result.txts is None or result.scores is None:
            return []
        return [
            (str(text), float(score), np.asarray(corners, np.float32))
            for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        ]

    return recognise


def _region(line: Line, image: Image) -> Region:
    left, top, right, bottom = line.box
    box = max(0.0, left), max(0.0, top), min(float(image.width), right), min(float(image.height), bottom)
    return Region(line.text, box, line.confidence)


def without_stray_accents(lines: list[Line]) -> list[Line]:
    """Write "doğ" as "dog" where letters beyond Latin-1 are rare: the models know many alphabets."""
    letters = [c for line in lines for c in line.text if c.isalpha() and c < "\u0250"]
    rare = {c for c in letters if c >= "\u0100"}
    if not rare or sum(c in rare for c in letters) > STRAY_SHARE * len(letters):
        return lines
    plain = str.maketrans({c: "i" if c == "ı" else unicodedata.normalize("NFD", c)[0] for c in rare})
    return [replace(line, text=line.text.translate(plain)) for line in lines]


def coverage(lines: list[Line], image: Image) -> float:
    """Return the share of the picture that lines of text cover, 0..1."""
    area = 0.0
    for line in lines:
        width, height = (float(np.hypot(*(line.corners[i] - line.corners[0]))) for i in (1, 3))
        area += width * height if height <= TALLEST_LINE * image.height else 0.0
    return min(1.0, area / (image.width * image.height))

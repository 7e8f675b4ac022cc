"""Captions in a picture: at most two lines at a time, the word that is being said in another colour."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.engines.film.drawn import Canvas
from vivavoce.engines.fonts import drawable, font_path
from vivavoce.engines.typesetting import LEADING, Colour, Line, Paragraph, balanced, lay_out
from vivavoce.media.image import Pixels
from vivavoce.media.subtitles import cues
from vivavoce.media.text import Segment, Text

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

LINES = 2
SIZE, MARGIN, BOTTOM = 0.058, 0.11, 0.07  # letters, the sides, and below, of the picture's shorter side
HELD_S = 0.8  # a caption stays this long after its last word, unless the next one comes
BRIDGED_S = 1.6  # and over a pause this long, so that the picture does not flicker


@dataclass(frozen=True)
class Mark:
    """A word of a caption: its characters from `start` to `end`, and when it begins to be said."""

    start: int
    end: int
    start_s: float


@dataclass(frozen=True)
class Caption:
    """Text that is shown from `start_s` to `end_s`, with its words where their times are known."""

    text: str
    start_s: float
    end_s: float
    marks: tuple[Mark, ...] = ()


def captions(text: Text, width: int, size: int) -> list[Caption]:
    """Cut a transcript into captions of at most two lines of `width` pixels with letters of `size` pixels."""
    found = [part for cue in cues(text) for part in _split(_caption(cue), width, size)]
    return [_held(caption, after) for caption, after in pairwise([*found, None]) if caption]


def _caption(cue: Segment) -> Caption:
    font = font_path(cue.text)
    text = " ".join(drawable(cue.text, font).split())
    marks, at = [], 0
    for word in cue.words:
        letters = drawable(word.text, font).strip()
        start = text.find(letters, at) if letters else -1
        if start >= 0:
            at = start + len(letters)
            marks.append(Mark(start, at, word.start_s))
    return Caption(text, cue.start_s, cue.end_s, tuple(marks))


def _split(caption: Caption, width: int, size: int) -> Iterator[Caption]:
    """Yield the caption in parts of two lines, each at its words' times or its share of the whole time."""
    lines = lay_out([Paragraph(caption.text)], width, size).lines
    if len(lines) > LINES and len(lines) % LINES:  # a little narrower, so that no part is left with a word or two
        lines = lay_out([Paragraph(caption.text)], width * (len(lines) + 0.1) / (len(lines) + 1), size).lines
    starts = [line.start for line in lines[::LINES]]
    times_s = [_time_at(caption, start) for start in starts] + [caption.end_s]
    for number, (start, end) in enumerate(pairwise([*starts, len(caption.text)])):
        marks = [Mark(m.start - start, m.end - start, m.start_s) for m in caption.marks if start <= m.start < end]
        yield Caption(caption.text[start:end].rstrip(), times_s[number], times_s[number + 1], tuple(marks))


def _time_at(caption: Caption, start: int) -> float:
    following = next((mark.start_s for mark in caption.marks if mark.start >= start), None)
    if start and following is not None:
        return following
    share = start / max(1, len(caption.text))
    return caption.start_s + share * (caption.end_s - caption.start_s)


def _held(caption: Caption, after: Caption | None) -> Caption:
    end_s = caption.end_s + HELD_S
    if after is not None and after.start_s < caption.end_s + BRIDGED_S:
        end_s = max(after.start_s, caption.start_s)
    return Caption(caption.text, caption.start_s, end_s, caption.marks)


@dataclass(frozen=True)
class CaptionStrip:
    """Rows of a picture, from `top` on, that are kept for captions; `ground` is uint8 [height, width, 3]."""

    captions: list[Caption]
    ground: Pixels
    top: int
    size: int
    margin: int
    ink: Colour
    spoken: Colour

    def look(self, time_s: float) -> tuple[int, int]:
        """Return the number of the caption to show and of its word that is being said; -1 for none."""
        number = bisect_right(self.captions, time_s, key=lambda caption: caption.start_s) - 1
        if number < 0 or time_s >= self.captions[number].end_s:
            return -1, -1
        return number, bisect_right(self.captions[number].marks, time_s, key=lambda mark: mark.start_s) - 1

    def paint(self, picture: Pixels, number: int, word: int) -> None:
        """Put a caption with a word highlighted into `picture`, uint8 [height, width, 3]."""
        if number >= 0:
            picture[self.top : self.top + len(self.ground)] = self._draw(self.captions[number], word)

    def _draw(self, caption: Caption, word: int) -> Pixels:
        import PIL.Image
        import PIL.ImageDraw

        strip = PIL.Image.fromarray(self.ground)
        draw = PIL.ImageDraw.Draw(strip)
        block = balanced(Paragraph(caption.text), strip.width - 2 * self.margin, self.size)
        top = (strip.height - block.height) // 2
        mark = caption.marks[word] if word >= 0 else Mark(0, 0, 0.0)
        for line in block.lines:
            self._draw_line(draw, line, ((strip.width - line.width) / 2, top + line.top), mark)
        return np.asarray(strip)

    def _draw_line(self, draw: "ImageDraw", line: Line, corner: tuple[float, float], mark: Mark) -> None:
        x, y = corner
        first = min(max(mark.start - line.start, 0), len(line.text))
        last = min(max(mark.end - line.start, first), len(line.text))
        parts = ((0, first, self.ink), (first, last, self.spoken), (last, len(line.text), self.ink))
        for start, end, colour in parts:
            if start < end:
                at = x + line.face.getlength(line.text[:start])
                draw.text((at, y), line.text[start:end], colour, line.face)


def strip_rows(canvas: Canvas) -> tuple[int, int]:
    """Return the first row of the part kept for captions, and the row after its last."""
    height = round(LINES * canvas.part(SIZE) * LEADING)
    bottom = canvas.height - canvas.part(BOTTOM)
    return max(0, bottom - height), max(1, bottom)


def caption_strip(text: Text, picture: Pixels, ink: Colour, spoken: Colour) -> CaptionStrip:
    """Prepare the captions of a transcript to be drawn over a picture, uint8 [height, width, 3]."""
    canvas = Canvas(picture.shape[1], picture.shape[0])
    size, margin = canvas.part(SIZE), canvas.part(MARGIN)
    top, bottom = strip_rows(canvas)
    found = captions(text, max(1, canvas.width - 2 * margin), size)
    return CaptionStrip(found, picture[top:bottom].copy(), top, size, margin, ink, spoken)

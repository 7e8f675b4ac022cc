"""Speech that carries its words as a video of slides: a few sentences on each, the spoken one standing out."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar

import numpy as np

from vivavoce.engines.abilities import FilmSlides
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.film.drawn import Canvas, Look, film
from vivavoce.engines.film.spoken import spoken
from vivavoce.engines.fonts import font_path
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.typesetting import PALETTES, Block, Palette, Paragraph, draw_block, face, fit, stamp
from vivavoce.media.audio import Audio
from vivavoce.media.image import Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.text import UNSPACED, Segment, Text
from vivavoce.media.video import Video

SENTENCES = 4  # at most on a slide
CHARACTERS, CHARACTERS_UNSPACED = 260, 110

MARGIN, LARGEST, SMALLEST, NUMBER = 0.11, 0.08, 0.035, 0.032  # of the shorter side
BAR_WIDTH, BAR_GAP, PROGRESS = 0.009, 0.035, 0.009


@dataclass(frozen=True, kw_only=True)
class NarratedSlides:
    """Sets what is said on slides that turn as it is said."""

    card: ClassVar[Card] = Card(
        name="narrated-slides",
        ability=Ability.FILM_SLIDES,
        takes=(port(Modality.SPEECH, Trait.SPOKEN),),
        gives=port(Modality.VIDEO, Trait.AUDIBLE, Trait.SUBTITLED),
        summary="sets what is said on slides, the spoken sentence standing out",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.3, per_unit_s=0.08, memory_gb=0.15, quality=0.75),
    )
    sentences: int = SENTENCES

    @contextmanager
    def open(self, device: str) -> Iterator[FilmSlides]:
        """Yield a function of speech and options; it raises NothingFound for speech without a transcript."""
        yield self._film

    def _film(self, audio: Audio, options: FilmOptions) -> Video:
        transcript = spoken(audio)
        stage = _stage(transcript, audio.duration_s, options, self.sentences)
        return film(audio, transcript, options, stage.look, stage.draw)


@dataclass(frozen=True)
class _Stage:
    """The slides, when each of their sentences begins, and how a slide is set."""

    canvas: Canvas
    palette: Palette
    slides: list[list[Segment]]
    firsts: list[int]  # the number of each slide's first sentence
    starts_s: list[float]  # of all sentences
    duration_s: float
    block: Callable[[int], Block]

    def look(self, time_s: float) -> Look:
        sentence = max(0, bisect_right(self.starts_s, time_s + 1e-6) - 1)
        slide = bisect_right(self.firsts, sentence) - 1
        return slide, sentence - self.firsts[slide], int(time_s + 1e-6)

    def draw(self, look: Look) -> Pixels:
        slide, sentence, second = look
        canvas, palette = self.canvas, self.palette
        picture = np.full((canvas.height, canvas.width, 3), palette.ground, np.uint8)
        self._write_number(picture, slide)
        heard = round(canvas.width * min(1.0, second / max(self.duration_s, 1.0)))
        picture[-canvas.part(PROGRESS) :] = palette.panel
        picture[-canvas.part(PROGRESS) :, :heard] = palette.accent
        return self._write_sentences(picture, slide, sentence)

    def _write_number(self, picture: Pixels, slide: int) -> None:
        font = face(font_path("0 / 0"), self.canvas.part(NUMBER))
        number, margin = f"{slide + 1} / {len(self.slides)}", self.canvas.part(MARGIN)
        left = self.canvas.width - margin - round(font.getlength(number))
        top = self.canvas.height - (margin + self.canvas.part(PROGRESS) + self.canvas.part(NUMBER)) // 2
        stamp(picture, number, (left, top), font, self.palette.muted)

    def _write_sentences(self, picture: Pixels, slide: int, sentence: int) -> Pixels:
        import PIL.Image
        import PIL.ImageDraw

        canvas, palette, block = self.canvas, self.palette, self.block(slide)
        margin, gap = canvas.part(MARGIN), canvas.part(BAR_GAP)
        top = (canvas.height - block.height) // 2
        colours = [palette.muted] * len(self.slides[slide])
        colours[sentence] = palette.ink
        drawn = PIL.Image.fromarray(picture)
        draw = PIL.ImageDraw.Draw(drawn)
        draw_block(draw, block, (margin, top, canvas.width - 2 * margin), colours)
        said = [top + line.top for line in block.lines if line.paragraph == sentence]
        if said:
            left, foot = margin - gap, said[-1] + round(block.size * 1.25)
            draw.rectangle((left, said[0], left + canvas.part(BAR_WIDTH) - 1, foot), palette.accent)
        return np.asarray(drawn)


def _stage(transcript: Text, duration_s: float, options: FilmOptions, most: int) -> _Stage:
    canvas = Canvas.of(options)
    slides = group(transcript, most)
    box = canvas.width - 2 * canvas.part(MARGIN), canvas.height - 2 * canvas.part(MARGIN)

    def block(number: int) -> Block:
        paragraphs = [Paragraph(segment.text) for segment in slides[number]]
        return fit(paragraphs, box, canvas.part(LARGEST), max(8, canvas.part(SMALLEST)))

    firsts = [0, *accumulate(len(slide) for slide in slides)][:-1]
    starts_s = [segment.start_s for segment in transcript.segments]
    return _Stage(canvas, PALETTES[options.theme], slides, firsts, starts_s, duration_s, lru_cache(4)(block))


def group(transcript: Text, most: int) -> list[list[Segment]]:
    """Put the sentences on slides, at most `most` on each and no more than can be read well."""
    room = CHARACTERS_UNSPACED if transcript.language in UNSPACED else CHARACTERS
    slides: list[list[Segment]] = []
    for segment in transcript.segments:
        letters = sum(len(s.text) for s in slides[-1]) + len(segment.text) if slides else room + 1
        if letters > room or len(slides[-1]) >= most:
            slides.append([])
        slides[-1].append(segment)
    return slides

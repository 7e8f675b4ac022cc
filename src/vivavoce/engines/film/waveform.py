"""Speech as a video: its waveform, coloured as far as it has been heard, with captions."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import FilmSpeech
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.film.captions import CaptionStrip, caption_strip, strip_rows
from vivavoce.engines.film.drawn import Canvas, Look, film
from vivavoce.engines.fonts import font_path
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.typesetting import PALETTES, Colour, Palette, face, stamp, time_code
from vivavoce.errors import InputError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.media.video import Video

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

PAGE_S = 90.0  # a longer recording turns pages
REFRESH_HZ = 5  # steps of the coloured part: each costs the encoder a new picture
OVERSAMPLED = 3  # bars are drawn this much larger and scaled down, for smooth ends

MARGIN, GAP, BAR, CLOCK, WAVE = 0.08, 0.035, 0.0105, 0.032, 0.46  # of the shorter side
LOUD_PERCENTILE, LOUDNESS_CURVE = 98, 0.7  # the loudest bars are full height, quiet speech is still seen
SILENCE = 1e-3  # a recording that is nowhere louder is drawn as silence

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CaptionedWaveform:
    """Draws the loudness of speech over time, and captions with the spoken word highlighted."""

    card: ClassVar[Card] = Card(
        name="captioned-waveform",
        ability=Ability.FILM_SPEECH,
        takes=(port(Modality.SPEECH), port(Modality.TEXT, Trait.TIMED)),
        matched=True,
        gives=port(Modality.VIDEO, Trait.AUDIBLE, Trait.SUBTITLED),
        summary="shows speech as a waveform with captions",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.3, per_unit_s=0.1, memory_gb=0.15, quality=0.95),
    )
    page_s: float = PAGE_S

    @contextmanager
    def open(self, device: str) -> Iterator[FilmSpeech]:
        """Yield a function of speech, transcript and options; it raises InputError for untimed words."""
        yield self._film

    def _film(self, audio: Audio, transcript: Text, options: FilmOptions) -> Video:
        if transcript.text.strip() and not transcript.segments:
            raise InputError("the transcript has no times; transcribe or align the speech first")
        stage = _stage(audio, transcript, options, self.page_s)
        return film(audio, transcript, options, stage.look, stage.draw)


@dataclass(frozen=True)
class _Stage:
    """What stands where; `page` draws the waveform of a page, first as it waits and then as it was heard."""

    wave: tuple[int, int, int]  # left, top and width
    clock: tuple[int, int]  # left and top
    clock_face: "FreeTypeFont"
    palette: Palette
    page_s: float
    pages: int
    page: Callable[[int], tuple[Pixels, Pixels]]
    strip: CaptionStrip | None

    def look(self, time_s: float) -> Look:
        page = min(int(time_s / self.page_s), self.pages - 1)
        heard_s = math.floor(time_s * REFRESH_HZ + 1e-6) / REFRESH_HZ - page * self.page_s
        x = round(min(max(heard_s / self.page_s, 0.0), 1.0) * self.wave[2])
        return page, x, int(time_s + 1e-6), *(self.strip.look(time_s) if self.strip else (-1, -1))

    def draw(self, look: Look) -> Pixels:
        page, x, second, caption, word = look
        waiting, heard = self.page(page)
        picture = waiting.copy()
        left, top, _ = self.wave
        picture[top : top + len(heard), left : left + x] = heard[:, :x]
        stamp(picture, time_code(second), self.clock, self.clock_face, self.palette.accent)
        if self.strip:
            self.strip.paint(picture, caption, word)
        return picture


def _stage(audio: Audio, transcript: Text, options: FilmOptions, page_s: float) -> _Stage:
    canvas, palette = Canvas.of(options), PALETTES[options.theme]
    margin, gap, clock_size = canvas.part(MARGIN), canvas.part(GAP), canvas.part(CLOCK)
    captioned = options.subtitles in ("burnt", "both")
    bottom = strip_rows(canvas)[0] - gap if captioned else canvas.height - margin
    height = max(1, min(bottom - margin - gap - clock_size, canvas.part(WAVE)))
    top = max(0, (bottom + margin - gap - clock_size - height) // 2)
    width = max(1, canvas.width - 2 * margin)
    clock, clock_face = (margin, top + height + gap), face(font_path("0:00"), clock_size)

    ground = np.full((canvas.height, canvas.width, 3), palette.ground, np.uint8)
    strip = caption_strip(transcript, ground, palette.ink, palette.accent) if captioned else None
    total = time_code(audio.duration_s)
    at = round(canvas.width - margin - clock_face.getlength(total)), clock[1]
    stamp(ground, total, at, clock_face, palette.muted)

    pages = max(1, math.ceil(audio.duration_s / page_s - 1e-6))
    shown_s = max(audio.duration_s / pages, 1e-3)
    step = canvas.part(BAR)
    levels = loudness(audio, pages, max(1, width // step))

    def page(number: int) -> tuple[Pixels, Pixels]:
        mask = _bars(levels[number], step, width, height)
        waiting = ground.copy()
        waiting[top : top + height, margin : margin + width] = _tinted(mask, palette.ground, palette.muted)
        return waiting, _tinted(mask, palette.ground, palette.accent)

    return _Stage((margin, top, width), clock, clock_face, palette, shown_s, pages, lru_cache(2)(page), strip)


def loudness(audio: Audio, pages: int, bars: int) -> Levels:
    """Return how loud each bar of each page is, float64 [pages, bars] in 0..1, by its mean power."""
    edges = np.linspace(0, len(audio.samples), pages * bars + 1).astype(int)
    power = np.zeros(pages * bars)
    for bar, (start, end) in enumerate(pairwise(edges)):
        if end > start:
            power[bar] = np.mean(np.square(audio.samples[start:end]), dtype=np.float64)
    loud = np.percentile(power, LOUD_PERCENTILE) ** 0.5
    levels = np.minimum(power**0.5 / max(loud, SILENCE), 1.0) ** LOUDNESS_CURVE
    return np.asarray(levels.reshape(pages, bars))


def _bars(levels: npt.NDArray[np.float64], step: int, width: int, height: int) -> Pixels:
    """Draw a bar with round ends for each level, a dot for silence: a mask, uint8 [height, width]."""
    import PIL.Image
    import PIL.ImageDraw

    mask = PIL.Image.new("L", (width * OVERSAMPLED, height * OVERSAMPLED))
    draw = PIL.ImageDraw.Draw(mask)
    thickness = max(1, round(step * 0.6)) * OVERSAMPLED
    for number, level in enumerate(levels):
        left = number * step * OVERSAMPLED
        length = max(thickness, round(level * mask.height))
        top = (mask.height - length) // 2
        draw.rounded_rectangle((left, top, left + thickness - 1, top + length - 1), thickness // 2, fill=255)
    return np.asarray(mask.reduce(OVERSAMPLED))


def _tinted(mask: Pixels, ground: Colour, colour: Colour) -> Pixels:
    share = mask[..., np.newaxis] / 255
    return np.asarray(ground + share * np.subtract(colour, ground)).round().astype(np.uint8)

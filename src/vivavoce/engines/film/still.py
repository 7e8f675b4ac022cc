"""A picture and a voice as a video: the picture on a blurred ground of itself, captions below it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vivavoce.engines.abilities import FilmStill
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.film.captions import CaptionStrip, caption_strip, strip_rows
from vivavoce.engines.film.drawn import Canvas, Look, film
from vivavoce.engines.film.spoken import spoken
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.typesetting import PALETTES, Colour
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image, Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.video import Video

BLUR = 0.05  # radius, of the shorter side
VEIL = 0.72  # share of the theme's ground in the blurred picture: captions must stand out from it
MARGIN = 0.05  # around the picture when captions stand below it, of the shorter side


@dataclass(frozen=True, kw_only=True)
class NarratedStill:
    """Shows a picture for as long as a voice speaks, with captions."""

    card: ClassVar[Card] = Card(
        name="narrated-still",
        ability=Ability.FILM_STILL,
        takes=(port(Modality.IMAGE), port(Modality.SPEECH, Trait.SPOKEN)),
        gives=port(Modality.VIDEO, Trait.AUDIBLE, Trait.SUBTITLED),
        summary="shows a picture while a voice speaks, with captions",
        licence="Apache-2.0",
        cost=Cost(fixed_s=1.5, per_unit_s=0.1, memory_gb=0.15, quality=0.95),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[FilmStill]:
        """Yield a function of a picture, speech and options; it raises NothingFound for speech without words."""
        yield self._film

    def _film(self, image: Image, audio: Audio, options: FilmOptions) -> Video:
        transcript, palette = spoken(audio), PALETTES[options.theme]
        captioned = options.subtitles in ("burnt", "both")
        ground = compose(image, Canvas.of(options), palette.ground, captioned)
        strip = caption_strip(transcript, ground, palette.ink, palette.accent) if captioned else None
        stage = _Stage(ground, strip)
        return film(audio, transcript, options, stage.look, stage.draw, image.digest())


@dataclass(frozen=True)
class _Stage:
    """The picture, uint8 [height, width, 3], and the captions over it."""

    ground: Pixels
    strip: CaptionStrip | None

    def look(self, time_s: float) -> Look:
        return self.strip.look(time_s) if self.strip else (-1, -1)

    def draw(self, look: Look) -> Pixels:
        picture = self.ground.copy()
        if self.strip:
            self.strip.paint(picture, *look)
        return picture


def compose(image: Image, canvas: Canvas, veil: Colour, captioned: bool) -> Pixels:
    """Fit the picture on a blurred ground of itself, uint8 [height, width, 3]; above the captions if there are any."""
    import PIL.Image
    import PIL.ImageFilter
    import PIL.ImageOps

    picture, size = PIL.Image.fromarray(image.rgb), (canvas.width, canvas.height)
    small = PIL.ImageOps.fit(picture, (max(1, canvas.width // 8), max(1, canvas.height // 8)))
    blurred = small.filter(PIL.ImageFilter.GaussianBlur(canvas.part(BLUR) / 8)).resize(size)
    ground = PIL.Image.blend(blurred, PIL.Image.new("RGB", size, veil), VEIL)
    margin = canvas.part(MARGIN) if captioned else 0
    bottom = strip_rows(canvas)[0] if captioned else canvas.height
    room = max(1, canvas.width - 2 * margin), max(1, bottom - 2 * margin)
    fitted = PIL.ImageOps.contain(picture, room, PIL.Image.Resampling.LANCZOS)
    ground.paste(fitted, ((canvas.width - fitted.width) // 2, (bottom - fitted.height) // 2))
    return np.array(ground)

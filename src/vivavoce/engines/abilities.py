"""The call signature of each ability, and the options that callers may set."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.table import Table
from vivavoce.media.text import Segment, Text
from vivavoce.media.video import Video

Theme = Literal["light", "dark", "paper"]
THEMES: tuple[Theme, ...] = ("light", "dark", "paper")
SIDES = (1, 8192)


def check_look(width: int, height: int, theme: str) -> None:
    """Raise UsageError for a size outside 1–8192 pixels a side, or an unknown theme."""
    if not (SIDES[0] <= width <= SIDES[1] and SIDES[0] <= height <= SIDES[1]):
        raise UsageError(
            "a size of {width} × {height} is outside {low}–{high} pixels a side; choose one inside",
            width=width,
            height=height,
            low=SIDES[0],
            high=SIDES[1],
        )
    if theme not in THEMES:
        raise UsageError("unknown theme “{theme}”; choose one of {known}", theme=theme, known=", ".join(THEMES))


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a recogniser may be told: language code, the words to expect, a JSGF grammar, translation into English."""

    language: str | None = None
    grammar: str = ""
    prompt: str = ""
    task: Literal["transcribe", "translate"] = "transcribe"


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How to speak: a voice's name ("" for the language's own), speed as a factor 0.25–4, pitch in 0..100."""

    name: str = ""
    rate: float = 1.0
    pitch: int = 50

    def __post_init__(self) -> None:
        if not 0.25 <= self.rate <= 4:
            raise UsageError("a speaking rate of {rate} is outside 0.25–4; choose one inside", rate=self.rate)
        if not 0 <= self.pitch <= 100:
            raise UsageError("a pitch of {pitch} is outside 0–100; choose one inside", pitch=self.pitch)


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """How a picture looks: size in pixels and theme."""

    width: int = 1280
    height: int = 720
    theme: Theme = "light"

    def __post_init__(self) -> None:
        check_look(self.width, self.height, self.theme)


@dataclass(frozen=True, kw_only=True)
class FilmOptions:
    """How a video looks: size in pixels, frames a second, theme; subtitles are burnt into it or soft beside it."""

    width: int = 1280
    height: int = 720
    fps: int = 10
    theme: Theme = "dark"
    subtitles: Literal["burnt", "soft", "both", "none"] = "both"

    def __post_init__(self) -> None:
        check_look(self.width, self.height, self.theme)
        if not 1 <= self.fps <= 120:
            raise UsageError("a rate of {fps} frames a second is outside 1–120; choose one inside", fps=self.fps)


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """All that a caller may ask of the engines along a route."""

    hints: Hints = field(default_factory=Hints)
    voice: Voice = field(default_factory=Voice)
    draw: DrawOptions = field(default_factory=DrawOptions)
    film: FilmOptions = field(default_factory=FilmOptions)


@dataclass(frozen=True)
class Span:
    """A stretch of time in seconds."""

    start_s: float
    end_s: float


class Transcribe(Protocol):
    """Speech to segments, as they are found. Raises NothingFound where nobody speaks."""

    def __call__(self, audio: Audio, hints: Hints) -> Iterator[Segment]:
        """Yield segments in order; times lie inside the audio."""
        ...


class Align(Protocol):
    """Find when each word of a known text is said."""

    def __call__(self, audio: Audio, text: Text) -> Text:
        """Return the text with segments and words; raise NothingFound when it does not fit the audio."""
        ...


class DetectSpeech(Protocol):
    """Find where somebody speaks."""

    def __call__(self, audio: Audio) -> list[Span]:
        """Return the spans in order, none overlapping."""
        ...


class Speak(Protocol):
    """Text to speech, sentence by sentence."""

    def __call__(self, text: Text, voice: Voice) -> Iterator[Audio]:
        """Yield sound as it is made, each part with its own transcript."""
        ...


class Translate(Protocol):
    """Text into another language."""

    def __call__(self, text: Text, language: str) -> Text:
        """Return `text` in `language`, segment for segment."""
        ...


class Read(Protocol):
    """Text on an image, in reading order, with a region for each line. Raises NothingFound on a picture without any."""

    def __call__(self, image: Image, as_page: bool = False) -> Text:
        """Return the text; with `as_page` only if it fills the picture as on a page, so that a photograph raises."""
        ...


class Describe(Protocol):
    """What an image shows."""

    def __call__(self, image: Image, language: str | None) -> Text:
        """Return a description in `language`, English if None."""
        ...


class Answer(Protocol):
    """A question about an image."""

    def __call__(self, image: Image, question: Text) -> Text:
        """Return the answer."""
        ...


class Draw(Protocol):
    """Text to a picture."""

    def __call__(self, text: Text, options: DrawOptions) -> Image:
        """Return the picture."""
        ...


class FilmSpeech(Protocol):
    """Speech and its transcript to a video."""

    def __call__(self, audio: Audio, transcript: Text, options: FilmOptions) -> Video:
        """Return a video whose frames are drawn when it is saved."""
        ...


class FilmSlides(Protocol):
    """Speech that carries its transcript to a video."""

    def __call__(self, audio: Audio, options: FilmOptions) -> Video:
        """Return a video whose frames are drawn when it is saved."""
        ...


class FilmStill(Protocol):
    """A picture and what is said about it to a video."""

    def __call__(self, image: Image, audio: Audio, options: FilmOptions) -> Video:
        """Return a video whose frames are drawn when it is saved."""
        ...


class Watch(Protocol):
    """What a video shows, without its sound."""

    def __call__(self, video: Video, language: str | None) -> Text:
        """Return a description with a segment for each scene, in `language`, English if None."""
        ...


class TakeNotes(Protocol):
    """A video and its transcript to a document."""

    def __call__(self, video: Video, transcript: Text) -> Text:
        """Return Markdown: a time-coded heading for each scene, then what is said in it."""
        ...


class ContactSheet(Protocol):
    """A video at a glance."""

    def __call__(self, video: Video, options: DrawOptions) -> Image:
        """Return a grid of frames, each with its time."""
        ...


class Unpack(Protocol):
    """Take out what a value already carries: a sound track, subtitles, the words of synthetic speech."""

    def __call__(self, value: Audio | Video, rate_hz: int | None) -> Audio | Text:
        """Return it; sound comes mono at `rate_hz` if one is given, else as it is. Raises NothingFound without any."""
        ...


class Attach(Protocol):
    """Let speech carry its transcript."""

    def __call__(self, audio: Audio, transcript: Text) -> Audio:
        """Return the same speech with the transcript."""
        ...


class Extract(Protocol):
    """A table from text or from a picture of one. Raises NothingFound where there is none."""

    def __call__(self, source: Text | Image) -> Table:
        """Return the table."""
        ...


class Summarise(Protocol):
    """A table in sentences that can be read aloud."""

    def __call__(self, table: Table, language: str | None) -> Text:
        """Return the sentences in `language`, English if None."""
        ...


class Chart(Protocol):
    """A table as a chart."""

    def __call__(self, table: Table, options: DrawOptions) -> Image:
        """Return the chart."""
        ...


class Embed(Protocol):
    """Texts to vectors of one space."""

    def __call__(self, texts: list[Text]) -> npt.NDArray[np.float32]:
        """Return float32 [texts, width], each row of length 1."""
        ...


class IdentifyLanguage(Protocol):
    """Which language a text is in."""

    def __call__(self, text: Text) -> tuple[str, float]:
        """Return an ISO 639 code and a probability."""
        ...

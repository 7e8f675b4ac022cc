"""The call signature of each ability."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vivavoce.engines.conversation import ChatOptions, Message, ToolCall
from vivavoce.engines.options import DrawOptions, FilmOptions, Hints, Voice
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.mesh import Mesh
from vivavoce.media.table import Table
from vivavoce.media.text import Segment, Text
from vivavoce.media.video import Video


@dataclass(frozen=True)
class Span:
    """A stretch of time in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """A stretch of time in seconds in which one person speaks."""

    speaker: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Score:
    """A label and its probability in 0..1."""

    label: str
    probability: float


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
    """A question about pictures, or about videos, of which frames are looked at."""

    def __call__(self, views: Sequence[Image | Video], question: Text) -> Text:
        """Return the answer; raise UsageError for more views than the engine can look at together."""
        ...


class Classify(Protocol):
    """Which of some labels fits an image."""

    def __call__(self, image: Image, labels: Sequence[str]) -> list[Score]:
        """Return a score a label, the best first; without labels those that the model was trained on."""
        ...


class Hear(Protocol):
    """What a sound is: events, or a property of the voice that the model was trained to tell."""

    def __call__(self, audio: Audio, labels: Sequence[str]) -> list[Score]:
        """Return a score a label, the best first; without labels those that the model was trained on.

        Raises UsageError for labels that a model of fixed labels doesn't know.
        """
        ...


class Diarize(Protocol):
    """Who speaks when."""

    def __call__(self, audio: Audio, speakers: int | None) -> list[Turn]:
        """Return the turns in order, none overlapping; `speakers` is how many there are, None to find out."""
        ...


class Voiceprint(Protocol):
    """What makes a voice that person's."""

    def __call__(self, audio: Audio) -> npt.NDArray[np.float32]:
        """Return float32 [width] of length 1; two of the same person have a large dot product."""
        ...


class Chat(Protocol):
    """A conversation's next turn."""

    def __call__(self, messages: Sequence[Message], options: ChatOptions) -> Iterator[str | ToolCall]:
        """Yield words as they are written, and calls of tools when they are whole; closing the iterator stops it."""
        ...


class Draw(Protocol):
    """Text to pictures."""

    def __call__(self, text: Text, options: DrawOptions) -> Iterator[Image]:
        """Yield `options.brush.count` pictures."""
        ...


class Redraw(Protocol):
    """A picture and what it shall become to pictures."""

    def __call__(self, image: Image, text: Text, options: DrawOptions, mask: Image | None = None) -> Iterator[Image]:
        """Yield `options.brush.count` pictures; with a mask only its white parts are changed."""
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


class FilmText(Protocol):
    """Text to a video."""

    def __call__(self, text: Text, options: FilmOptions) -> Video:
        """Return a silent video."""
        ...


class Shape(Protocol):
    """Text to a solid. Raises NothingFound where the model made no surface."""

    def __call__(self, text: Text, options: DrawOptions) -> Mesh:
        """Return a mesh; of the options only style, seed, steps and guidance of the brush count."""
        ...


class Render(Protocol):
    """A solid to a picture."""

    def __call__(self, mesh: Mesh, options: DrawOptions) -> Image:
        """Return a view of it."""
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
    """Values to vectors of one space."""

    def __call__(self, values: Sequence[Text | Audio | Image]) -> npt.NDArray[np.float32]:
        """Return float32 [values, width], each row of length 1; raise UsageError for a modality that it can't embed."""
        ...


class IdentifyLanguage(Protocol):
    """Which language a text is in."""

    def __call__(self, text: Text) -> tuple[str, float]:
        """Return an ISO 639 code and a probability."""
        ...

"""Text: plain, timed (a transcript) or placed on a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from vivavoce.errors import InputError
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest, merge

UNSPACED = ("zh", "ja", "th", "yue")  # languages written without spaces between words


@dataclass(frozen=True)
class Word:
    """A word and when it was said, in seconds from the start of the recording; confidence in 0..1 or None."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of speech and what was said in it; confidence in 0..1 or None."""

    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    speaker: str = ""

    def shifted(self, offset_s: float) -> Self:
        """Return the same segment `offset_s` seconds later."""
        words = tuple(replace(w, start_s=w.start_s + offset_s, end_s=w.end_s + offset_s) for w in self.words)
        return replace(self, start_s=self.start_s + offset_s, end_s=self.end_s + offset_s, words=words)


@dataclass(frozen=True)
class Region:
    """A line of text on an image: box is (left, top, right, bottom) in pixels, confidence in 0..1."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True)
class Text:
    """Text with an ISO 639 language code or None; a transcript has segments, text read from an image has regions.

    Raises InputError when `text` holds half of a surrogate pair, which no file could store.
    """

    text: str
    language: str | None = None
    segments: tuple[Segment, ...] = ()
    regions: tuple[Region, ...] = ()
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.TEXT

    def __post_init__(self) -> None:
        check_storable(self.text)
        for segment in self.segments:
            check_storable("\n".join([segment.text, segment.speaker, *(word.text for word in segment.words)]))

    @property
    def timed(self) -> bool:
        """Whether it is a transcript."""
        return bool(self.segments)

    @property
    def confidence(self) -> float | None:
        """The mean confidence of segments or regions, weighted by length; None where there is none."""
        parts: list[Segment | Region] = [*self.segments, *self.regions]
        rated = [(len(part.text), part.confidence) for part in parts if part.confidence is not None]
        weight = sum(length for length, _ in rated)
        return sum(length * confidence for length, confidence in rated) / weight if weight else None

    def digest(self) -> str:
        """SHA-256 of the text and its times."""
        return digest(self.text, repr([(s.text, s.start_s, s.end_s) for s in self.segments]))

    @classmethod
    def from_segments(cls, segments: Sequence[Segment], language: str | None = None) -> Self:
        """Build a transcript; its text is the segments joined as the language joins sentences."""
        return cls(joiner(language).join(s.text for s in segments), language, tuple(segments))

    @classmethod
    def join(cls, parts: Sequence["Text"]) -> "Text":
        """Join the parts of a stream into one text."""
        if len(parts) == 1:
            return parts[0]
        language = next((p.language for p in parts if p.language), None)
        return cls(
            joiner(language).join(p.text for p in parts),
            language,
            tuple(s for p in parts for s in p.segments),
            tuple(r for p in parts for r in p.regions),
            merge(p.origin for p in parts),
        )


def check_storable(text: str) -> None:
    """Raise InputError when `text` holds half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "the text holds a lone surrogate (U+{code:04X}) at character {at}; save it as UTF-8 and try again",
            code=ord(text[error.start]),
            at=error.start,
        ) from None


def joiner(language: str | None) -> str:
    """Return what stands between two sentences: nothing in Chinese, a space in English."""
    return "" if language in UNSPACED else " "

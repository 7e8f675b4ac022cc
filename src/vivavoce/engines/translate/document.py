"""A whole text through a function that translates sentences: lines, lists, times and addresses stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from vivavoce.engines.language_codes import usual
from vivavoce.engines.translate.pieces import Fits, Piece, around_kept, joined, lost, pieces
from vivavoce.errors import UnsupportedLanguage
from vivavoce.media.text import Segment, Text

Sentences = Callable[[Sequence[str]], Sequence[str]]
WINDOW = 256  # sentences that are in work at once, so that a book takes no more memory than a page


@dataclass(frozen=True)
class Direction:
    """From which language into which, by the codes that callers use."""

    source: str
    target: str


def direction(text: Text, language: str) -> Direction | None:
    """Return the way to translate `text`, None when it is in `language` already.

    Raises UnsupportedLanguage when the language of the text is unknown.
    """
    if text.language is None:
        raise UnsupportedLanguage(
            "the language of the text is not known; name it by --from (viva translate) or --language, such as en"
        )
    way = Direction(usual(text.language), usual(language))
    return None if way.source == way.target else way


def translated(text: Text, language: str, way: Direction, translate: Sentences, fits: Fits) -> Text:
    """Return `text` in `language`; a transcript keeps its segments and their times, without the times of words.

    `translate` returns as many sentences as it is given; `fits` says whether a sentence is short enough for it.
    """
    bodies = [segment.text for segment in text.segments] or [text.text]
    taken = [pieces(body, way.source, fits) for body in bodies]
    given = iter(_in_windows([piece.text for parts in taken for piece in parts if not piece.kept], way, translate))
    made = [_together(parts, list(islice(given, _sentence_count(parts))), way) for parts in taken]
    if not text.segments:
        return Text(made[0], language)
    segments = [_spoken(segment, body) for segment, body in zip(text.segments, made, strict=True)]
    return Text.from_segments(segments, language)


def _sentence_count(parts: Sequence[Piece]) -> int:
    return sum(not piece.kept for piece in parts)


def _together(parts: Sequence[Piece], translations: Sequence[str], way: Direction) -> str:
    return joined(parts, translations, way.source, way.target)


def _spoken(segment: Segment, body: str) -> Segment:
    return replace(segment, text=body, words=())


def _in_windows(sentences: Sequence[str], way: Direction, translate: Sentences) -> list[str]:
    """Translate a window at a time; where something got lost that must be kept, translate around it."""
    done: list[str] = []
    for start in range(0, len(sentences), WINDOW):
        window = sentences[start : start + WINDOW]
        done += _mended(window, translate(window), way, translate)
    return done


def _mended(window: Sequence[str], made: Sequence[str], way: Direction, translate: Sentences) -> list[str]:
    mended = list(made)
    broken = {at: around_kept(sentence) for at, sentence in enumerate(window) if lost(sentence, mended[at])}
    fragments = [piece.text for parts in broken.values() for piece in parts if not piece.kept]
    given = iter(translate(fragments) if fragments else [])
    for at, parts in broken.items():
        mended[at] = _together(parts, list(islice(given, _sentence_count(parts))), way)
    return mended

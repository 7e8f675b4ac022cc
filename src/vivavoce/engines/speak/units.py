"""The words of a clause and the frames in which a model says them: where its sound may be cut."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivavoce.engines.speak.normalise import Clause
from vivavoce.engines.speak.rewrite import Piece
from vivavoce.engines.split import HAN

WORD = re.compile(rf"{HAN.pattern}[^\w\s]*\s*|[^\s{HAN.pattern[1:]}+\s*|\s+")
FIRST_PART_S = 0.15  # while it is heard, two cores decode the next
GROWTH = 2.0  # each part may take as long to make as the one before takes to be heard


@dataclass(frozen=True)
class Unit:
    """A word as it is written, from one frame to another; `timed` when the model itself says when."""

    written: str
    said: str
    start: int = 0
    end: int = 0
    timed: bool = False


def words_of(clause: Clause) -> list[Piece]:
    """Cut a clause into words, a Chinese character being one; what is said otherwise than written stays whole."""
    words: list[Piece] = []
    for piece in clause.pieces:
        plain = piece.written == piece.said
        for word in WORD.findall(piece.written) if plain else [piece.written]:
            said = word if plain else piece.said
            if words and not any(letter.isalnum() for letter in word):
                words[-1] = Piece(words[-1].written + word, words[-1].said + said)
            else:
                words.append(Piece(word, said))
    return words


def units_of(clause: Clause, ends: npt.NDArray[np.int64], kept: str, keep: Callable[[str], str]) -> list[Unit]:
    """Return the words with their frames.

    `kept` are the characters that a model reads of the clause, `ends` the frame at which each ends, and `keep` tells
    what it reads of one word. Where the words are not found in the whole, as with phonemes, frames are shared out by
    length, which is enough to cut by and is not told as time.
    """
    words = words_of(clause)
    timed = _timed(words, ends, kept, keep)
    if timed is not None:
        return timed
    lengths = np.cumsum([len(word.said) for word in words])
    frames = np.round(lengths / max(1, lengths[-1]) * ends[-1]).astype(int).tolist()
    return [
        Unit(word.written, word.said, start, end) for word, start, end in zip(words, [0, *frames], frames, strict=False)
    ]


def _timed(
    words: Sequence[Piece], ends: npt.NDArray[np.int64], kept: str, keep: Callable[[str], str]
) -> list[Unit] | None:
    if len(ends) != len(kept):
        return None
    units, at = [], 0
    for word in words:
        read = keep(word.said)
        found = kept.find(read, at) if read else at
        if found < 0 or found > at + 1:
            return None
        start = int(ends[found - 1]) if found else 0
        at = found + len(read)
        units.append(Unit(word.written, word.said, start, int(ends[at - 1]) if at else 0, timed=bool(read)))
    return units if kept[at:].strip() == "" else None


def parts_of(units: Sequence[Unit], frames: int, frames_per_s: float) -> list[tuple[int, list[Unit]]]:
    """Return (end frame, words that begin in it) of the parts in which sound goes out.

    The first is as short as can be and may end within a word; the others end with one, each longer than the one before.
    """
    first = round(FIRST_PART_S * frames_per_s)
    begun = [unit for unit in units if unit.start < first]
    if len(begun) == len(units) or begun[-1].end + first > frames:
        return [(frames, list(units))]
    parts = [(first, begun)]
    start, least, held = first, first * GROWTH, list[Unit]()
    for unit in units[len(begun) :]:
        held.append(unit)
        if start + least <= unit.end <= frames - first:
            parts.append((unit.end, held))
            start, least, held = unit.end, least * GROWTH, []
    if held:
        return [*parts, (frames, held)]
    return [*parts[:-1], (frames, parts[-1][1])]

"""Text as a voice must read it: numbers, dates, money, units, symbols and abbreviations in words.

Models that were trained on words alone skip what is not: 25% would be silent. English and Chinese have rules; in
other languages only what no voice can say is left out: for voices that take phonemes, espeak's own rules follow.
"""

import re
from dataclasses import dataclass

from vivavoce.engines.speak import chinese, english
from vivavoce.engines.speak.rewrite import Piece, rewritten, rule

# Pictures and marks that are not read, variation selectors and joiners between them included.
SILENT = rule(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200b-\u200f\u2028-\u202e\u2060\ufeff\U000e0000-\U000e007f"
    "\ue000-\uf8ff]+",
    lambda match: "",
)
WIDE = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()})


@dataclass(frozen=True)
class Clause:
    """What is said in one breath: its pieces, in a language."""

    pieces: tuple[Piece, ...]
    language: str

    @property
    def written(self) -> str:
        """The words of the text."""
        return "".join(piece.written for piece in self.pieces)

    @property
    def said(self) -> str:
        """The words for the voice, with single spaces."""
        return re.sub(r"\s+", " ", "".join(piece.said for piece in self.pieces)).strip()


def normalised(text: str, language: str) -> Clause:
    """Return `text` with what a voice shall say for each part of it."""
    rules = {"en": english.rules, "zh": chinese.rules, "yue": chinese.rules}.get(language, tuple)()
    pieces, at = [], 0
    for piece in rewritten(text.translate(WIDE), (SILENT, *rules)):
        written = text[at : at + len(piece.written)]
        pieces.append(Piece(written, piece.said))
        at += len(written)
    return Clause(tuple(pieces), language)

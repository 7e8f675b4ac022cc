"""Forced alignment by pocketsphinx: when each word of a known English text is said."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from vivavoce.engines.abilities import Align
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.split import sentences
from vivavoce.errors import NothingFound, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text, Word

RATE_HZ = 16_000
FRAME_S = 0.01
# The words are known, so pruning gains nothing; a second pass over the lattice may drop the last of them.
SEARCH = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-48, "bestpath": False}
LETTERS = re.compile(r"[^\w'’-]+")
# One phone a letter, for words that no dictionary has: good enough to find where they are.
PHONES = "AH B K D EH F G HH IH JH K L M N AA P K R S T AH V W K IY Z"
PHONE_OF_LETTER = dict(zip("abcdefghijklmnopqrstuvwxyz", PHONES.split(), strict=True))


@dataclass(frozen=True, kw_only=True)
class PocketSphinxAligner:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="pocketsphinx-align",
        ability=Ability.ALIGN,
        takes=(port(Modality.SPEECH), port(Modality.TEXT)),
        gives=port(Modality.TEXT, Trait.TIMED),
        summary="finds when each word of a known English text is said",
        licence="BSD-2-Clause",
        languages=("en",),
        matched=True,
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.4, per_unit_s=0.06, memory_gb=0.15, quality=0.8),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Align]:
        """Yield the aligner; it runs on the CPU whatever `device` says."""
        from pocketsphinx import Decoder

        decoder = Decoder(lm=None, loglevel="FATAL", **SEARCH)

        def align(audio: Audio, text: Text) -> Text:
            if text.language not in (None, "en"):
                raise UnsupportedLanguage(
                    "pocketsphinx aligns English only, got {language}; give an English text", language=text.language
                )
            lines = [words for sentence in sentences(text.text, "en") if (words := _words(sentence))]
            flat = [word for line in lines for word in line]
            pcm = (np.clip(audio.at(RATE_HZ), -1, 1) * 32767).astype("<i2").tobytes()
            timed = _align(decoder, [_spoken(decoder, word) for word in flat], pcm) if flat else []
            if not flat or len(timed) != len(flat):
                raise NothingFound(
                    "the {words} words can't be found in {seconds:.1f} s of sound; check that they are what is said",
                    words=len(flat),
                    seconds=audio.duration_s,
                )
            return replace(text, segments=tuple(_segments(lines, timed)), language="en")

        yield align


def _words(sentence: str) -> list[str]:
    return [word for word in LETTERS.split(sentence) if any(c.isalnum() for c in word)]


def _spoken(decoder: Any, word: str) -> str:  # noqa: ANN401 - pocketsphinx has no types
    """Return the dictionary's form of `word`; an unknown one is added with a rough pronunciation."""
    plain = word.lower().replace("’", "'").strip("'-")
    if not decoder.lookup_word(plain):
        phones = [PHONE_OF_LETTER[letter] for letter in plain if letter in PHONE_OF_LETTER]
        decoder.add_word(plain, " ".join(phones or ["AH"]), True)
    return plain


def _align(decoder: Any, words: list[str], pcm: bytes) -> list[tuple[float, float]]:  # noqa: ANN401
    """Return (start, end) in seconds of each word, or [] where the text does not fit."""
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return []
    return [
        (seg.start_frame * FRAME_S, (seg.end_frame + 1) * FRAME_S)
        for seg in decoder.seg() or ()
        if not seg.word.startswith(("<", "[", "("))
    ]


def _segments(lines: list[list[str]], timed: list[tuple[float, float]]) -> Iterator[Segment]:
    at = 0
    for line in lines:
        words = tuple(Word(word, *span) for word, span in zip(line, timed[at : at + len(line)], strict=True))
        at += len(line)
        yield Segment(" ".join(line), words[0].start_s, words[-1].end_s, words)

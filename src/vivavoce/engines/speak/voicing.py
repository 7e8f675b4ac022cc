"""The way of every neural voice: from text to words it can say, from its sound to the settings asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

import numpy as np

from vivavoce.engines.options import Voice
from vivavoce.engines.speak.inflect import Inflection, inflected, inflection_of
from vivavoce.engines.speak.loudness import TARGET_LUFS, Leveller
from vivavoce.engines.speak.normalise import Clause, normalised
from vivavoce.engines.speak.prosody import spoken_clauses
from vivavoce.engines.split import guess_language
from vivavoce.errors import EmptyInput, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.text import Segment, Text, Word

FADE_S = 0.004
SENTENCE_PAUSE_S, CLAUSE_PAUSE_S = 0.2, 0.05
SENTENCE_ENDS = ".!?。！？…"
VOICES_NAMED = 12


@dataclass(frozen=True)
class Take:
    """Sound [frames] of a clause or of a part of it, with the words of the text and, if known, when each is said."""

    samples: Samples
    rate_hz: int
    written: str
    words: tuple[Word, ...] = ()
    first: bool = True
    last: bool = True


class Say(Protocol):
    """What a model does: one clause to sound."""

    def __call__(self, clause: Clause, voice: Voice) -> Iterator[Take]:
        """Yield the sound of a clause in one take or several; none when the model has no letter of it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A model's way to speak: its name, the languages it knows (empty: any) and whether it keeps to a speed itself."""

    name: str
    languages: tuple[str, ...]
    say: Say
    own_speed: bool

    def __call__(self, text: Text, voice: Voice) -> Iterator[Audio]:
        """Yield sound as it is made, each part with its transcript.

        Raises UnsupportedLanguage, UnknownVoice, and EmptyInput for a text without a word that the voice can say.
        """
        language = self._language(text)
        how = inflection_of(voice, own_speed=self.own_speed)
        level: Leveller | None = None
        for written in spoken_clauses(replace(text, language=language)):
            takes = self.say(normalised(written, language), voice)
            for take in takes if how == Inflection(loudness_db=how.loudness_db) else _inflected(takes, how):
                level = level or Leveller(take.rate_hz, TARGET_LUFS + how.loudness_db)
                yield _part(take, level, language)
        if level is None:
            raise EmptyInput("there is nothing to say in “{text}”; give words", text=text.text[:40])

    def _language(self, text: Text) -> str:
        known = self.languages
        language = text.language or guess_language(text.text) or next(iter(known), "en")
        if known and language not in known:
            raise UnsupportedLanguage(
                "{engine} does not speak {language}, but {known}; use another engine",
                engine=self.name,
                language=language,
                known=", ".join(known),
            )
        return language


def no_voice(engine: str, wanted: str, known: Sequence[str]) -> UnknownVoice:
    """Return the error for a voice that an engine does not have; it names some that it has."""
    if not known:
        return UnknownVoice(
            "{engine} has one voice and none called “{voice}”; leave the voice out", engine=engine, voice=wanted
        )
    named = ", ".join(islice(known, VOICES_NAMED)) + (", …" if len(known) > VOICES_NAMED else "")
    return UnknownVoice(
        "{engine} has no voice “{voice}”; choose one of {known}", engine=engine, voice=wanted, known=named
    )


def _inflected(takes: Iterator[Take], how: Inflection) -> Iterator[Take]:
    """Yield a clause in one take: pitch can't be changed piece by piece without a break."""
    parts = list(takes)
    if not parts:
        return
    rate_hz, words, offset_s = parts[0].rate_hz, [], 0.0
    for part in parts:
        words += [(word, offset_s) for word in part.words]
        offset_s += len(part.samples) / rate_hz
    speed = how.speed
    moved = tuple(
        replace(word, start_s=(word.start_s + at_s) / speed, end_s=(word.end_s + at_s) / speed) for word, at_s in words
    )
    samples = inflected(np.concatenate([part.samples for part in parts]), rate_hz, how)
    yield Take(samples, rate_hz, "".join(part.written for part in parts), moved)


def _part(take: Take, level: Leveller, language: str) -> Audio:
    samples = _edged(level(take.samples), take)
    written = take.written.strip()
    end_s = len(samples) / take.rate_hz
    return Audio(samples, take.rate_hz, Text(written, language, (Segment(written, 0.0, end_s, take.words),)))


def _edged(samples: Samples, take: Take) -> Samples:
    """Fade the edges of a clause, so that it joins the next without a click, and add the pause after it."""
    edge = min(round(FADE_S * take.rate_hz), len(samples) // 2)
    samples = samples.copy()
    if take.first and edge:
        samples[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
    if not take.last:
        return samples
    if edge:
        samples[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
    pause_s = SENTENCE_PAUSE_S if take.written.rstrip("\"'”’）) ").endswith(tuple(SENTENCE_ENDS)) else CLAUSE_PAUSE_S
    return np.concatenate([samples, np.zeros(round(pause_s * take.rate_hz), np.float32)])

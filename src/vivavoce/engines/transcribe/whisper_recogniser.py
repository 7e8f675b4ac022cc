"""Whisper from sound to segments, whatever runs the network: chunks, batches, doubts, words.

A recording is cut where nobody speaks, so long silence never reaches the model. Chunks are as long as a window takes.
For weights tuned to trimmed windows they are shorter, and those of about the same length are decoded together, in
windows that end a margin after the longest of them. Segments come out in order, a batch at a time, and no more than
one group of chunks is held.
"""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic

import numpy as np

from vivavoce.engines.abilities import DetectSpeech
from vivavoce.engines.options import Hints
from vivavoce.engines.transcribe.chunks import chunks_by_window
from vivavoce.engines.transcribe.log_mel import FRAMES_PER_S, RATE_HZ, Features, log_mel
from vivavoce.engines.transcribe.whisper_network import Decoding, Draft, E, Network, Search
from vivavoce.engines.transcribe.whisper_vocabulary import MANDARIN_PROMPT, Vocabulary
from vivavoce.engines.transcribe.whisper_words import sentences
from vivavoce.errors import EngineError, NothingFound, OutOfMemory
from vivavoce.media.audio import Audio, Samples
from vivavoce.media.text import Segment

WINDOW_FRAMES = 3000  # 30 s, the longest that the model takes
PACKED_S = 29.5  # of speech and pauses in a whole window; with a quarter of a second on both sides that is all of it
TEXT_TOKENS = 224  # the most that it writes for a window
CONTEXT_TOKENS = 448  # the positions of the decoder, for what it goes on from and what it writes
FEWEST_TOKENS = 16  # even the shortest sound may be a word of many tokens
GROUP_BATCHES = 4
# Radford et al., 2022, §4.5: signs of a loop, of a bad guess, and that nobody speaks.
LOOP_RATIO, DOUBT_LOGPROB, SILENCE_PROBABILITY = 2.4, -1.0, 0.6


@dataclass(frozen=True)
class Recogniser(Generic[E]):
    """A Whisper in memory; `languages` are those that its row of the catalogue names, none for all that it knows."""

    network: Network[E]
    vocabulary: Vocabulary
    detect_speech: DetectSpeech
    languages: tuple[str, ...]
    decoding: Decoding

    def __call__(self, audio: Audio, hints: Hints) -> Iterator[Segment]:
        """Yield segments in order, their times inside the audio.

        Raises NothingFound, UnsupportedLanguage, and UsageError for a prompt over the model's limit.
        """
        self.vocabulary.check(hints, self.languages)
        listening = _Listening(self, hints)
        samples = audio.at(RATE_HZ)
        for group in self._groups(samples):
            for segment in listening.segments(group):
                yield replace(segment, end_s=min(segment.end_s, audio.duration_s))
        if not listening.found:
            raise NothingFound(
                "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking",
                seconds=audio.duration_s,
            )

    def _groups(self, samples: Samples) -> Iterator[list["_Chunk"]]:
        """Yield chunks that are sorted into batches together: few at first, so that the first text comes soon."""
        pack_s = PACKED_S if self.decoding.margin_s is None else None
        spans = enumerate(chunks_by_window(self.detect_speech, samples, RATE_HZ, pack_s))
        size = self.decoding.batch_size
        while taken := list(islice(spans, size)):
            yield [
                _Chunk(place, span.start_s, samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)])
                for place, span in taken
            ]
            size = min(2 * size, GROUP_BATCHES * self.decoding.batch_size)


@dataclass(frozen=True)
class _Chunk:
    """A stretch of a recording: its place, when it starts, and its samples [N]."""

    place: int
    start_s: float
    samples: Samples

    @property
    def length_s(self) -> float:
        return len(self.samples) / RATE_HZ

    @property
    def frames(self) -> int:
        return min(WINDOW_FRAMES, max(2, math.ceil(self.length_s * FRAMES_PER_S)))


@dataclass
class _Listening(Generic[E]):
    """One recording's way through a model; its language is found in the first batch if it is not given."""

    model: Recogniser[E]
    hints: Hints
    language: str = ""
    found: bool = False

    def __post_init__(self) -> None:
        names = self.model.languages or tuple(self.model.vocabulary.languages) or ("en",)
        self.language = self.hints.language or (names[0] if len(names) == 1 else "")
        self.model.vocabulary.prompt(self.hints.prompt, self.hints.hot_words)  # raises before any work

    def segments(self, group: list[_Chunk]) -> Iterator[Segment]:
        """Decode chunks of about the same length together; yield segments as soon as nothing before them lacks."""
        size = self.model.decoding.batch_size
        by_length = sorted(group, key=lambda chunk: chunk.length_s)
        batches = [by_length[at : at + size] for at in range(0, len(group), size)]
        done: dict[int, list[Segment]] = {}
        missing = [chunk.place for chunk in group]
        for batch in sorted(batches, key=lambda batch: min(chunk.place for chunk in batch)):
            done.update(self._decoded(batch))
            while missing and missing[0] in done:
                segments = done.pop(missing.pop(0))
                self.found = self.found or bool(segments)
                yield from segments

    def _decoded(self, batch: list[_Chunk]) -> dict[int, list[Segment]]:
        """Return the segments of each chunk by its place; where memory runs out, halve the batch."""
        try:
            return self._decoded_at_once(batch)
        except OutOfMemory:
            if len(batch) == 1:
                raise
        half = len(batch) // 2
        return {**self._decoded(batch[:half]), **self._decoded(batch[half:])}

    def _decoded_at_once(self, batch: list[_Chunk]) -> dict[int, list[Segment]]:
        network = self.model.network
        features = self._features(batch)
        encoded = network.encode(features)
        if not self.language:
            self.language = self._detected(network.detect(encoded), batch)
        drafts = self._drafts(encoded, features, batch)
        texts = [self._believed(draft) for draft in drafts]
        segments: dict[int, list[Segment]] = {chunk.place: [] for chunk in batch}
        if not any(texts):
            return segments
        found = self._timed(encoded, batch, texts) if self.model.decoding.words else self._untimed(batch, texts)
        for chunk, draft, parts in zip(batch, drafts, found, strict=True):
            confidence = math.exp(min(0.0, draft.mean_logprob))
            segments[chunk.place] = [
                replace(segment, text=segment.text.strip(), confidence=confidence).shifted(chunk.start_s)
                for segment in parts
                if segment.text.strip()
            ]
        return segments

    def _timed(self, encoded: E, batch: list[_Chunk], texts: list[list[int]]) -> list[list[Segment]]:
        vocabulary, hints = self.model.vocabulary, self.hints
        opening = vocabulary.opening(self.language, hints.task)
        written_in = "en" if hints.task == "translate" else self.language
        frames = [chunk.frames for chunk in batch]
        alignments = self.model.network.align(encoded, opening, texts, frames)
        return [
            sentences(tokens, alignment, vocabulary, written_in, chunk.length_s)
            for tokens, alignment, chunk in zip(texts, alignments, batch, strict=True)
        ]

    def _untimed(self, batch: list[_Chunk], texts: list[list[int]]) -> list[list[Segment]]:
        return [
            [Segment(self.model.vocabulary.text(tokens), 0.0, chunk.length_s)]
            for tokens, chunk in zip(texts, batch, strict=True)
        ]

    def _features(self, batch: Sequence[_Chunk]) -> Features:
        """Return float32 [B, M, T]: silence up to the end of the window, or up to a margin after the longest chunk."""
        margin_s, frames = self.model.decoding.margin_s, WINDOW_FRAMES
        if margin_s is not None:
            longest = max(chunk.frames for chunk in batch) + round(margin_s * FRAMES_PER_S)
            frames = min(WINDOW_FRAMES, longest + longest % 2)
        return np.stack([log_mel(chunk.samples, self.model.network.bands, frames) for chunk in batch])

    def _drafts(self, encoded: E, features: Features, batch: list[_Chunk]) -> list[Draft]:
        """Write down each chunk; what looks wrong is written again at higher temperatures, and the best kept."""
        decoding, network = self.model.decoding, self.model.network
        first, *others = decoding.temperatures
        opening = self._opening()
        limit = min(_most_tokens(batch, decoding.tokens_per_s), CONTEXT_TOKENS - len(opening))
        drafts = self._spoken(network.write(encoded, opening, Search(decoding.beam_width, first, limit)))
        for temperature in others:
            rows = [row for row, draft in enumerate(drafts) if self._doubtful(draft)]
            if not rows:
                break
            again = network.write(network.encode(features[rows]), opening, Search(1, temperature, limit))
            for row, draft in zip(rows, self._spoken(again), strict=True):
                drafts[row] = max(drafts[row], draft, key=self._merit)
        return drafts

    def _opening(self) -> list[int]:
        """Return the tokens to go on from: what was said before and words to expect, then language and task."""
        vocabulary, hints = self.model.vocabulary, self.hints
        prompt = hints.prompt
        several = len(self.model.languages) != 1
        if several and self.language == "zh" and hints.task == "transcribe" and not (prompt or hints.hot_words):
            prompt = MANDARIN_PROMPT  # leads to simplified characters and to punctuation
        return vocabulary.prompt(prompt, hints.hot_words) + vocabulary.opening(self.language, hints.task)

    def _spoken(self, drafts: list[Draft]) -> list[Draft]:
        return [replace(draft, tokens=self.model.vocabulary.spoken(draft.tokens)) for draft in drafts]

    def _believed(self, draft: Draft) -> list[int]:
        """Return the tokens of a draft: none where nobody spoke or a loop is doubted, few of another loop."""
        looped = self._looped(draft.tokens)
        if draft.mean_logprob < DOUBT_LOGPROB and (looped or draft.silence > SILENCE_PROBABILITY):
            return []
        tokens = without_repeats(draft.tokens) if looped else draft.tokens
        return [] if self._looped(tokens) else tokens

    def _looped(self, tokens: list[int]) -> bool:
        return compression_ratio(self.model.vocabulary.text(tokens)) > LOOP_RATIO

    def _doubtful(self, draft: Draft) -> bool:
        unsure = draft.mean_logprob < DOUBT_LOGPROB
        if unsure and draft.silence > SILENCE_PROBABILITY:
            return False  # nobody speaks, which another temperature does not change
        return unsure or self._looped(draft.tokens)

    def _merit(self, draft: Draft) -> tuple[bool, float]:
        return not self._looped(draft.tokens), draft.mean_logprob

    def _detected(self, found: list[dict[str, float]], batch: list[_Chunk]) -> str:
        """Return the language that most of the sound is likely to be in."""
        names = self.model.languages or tuple(self.model.vocabulary.languages)
        weights = {
            name: sum(row.get(name, 0.0) * chunk.length_s for row, chunk in zip(found, batch, strict=True))
            for name in names
        }
        best = max(weights, key=lambda name: weights[name])
        if not weights[best]:
            raise EngineError("this model can't tell which language is spoken; name it, as in: --language en")
        return best


def compression_ratio(text: str) -> float:
    """Return how many times smaller zlib makes a text; of one that repeats itself, more than 2.4."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def without_repeats(tokens: Sequence[int]) -> list[int]:
    """Return tokens in which no run of them stands more than twice in a row: of more, one or two are left."""
    found: list[int] = []
    for token in tokens:
        found.append(token)
        for size in range(1, len(found) // 3 + 1):
            if found[-size:] == found[-2 * size : -size] == found[-3 * size : -2 * size]:
                del found[-2 * size :]
                break
    return found


def _most_tokens(batch: Sequence[_Chunk], tokens_per_s: float) -> int:
    longest_s = max(chunk.length_s for chunk in batch)
    return max(FEWEST_TOKENS, min(TEXT_TOKENS, math.ceil(longest_s * tokens_per_s)))

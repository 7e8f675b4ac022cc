"""CLAP (Wu et al., 2022; arXiv 2211.06687) by transformers: tells which of any labels in English fit a sound."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from vivavoce.engines.abilities import Hear, Score
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port
from vivavoce.engines.embed.clap import ClapEmbedder, opened_clap
from vivavoce.engines.embed.vectors import softmax
from vivavoce.errors import UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality

MODEL_TYPES = ("clap",)
TEMPLATE = "This is a sound of {label}."  # as the model's authors ask it


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (ClapListener(model=model), ClapEmbedder(model=model))


@dataclass(frozen=True, kw_only=True)
class ClapListener:
    """Which weights, and the sentence that a label is put into."""

    model: Checkpoint
    template: str = TEMPLATE

    @property
    def card(self) -> Card:
        """Describe it."""
        return self.model.card(
            Ability.HEAR, (port(Modality.SPEECH),), None, "tells which of any labels in English fit a sound"
        )

    @contextmanager
    def open(self, device: str) -> Iterator[Hear]:
        """Yield the listener; raise NotReady without the library or the weights."""
        with opened_clap(self.model, device) as (clap, turn):

            def hear(audio: Audio, labels: Sequence[str]) -> list[Score]:
                asked = _checked(labels)
                with turn:
                    sentences = clap.texts([self.template.format(label=label) for label in asked])
                    cosines = clap.sound_windows(audio) @ sentences.T
                    found = softmax(clap.sharpness * cosines).mean(axis=0)
                scores = [Score(label, float(share)) for label, share in zip(asked, found, strict=True)]
                return sorted(scores, key=lambda score: -score.probability)

            yield hear


def _checked(labels: Sequence[str]) -> list[str]:
    asked = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if not asked:
        raise UsageError("this model has no labels of its own; give some, as in: --labels dog,cat,rain")
    for label in asked:
        if not any("a" <= letter <= "z" for letter in label.casefold()):
            raise UnsupportedLanguage(
                "the label “{label}” is not English, which this model reads; translate it", label=label
            )
    return asked

"""Zero-shot classification by CLIP (Radford et al., 2021), SigLIP (Zhai et al., 2023), SigLIP 2 and Chinese-CLIP.

A label is put into several sentences, whose vectors are averaged, and compared with the vector of the picture.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from vivavoce.engines.abilities import Classify, Score
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port
from vivavoce.engines.embed.clip_model import Clip, opened_clip
from vivavoce.engines.embed.vectors import Vectors, mean_of_parts, softmax
from vivavoce.engines.split import HAN
from vivavoce.errors import UsageError
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality

SENTENCES = {
    "en": ("a photo of {label}.", "a picture of {label}.", "this is a photo of {label}.", "an image of {label}."),
    "zh": ("一张{label}的照片。", "一张{label}的图片。", "这是{label}。", "图中有{label}。"),
}
KNOWN_LABELS = 32  # sets of labels whose vectors are kept: the next picture is mostly asked about the same ones


def classifiers(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do besides embedding."""
    return (ClipClassifier(model=model),)


@dataclass(frozen=True, kw_only=True)
class ClipClassifier:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        card = self.model.card(
            Ability.CLASSIFY,
            (port(Modality.IMAGE),),
            None,
            "tells which of any labels fits a picture",
            edge="classify",
        )
        return replace(card, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Classify]:
        """Yield the classifier; raise NotReady without the library or the weights.

        Without labels it raises UsageError. Probabilities of CLIP models add up to 1 over the labels; SigLIP says of
        each label by itself how probable it is.
        """
        with opened_clip(self.model, device) as (clip, turn):
            vectors_of = lru_cache(KNOWN_LABELS)(partial(_label_vectors, clip))

            def classify(image: Image, labels: Sequence[str]) -> list[Score]:
                named = tuple(dict.fromkeys(label.strip() for label in labels if label.strip()))
                if not named:
                    raise UsageError("{engine} has no labels of its own; name some", engine=self.card.name)
                with turn:
                    logits = clip.logits((clip.images([image]) @ vectors_of(named).T)[0])
                shares = _sigmoid(logits) if clip.sigmoid else softmax(logits)
                scores = [Score(label, float(share)) for label, share in zip(named, shares, strict=True)]
                return sorted(scores, key=lambda score: -score.probability)

            yield classify


def _label_vectors(clip: Clip, labels: tuple[str, ...]) -> Vectors:
    """Return a vector for each label [labels, width], of length 1."""
    asked = [(at, sentence.format(label=label)) for at, label in enumerate(labels) for sentence in _sentences(label)]
    return mean_of_parts(clip.texts([text for _, text in asked]), [at for at, _ in asked], len(labels))


def _sentences(label: str) -> tuple[str, ...]:
    return SENTENCES["zh" if HAN.search(label) else "en"]


def _sigmoid(logits: Vectors) -> Vectors:
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), np.float32)

"""CLIP, SigLIP, SigLIP 2 and Chinese-CLIP by transformers: pictures and text in one space.

Radford et al., 2021 (arXiv 2103.00020); Zhai et al., 2023 (2303.15343); Tschannen et al., 2025 (2502.14786); Yang et
al., 2022 (2211.01335).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from vivavoce.engines.abilities import Embed
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, port
from vivavoce.engines.embed.clip_model import PROCESSORS, opened_clip
from vivavoce.engines.embed.vectors import Value, Vectors, in_order
from vivavoce.engines.see.clip_classifier import classifiers
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

MODEL_TYPES = tuple(PROCESSORS)


def engines(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return what a checkpoint can do."""
    return (ClipEmbedder(model=model), *classifiers(model))


@dataclass(frozen=True, kw_only=True)
class ClipEmbedder:
    """Which weights."""

    model: Checkpoint

    @property
    def card(self) -> Card:
        """Describe it."""
        takes = (port(Modality.IMAGE), port(Modality.TEXT))
        return self.model.card(Ability.EMBED, takes, None, "pictures and text in one space")

    @contextmanager
    def open(self, device: str) -> Iterator[Embed]:
        """Yield the embedder; raise NotReady without the library or the weights."""
        with opened_clip(self.model, device) as (clip, turn):
            kinds = {Image: clip.images, Text: lambda texts: clip.texts([text.text for text in texts])}

            def embed(values: Sequence[Value]) -> Vectors:
                with turn:
                    return in_order(values, clip.width, kinds, self.card.name)

            yield embed

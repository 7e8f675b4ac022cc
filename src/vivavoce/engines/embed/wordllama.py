"""WordLlama: texts to vectors of 256 numbers, tens of thousands of sentences a second, without torch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Embed
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

WIDTH = 256


@dataclass(frozen=True, kw_only=True)
class WordLlama:
    """How to load it; nothing heavy happens before `open`."""

    card: ClassVar[Card] = Card(
        name="wordllama",
        ability=Ability.EMBED,
        takes=(port(Modality.TEXT),),
        gives=None,
        summary="fast sentence vectors, best in English",
        licence="MIT",
        cost=Cost(fixed_s=0.5, per_unit_s=0.0000005, memory_gb=0.1, quality=0.5),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Embed]:
        """Yield the embedder, its weights read from the installed package; it runs on the CPU."""
        import wordllama

        folder = Path(wordllama.__file__).parent
        model = wordllama.WordLlama.load(dim=WIDTH, cache_dir=folder, disable_download=True)

        def embed(values: Sequence[Text | Audio | Image]) -> npt.NDArray[np.float32]:
            texts = [value for value in values if isinstance(value, Text)]
            if len(texts) < len(values):
                raise UsageError("{engine} embeds {known} only", engine="wordllama", known="text")
            if not texts:
                return np.zeros((0, WIDTH), np.float32)
            vectors = np.asarray(model.embed([text.text for text in texts], norm=True), np.float32)
            return np.nan_to_num(vectors)

        yield embed

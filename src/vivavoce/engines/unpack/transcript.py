"""Speech and what is said in it, joined: so that a recording can be shown with captions like a synthetic voice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

from vivavoce.engines.abilities import Attach
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text


@dataclass(frozen=True, kw_only=True)
class TranscriptAttacher:
    """Needs no settings."""

    card: ClassVar[Card] = Card(
        name="transcript-attacher",
        ability=Ability.ATTACH,
        takes=(port(Modality.SPEECH), port(Modality.TEXT, Trait.TIMED)),
        gives=port(Modality.SPEECH, Trait.SPOKEN),
        summary="lets a recording carry its transcript",
        licence="Apache-2.0",
        matched=True,
        cost=Cost(fixed_s=0.0, per_unit_s=0.0, memory_gb=0.0, quality=0.95),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Attach]:
        """Yield a function of speech and its transcript."""

        def attach(audio: Audio, transcript: Text) -> Audio:
            return replace(audio, transcript=transcript)

        yield attach

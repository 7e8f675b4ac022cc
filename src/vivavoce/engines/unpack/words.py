"""The words that synthetic speech carries with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.abilities import Unpack
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text
from vivavoce.media.video import Video


@dataclass(frozen=True, kw_only=True)
class SpokenWords:
    """Returns the transcript that a speaking engine left with the sound, instead of recognising it again."""

    card: ClassVar[Card] = Card(
        name="spoken-words",
        ability=Ability.UNPACK,
        takes=(port(Modality.SPEECH, Trait.SPOKEN),),
        gives=port(Modality.TEXT, Trait.TIMED),
        summary="takes the transcript that synthetic speech carries",
        licence="Apache-2.0",
        cost=Cost(memory_gb=0.0, quality=1.0),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Unpack]:
        """Yield a function of speech; it raises NothingFound for speech without a transcript."""
        yield take_words


def take_words(value: Audio | Video, rate_hz: int | None) -> Text:
    """Return the transcript; `rate_hz` means nothing here."""
    transcript = value.transcript if isinstance(value, Audio) else None
    if transcript is None:
        raise NothingFound("the speech carries no words; transcribe it first")
    return transcript

"""The sound track of a video."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from vivavoce.engines.abilities import Unpack
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.modality import Modality
from vivavoce.media.video import Video


@dataclass(frozen=True, kw_only=True)
class SoundTrack:
    """Decodes what is heard in a video."""

    card: ClassVar[Card] = Card(
        name="sound-track",
        ability=Ability.UNPACK,
        takes=(port(Modality.VIDEO, Trait.AUDIBLE),),
        gives=port(Modality.SPEECH),
        summary="takes the sound out of a video",
        licence="Apache-2.0",
        cost=Cost(per_unit_s=0.002, memory_gb=0.05, quality=1.0),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Unpack]:
        """Yield a function of a video and a rate; it raises NothingFound for a silent video."""
        yield take_sound


def take_sound(value: Audio | Video, rate_hz: int | None) -> Audio:
    """Return the sound, mono at `rate_hz` if that is given, else as it is."""
    sound = value.source.sound(rate_hz, mono=rate_hz is not None) if isinstance(value, Video) else None
    if sound is None or not len(sound.samples):
        raise NothingFound("the video has no sound track; give one with sound")
    return sound

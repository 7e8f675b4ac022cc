"""The subtitle track of a video."""

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
class SubtitleTrack:
    """Takes the subtitles that a video file carries beside its picture."""

    card: ClassVar[Card] = Card(
        name="subtitle-track",
        ability=Ability.UNPACK,
        takes=(port(Modality.VIDEO, Trait.SUBTITLED),),
        gives=port(Modality.TEXT, Trait.TIMED),
        summary="takes the subtitles out of a video",
        licence="Apache-2.0",
        cost=Cost(memory_gb=0.0, quality=1.0),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Unpack]:
        """Yield a function of a video; it raises NothingFound for one without subtitles."""
        yield take_subtitles


def take_subtitles(value: Audio | Video, rate_hz: int | None) -> Text:
    """Return the subtitles; `rate_hz` means nothing here."""
    subtitles = value.subtitles if isinstance(value, Video) else None
    if subtitles is None or not subtitles.segments:
        raise NothingFound("the video has no subtitle track; transcribe its sound instead")
    return subtitles

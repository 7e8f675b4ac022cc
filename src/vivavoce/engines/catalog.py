"""Every engine there is: those of this package, in sight below, and those that other packages add.

Another package joins by an entry point of the group `vivavoce.engines` that names a function returning engines.
"""

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from shutil import which
from typing import Protocol

from vivavoce.engines.align.pocketsphinx import PocketSphinxAligner
from vivavoce.engines.checkpoint import Checkpoint, published
from vivavoce.engines.contract import Ability, AnyEngine, Card, Lack
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.draw.card import TypographicCard
from vivavoce.engines.embed.wordllama import WordLlama
from vivavoce.engines.film.slides import NarratedSlides
from vivavoce.engines.film.still import NarratedStill
from vivavoce.engines.film.waveform import CaptionedWaveform
from vivavoce.engines.hub import folder_of
from vivavoce.engines.language.langid import LangId
from vivavoce.engines.see import blip
from vivavoce.engines.see.basic import BasicDescriber
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.flite import Flite
from vivavoce.engines.tables.chart import MatplotlibChart
from vivavoce.engines.tables.extract import TableFromText
from vivavoce.engines.tables.read_image import TableFromImage
from vivavoce.engines.tables.summarise import TableSummary
from vivavoce.engines.transcribe.faster_whisper import SIZES, FasterWhisper
from vivavoce.engines.transcribe.pocketsphinx import PocketSphinx
from vivavoce.engines.unpack.soundtrack import SoundTrack
from vivavoce.engines.unpack.subtitles import SubtitleTrack
from vivavoce.engines.unpack.transcript import TranscriptAttacher
from vivavoce.engines.unpack.words import SpokenWords
from vivavoce.engines.watch.contact_sheet import FrameGrid
from vivavoce.engines.watch.describe import SceneDescriber
from vivavoce.engines.watch.notes import SceneNotes
from vivavoce.errors import UsageError

ENTRY_POINTS = "vivavoce.engines"


class BackEnd(Protocol):
    """A module that runs checkpoints: the `model_type`s of their config.json, and what one of them can do."""

    @property
    def MODEL_TYPES(self) -> tuple[str, ...]:
        """Return the model types that it runs."""
        ...

    def engines(self, model: Checkpoint) -> tuple[AnyEngine, ...]:
        """Return an engine for each ability of the checkpoint."""
        ...


BACK_ENDS: dict[str, BackEnd] = {
    "blip": blip,
}

EMBEDDED: tuple[AnyEngine, ...] = (
    PocketSphinx(),
    *(FasterWhisper(model=size) for size in SIZES),
    PocketSphinxAligner(),
    SileroVad(),
    Espeak(),
    Flite(),
    RapidOcr(),
    BasicDescriber(),
    TypographicCard(),
    CaptionedWaveform(),
    NarratedSlides(),
    NarratedStill(),
    FrameGrid(),
    SceneDescriber(),
    SceneNotes(),
    SoundTrack(),
    SubtitleTrack(),
    SpokenWords(),
    TranscriptAttacher(),
    TableFromText(),
    TableFromImage(),
    TableSummary(),
    MatplotlibChart(),
    WordLlama(),
    LangId(),
)


def hub_engines() -> tuple[AnyEngine, ...]:
    """Return the engines of all published checkpoints."""
    return tuple(engine for model in published() for engine in BACK_ENDS[model.engine].engines(model))


@dataclass(frozen=True)
class Catalog:
    """Engines by name."""

    engines: dict[str, AnyEngine]

    @property
    def cards(self) -> tuple[Card, ...]:
        """Return the cards of all engines."""
        return tuple(engine.card for engine in self.engines.values())

    def __getitem__(self, name: str) -> AnyEngine:
        """Return the engine called `name`; raise UsageError if there is none."""
        if name not in self.engines:
            raise UsageError("there is no engine “{name}”; see: viva models list", name=name)
        return self.engines[name]

    def adding(self, extra: Iterable[AnyEngine]) -> "Catalog":
        """Return a catalog with more engines; one of the same name takes the place of the old."""
        return Catalog({**self.engines, **{engine.card.name: engine for engine in extra}})

    def able(self, ability: Ability, language: str | None = None) -> list[AnyEngine]:
        """Return the engines with an ability in a language: what is ready first, then the best first."""
        found = [e for e in self.engines.values() if e.card.ability is ability and e.card.speaks(language)]
        return sorted(found, key=lambda engine: (lack_of(engine.card) is not None, -engine.card.cost.quality))


@cache
def catalog() -> Catalog:
    """Return the engines of this package and of others that are installed."""
    named = Catalog({engine.card.name: engine for engine in (*EMBEDDED, *hub_engines())})
    for point in entry_points(group=ENTRY_POINTS):
        named = named.adding(point.load()())
    return named


def lack_of(card: Card) -> Lack | None:
    """Return what must be installed before the engine runs, or None if it is ready."""
    lack = None
    if card.weights and folder_of(card.weights) is None:
        lack = Lack("weights", card.weights.repository, f"viva models pull {card.name}")
    if card.program and which(card.program) is None:
        lack = Lack("program", card.program, f"apt-get install {card.program}")
    if card.module and importlib.util.find_spec(card.module) is None:
        install = f"pip install 'vivavoce[{card.extra}]'"
        lack = Lack("extra", str(card.extra), f"{install} && {lack.command}" if lack else install)
    return lack


def engine_named(name: str) -> AnyEngine:
    """Return an engine by its name, or Whisper from a folder of CTranslate2 files; raise UsageError for neither."""
    if name not in catalog().engines and Path(name).is_dir():
        return FasterWhisper(model=name)
    return catalog()[name]

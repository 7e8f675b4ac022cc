"""Every engine there is: those of this package, in sight below, and those that other packages add.

Another package joins by an entry point of the group `vivavoce.engines` that names a function returning engines.
"""

import importlib.util
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from shutil import which
from typing import Protocol

from vivavoce.engines.align.pocketsphinx import PocketSphinxAligner
from vivavoce.engines.chat import causal
from vivavoce.engines.chat.openai_endpoint import OpenAiEndpoint
from vivavoce.engines.checkpoint import Checkpoint, checkpoint_named, published
from vivavoce.engines.contract import Ability, AnyEngine, Card, Lack, Weights
from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.diarize.clustering import VoiceprintClusters
from vivavoce.engines.draw import diffusion
from vivavoce.engines.draw.card import TypographicCard
from vivavoce.engines.embed import clip, sentence_transformers
from vivavoce.engines.embed.wordllama import WordLlama
from vivavoce.engines.film import diffusion as video_diffusion
from vivavoce.engines.film.slides import NarratedSlides
from vivavoce.engines.film.still import NarratedStill
from vivavoce.engines.film.waveform import CaptionedWaveform
from vivavoce.engines.folders import kind_of
from vivavoce.engines.hear import audio_classification, clap
from vivavoce.engines.hub import folder_of
from vivavoce.engines.language.langid import LangId
from vivavoce.engines.omni import any_to_any, qwen_omni
from vivavoce.engines.see import blip, llava, qwen_vl
from vivavoce.engines.see.basic import BasicDescriber
from vivavoce.engines.see.rapidocr import RapidOcr
from vivavoce.engines.shape import shap_e
from vivavoce.engines.shape.render import MeshRenderer
from vivavoce.engines.speak import bark, kokoro, piper, speecht5, vits
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.flite import Flite
from vivavoce.engines.tables.chart import MatplotlibChart
from vivavoce.engines.tables.extract import TableFromText
from vivavoce.engines.tables.read_image import TableFromImage
from vivavoce.engines.tables.summarise import TableSummary
from vivavoce.engines.transcribe import ctc, moonshine, seamless, whisper, whisper_ct2
from vivavoce.engines.transcribe.pocketsphinx import PocketSphinx
from vivavoce.engines.translate import seq2seq, seq2seq_ct2
from vivavoce.engines.translate.chat_translator import ChatTranslator
from vivavoce.engines.unpack.soundtrack import SoundTrack
from vivavoce.engines.unpack.subtitles import SubtitleTrack
from vivavoce.engines.unpack.transcript import TranscriptAttacher
from vivavoce.engines.unpack.words import SpokenWords
from vivavoce.engines.voiceprint import xvector
from vivavoce.engines.voiceprint.ge2e import VoiceEncoder
from vivavoce.engines.watch.contact_sheet import FrameGrid
from vivavoce.engines.watch.describe import SceneDescriber
from vivavoce.engines.watch.notes import SceneNotes
from vivavoce.errors import EngineError, UsageError

ENTRY_POINTS = "vivavoce.engines"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


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
    "llava": llava,
    "qwen-vl": qwen_vl,
    "qwen-omni": qwen_omni,
    "any-to-any": any_to_any,
    "clip": clip,
    "clap": clap,
    "sentence-transformers": sentence_transformers,
    "audio-classification": audio_classification,
    "xvector": xvector,
    "diffusion": diffusion,
    "video-diffusion": video_diffusion,
    "shap-e": shap_e,
    "whisper-ct2": whisper_ct2,
    "whisper": whisper,
    "ctc": ctc,
    "moonshine": moonshine,
    "seamless-m4t-v2": seamless,
    "vits": vits,
    "speecht5": speecht5,
    "bark": bark,
    "kokoro": kokoro,
    "piper": piper,
    "seq2seq": seq2seq,
    "seq2seq-ct2": seq2seq_ct2,
    "causal-lm": causal,
}

HEADS: dict[str, tuple[str, ...]] = {
    "audio-classification": ("ForSequenceClassification", "ForAudioClassification"),
    "xvector": ("ForXVector",),
    "ctc": ("ForCTC",),
    "causal-lm": ("ForCausalLM", "LMHeadModel"),
}
"""Where several back ends run a model type: how the name of the head's class may end that is for this one."""

EMBEDDED: tuple[AnyEngine, ...] = (
    PocketSphinx(),
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
    MeshRenderer(),
    WordLlama(),
    LangId(),
    VoiceEncoder(),
    VoiceprintClusters(),
    OpenAiEndpoint(),
    ChatTranslator(chat=OpenAiEndpoint()),
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

    def edge(self, name: str, ability: Ability) -> AnyEngine:
        """Return the engine called `name` or another on the same weights that has the ability.

        Raises UsageError when neither has it.
        """
        alias = name.partition("/")[0] if name in self.engines else name
        for engine in self.engines.values():
            if engine.card.ability is ability and engine.card.name in (name, alias, f"{alias}/{ability}"):
                return engine
        for engine in self.engines.values():
            if engine.card.ability is ability and engine.card.name.startswith(f"{alias}/"):
                return engine
        raise UsageError("the engine {name} can't {ability}; see: viva models list", name=name, ability=ability)

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
        try:
            named = named.adding(point.load()())
        except Exception:  # another package's fault must not take the rest down
            logging.getLogger(__name__).exception("the plug-in %s can't be loaded; uninstall or mend it", point.name)
    return named


def lack_of(card: Card) -> Lack | None:
    """Return what must be installed before the engine runs, or None if it is ready."""
    lack = None
    if card.weights and folder_of(card.weights) is None:
        lack = Lack("weights", card.weights.repository, f"viva models pull {card.name.partition('/')[0]}")
    if card.program and which(card.program) is None:
        lack = Lack("program", card.program, f"apt-get install {card.program}")
    if card.variable and not os.environ.get(card.variable):
        lack = Lack("variable", card.variable, f"export {card.variable}=http://localhost:11434/v1")
    if card.module and importlib.util.find_spec(card.module) is None:
        install = f"pip install 'vivavoce[{card.extra}]'"
        lack = Lack("extra", str(card.extra), f"{install} && {lack.command}" if lack else install)
    return lack


def engines_named(name: str) -> tuple[AnyEngine, ...]:
    """Return the engine of a name, or those that run the model in a folder or a repository on disk, the main one first.

    Raises UsageError for a name that is none of these, EngineError for a folder with no model that is known here.
    """
    if name in catalog().engines:
        return (catalog()[name],)
    if _is_folder(name):
        return engines_of(Checkpoint(alias=alias_of(name), engine="", folder=str(Path(name).resolve())))
    model = checkpoint_named(name)
    if model is not None:
        return BACK_ENDS[model.engine].engines(model)
    fetched = Weights(repository=name, revision="main", size_mb=0, licence="unknown")
    folder = folder_of(fetched) if REPOSITORY.fullmatch(name) else None
    if folder is not None:
        return engines_of(Checkpoint(alias=alias_of(name), engine="", folder=str(folder)))
    return (catalog()[name],)


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except OSError:  # longer than a path may be
        return False


def alias_of(name: str) -> str:
    """Return what a model of the user's own is called: the last part of its path or repository, in lower case.

    One that is called as a published model is gets "local-" before its name.
    """
    alias = re.sub(r"[^\w.-]+", "-", Path(name).resolve().name.lower())
    return f"local-{alias}" if alias in {card.name.partition("/")[0] for card in catalog().cards} else alias


def engines_of(model: Checkpoint) -> tuple[AnyEngine, ...]:
    """Return the engines that run the model in a folder; raise EngineError when none does."""
    kind = kind_of(model.path())
    for key, back_end in BACK_ENDS.items():
        if kind.model_type in back_end.MODEL_TYPES and kind.head.endswith(HEADS.get(key, ("",))):
            return back_end.engines(replace(model, engine=key))
    raise EngineError(
        "no engine runs a {kind} model, as in {path}; see: viva models list",
        kind=" ".join(part for part in (kind.model_type, kind.head) if part) or "nameless",
        path=model.folder,
    )

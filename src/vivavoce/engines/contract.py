"""What an engine is: settings, a card that describes it, and `open`, which yields a typed callable.

A card is an edge of the conversion graph. It can be read without the engine's libraries or weights, so that a plan may
cross an engine that is not installed yet and say what to install.
"""

import importlib
import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Any, Literal, Protocol, TypeVar

from vivavoce.errors import NotReady
from vivavoce.media.modality import Modality

T_co = TypeVar("T_co", covariant=True)


class Ability(StrEnum):
    """What engines can do; `abilities.py` gives each its call signature."""

    TRANSCRIBE = "transcribe"
    ALIGN = "align"
    DETECT_SPEECH = "detect-speech"
    SPEAK = "speak"
    TRANSLATE = "translate"
    CHAT = "chat"
    READ = "read"
    DESCRIBE = "describe"
    ANSWER = "answer"
    CLASSIFY = "classify"
    DRAW = "draw"
    REDRAW = "redraw"
    FILM_SPEECH = "film-speech"
    FILM_SLIDES = "film-slides"
    FILM_STILL = "film-still"
    FILM_TEXT = "film-text"
    SHAPE = "shape"
    RENDER = "render"
    WATCH = "watch"
    TAKE_NOTES = "take-notes"
    CONTACT_SHEET = "contact-sheet"
    UNPACK = "unpack"
    ATTACH = "attach"
    SUMMARISE = "summarise"
    EXTRACT = "extract"
    CHART = "chart"
    EMBED = "embed"
    HEAR = "hear"
    DIARIZE = "diarize"
    VOICEPRINT = "voiceprint"
    IDENTIFY_LANGUAGE = "identify-language"


class Trait(StrEnum):
    """What else is known of a value, beyond its modality and language."""

    TIMED = "timed"  # text with the time of each segment
    NOTES = "notes"  # text that sums up a video under time-coded headings
    SPOKEN = "spoken"  # speech that carries its own transcript
    AUDIBLE = "audible"  # a video with a sound track
    SUBTITLED = "subtitled"  # a video with a subtitle track


@dataclass(frozen=True)
class State:
    """A node of the graph: a modality, a language (None: unknown, or none at all) and traits.

    On a card it is a pattern: a state matches when it has the modality and at least the traits.
    """

    modality: Modality
    language: str | None = None
    traits: frozenset[Trait] = frozenset()

    def satisfies(self, wanted: "State") -> bool:
        """Say whether a value in this state serves where `wanted` is asked for; an unknown language may do."""
        return (
            self.modality is wanted.modality
            and wanted.traits <= self.traits
            and (wanted.language is None or self.language in (None, wanted.language))
        )

    def __str__(self) -> str:
        details = [self.language] if self.language else []
        details += sorted(self.traits)
        return f"{self.modality}[{', '.join(details)}]" if details else str(self.modality)


def port(modality: Modality, *traits: Trait) -> State:
    """Return the pattern that a card takes or gives."""
    return State(modality, None, frozenset(traits))


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a step costs: seconds to begin, seconds for each unit of input, memory, and quality in 0..1.

    The unit is a second if sound or video goes in, else a character, a megapixel, a cell or a thousand
    faces of the first input.
    """

    fixed_s: float = 0.0
    per_unit_s: float = 0.0
    memory_gb: float = 0.05
    quality: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Files that an engine needs from a model hub: repository, revision, size of the download and its licence.

    `files` are patterns of names, where the engine needs other files than a model has as a rule.
    """

    repository: str
    revision: str
    size_mb: int
    licence: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    """What an engine says of itself.

    `takes` goes in together; an embedder or a chat model, which lie on no route, takes any of these instead.
    `languages` are ISO 639 codes of what it takes, empty for any. `into` are the languages that a translator or a
    describer can write; other engines keep the language of their input.
    `piecewise` engines give the same result on the parts of a stream as on the whole, so they can start early.
    `rate_hz` is the only sampling rate that the engine listens at. `matched` engines take a text that belongs to their
    first input: made from it, or given beside it by the user. `grammars` engines can be held to a grammar.
    `variable` is an environment variable that must be set.
    """

    name: str
    ability: Ability
    takes: tuple[State, ...]
    gives: State | None
    summary: str
    licence: str
    languages: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    piecewise: bool = False
    matched: bool = False
    grammars: bool = False
    rate_hz: int | None = None
    extra: str | None = None
    module: str | None = None
    program: str | None = None
    variable: str | None = None
    weights: Weights | None = None
    tier: Literal["embedded", "hub"] = "embedded"
    cost: Cost = field(default_factory=Cost)

    @property
    def licences(self) -> str:
        """The licence of the library, and that of the weights where it is another."""
        own = [self.licence, *([self.weights.licence] if self.weights else [])]
        return ", ".join(dict.fromkeys(own))

    def speaks(self, language: str | None) -> bool:
        """Say whether it takes `language`; an unknown one is given a try."""
        return not self.languages or language is None or language in self.languages


class Engine(Protocol[T_co]):
    """Frozen settings; nothing heavy happens before `open`."""

    @property
    def card(self) -> Card:
        """Describe the engine without loading it."""
        ...

    def open(self, device: str) -> AbstractContextManager[T_co]:
        """Load it on `device` ("cpu", "cuda", "mps") and yield what it does; raise NotReady if it misses something."""
        ...


AnyEngine = Engine[Callable[..., Any]]


def require(module: str, extra: str) -> ModuleType:
    """Import a library of an optional extra, or raise NotReady with the line that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotReady(
            "the library {module} is not installed; run: pip install 'vivavoce[{extra}]'", module=module, extra=extra
        ) from error


@dataclass(frozen=True)
class Lack:
    """What an engine still needs: the kind of thing and the command that brings it."""

    kind: Literal["extra", "program", "weights", "variable"]
    what: str
    command: str

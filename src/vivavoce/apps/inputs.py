"""What a conversion starts from: values, files, or for a dry run mere modalities; and the state that each is in."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from vivavoce.engines.contract import State, Trait, port
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Input, Source, Value, decode, look
from vivavoce.media.image import Image
from vivavoce.media.limits import Limits
from vivavoce.media.mesh import Mesh
from vivavoce.media.modality import Modality, parse_modality
from vivavoce.media.table import Table
from vivavoce.media.text import Text
from vivavoce.media.video import Video
from vivavoce.routes.search import NOMINAL_AMOUNT

VALUE_TYPES = (Text, Audio, Image, Video, Table, Mesh)

Kind: TypeAlias = (
    str | Modality | State | type[Text] | type[Audio] | type[Image] | type[Video] | type[Table] | type[Mesh]
)
Anything: TypeAlias = Value | Source
Identify: TypeAlias = Callable[[Text], str | None]


@dataclass(frozen=True)
class Start:
    """An input of a conversion: its state, its size in the planner's units, and the content if there is any."""

    state: State
    amount: float
    content: Value | Input | None

    def value(self, limits: Limits, rate_hz: int | None) -> Value:
        """Return the value, decoded; sound straight to mono at `rate_hz` when that is all that will be heard of it."""
        if self.content is None:
            raise UsageError("a conversion needs values or files; a bare modality can only be planned")
        if not isinstance(self.content, Input):
            return self.content
        return decode(self.content, limits=limits, rate_hz=rate_hz, mono=rate_hz is not None)


def state_of_kind(kind: Kind) -> State:
    """Return the state that a modality's name, class or state stands for; raise UsageError for an unknown name."""
    if isinstance(kind, State):
        return kind
    if isinstance(kind, type) and kind in VALUE_TYPES:
        return State(kind.modality)
    return State(parse_modality(str(kind)))


def start_of(item: Kind | Anything, limits: Limits, language: str | None, identify: Identify) -> Start:
    """Look at an input; recordings are not decoded yet. `language` counts where the content does not tell."""
    if isinstance(item, State | type | Modality) or (isinstance(item, str) and _names_modality(item)):
        state = state_of_kind(item)
        if state == State(Modality.VIDEO):
            state = port(Modality.VIDEO, Trait.AUDIBLE)  # as most videos are
        return Start(_in_language(state, language), NOMINAL_AMOUNT[state.modality], None)
    content: Value | Input = item if isinstance(item, VALUE_TYPES) else look(item, limits=limits)
    if isinstance(content, Input) and content.modality is not Modality.SPEECH:
        content = decode(content, limits=limits)
    if isinstance(content, Text) and content.language is None:
        content = replace(content, language=language or identify(content))
    if isinstance(content, Table) and language is None:
        language = identify(Text(" ".join(content.columns)))
    return Start(_in_language(_state(content), language), _amount(content), content)


def _names_modality(word: str) -> bool:
    """Say whether a string can only be meant as a modality: no file, and nothing in it that file names have."""
    return not os.path.exists(word) and not set(word) & {".", "/", os.sep}


def _in_language(state: State, language: str | None) -> State:
    return replace(state, language=state.language or language)


def _state(content: Value | Input) -> State:
    match content:
        case Text():
            return replace(port(Modality.TEXT, *[Trait.TIMED] * content.timed), language=content.language)
        case Audio(transcript=Text() as spoken):
            return replace(port(Modality.SPEECH, Trait.SPOKEN), language=spoken.language)
        case Video():
            traits = [Trait.AUDIBLE] * content.audible + [Trait.SUBTITLED] * (content.subtitles is not None)
            return port(Modality.VIDEO, *traits)
        case _:
            return State(content.modality)


def _amount(content: Value | Input) -> float:
    match content:
        case Text():
            return float(len(content.text))
        case Image():
            return content.width * content.height / 1e6
        case Table():
            return float(content.cells)
        case Mesh():
            return len(content.faces) / 1000
        case _:
            return content.duration_s

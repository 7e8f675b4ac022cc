"""How each ability is called along a route: values in, a stream of values out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vivavoce.engines.contract import Ability, Card
from vivavoce.engines.options import Preferences
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Value
from vivavoce.media.text import Segment, Text

Identify = Callable[[Text], str | None]


@dataclass(frozen=True)
class Call:
    """What a step is told besides its inputs: preferences, the language to write, its reader's sampling rate."""

    preferences: Preferences
    language: str | None = None
    rate_hz: int | None = None


def perform(
    card: Card, ability: Callable[..., Any], inputs: Sequence[Value], call: Call, identify: Identify
) -> Iterator[Value]:
    """Call an engine's ability on `inputs`, in the order of its card, and yield what it gives, part by part."""
    preferences = call.preferences
    match card.ability:
        case Ability.TRANSCRIBE:
            yield from _transcripts(card, ability(inputs[0], preferences.hints), preferences, identify)
        case Ability.SPEAK:
            yield from ability(inputs[0], preferences.voice)
        case Ability.TRANSLATE:
            yield ability(inputs[0], call.language)
        case Ability.DRAW | Ability.REDRAW:
            yield from ability(*inputs, preferences.draw)
        case Ability.ANSWER:
            yield ability(inputs[:-1], inputs[-1])
        case Ability.CHART | Ability.CONTACT_SHEET | Ability.SHAPE | Ability.RENDER:
            yield ability(inputs[0], preferences.draw)
        case Ability.FILM_TEXT | Ability.FILM_SPEECH | Ability.FILM_SLIDES | Ability.FILM_STILL:
            yield ability(*inputs, preferences.film)
        case Ability.DESCRIBE | Ability.WATCH | Ability.SUMMARISE:
            yield ability(inputs[0], call.language)
        case Ability.READ:
            yield ability(inputs[0], True)
        case Ability.UNPACK:
            yield ability(inputs[0], call.rate_hz)
        case _:
            yield ability(*inputs)


def _transcripts(
    card: Card, segments: Iterable[Segment], preferences: Preferences, identify: Identify
) -> Iterator[Text]:
    """Make each segment a text; its language is the one named, the engine's only one, or the one it reads as."""
    only = card.languages[0] if len(card.languages) == 1 else None
    language = "en" if preferences.hints.task == "translate" else preferences.hints.language or only
    for segment in segments:
        yield Text(segment.text, language or identify(Text(segment.text)), (segment,))


def join(parts: Sequence[Value]) -> Value:
    """Join what one step gave into one value: texts and sounds are parts of it, of several pictures it is the first."""
    first = parts[0]
    if isinstance(first, Text):
        return Text.join([part for part in parts if isinstance(part, Text)])
    if isinstance(first, Audio):
        return Audio.join([part for part in parts if isinstance(part, Audio)])
    return first

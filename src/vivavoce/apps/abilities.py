"""Abilities that lie on no route between modalities: what is heard, seen, said next, who speaks, vectors."""

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from vivavoce.apps.converter import Converter, default_converter
from vivavoce.apps.inputs import VALUE_TYPES, Anything
from vivavoce.engines.abilities import Score, Span, Turn
from vivavoce.engines.catalog import lack_of
from vivavoce.engines.contract import Ability, AnyEngine
from vivavoce.engines.conversation import ChatOptions, Message, ToolCall
from vivavoce.engines.options import DrawOptions
from vivavoce.errors import NotReady, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Value, open_value
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, merge
from vivavoce.media.text import Text
from vivavoce.media.video import Video
from vivavoce.routes.run import step_of

V = TypeVar("V", Text, Audio, Image, Video)
DEFAULT_CHAT = ChatOptions()
DEFAULT_DRAWING = DrawOptions()


def opened(item: Anything, kind: type[V]) -> V:
    """Return a value, or what a file holds; raise UsageError for another modality."""
    value = item if isinstance(item, VALUE_TYPES) else open_value(item)
    if not isinstance(value, kind):
        raise UsageError("expected {wanted}, got {got}", wanted=kind.modality.value, got=value.modality.value)
    return value


def as_text(text: str | Text) -> Text:
    """Return words as a value."""
    return text if isinstance(text, Text) else Text(text)


def able_engine(
    converter: Converter, ability: Ability, engine: str | None = None, modalities: Iterable[Modality] = ()
) -> AnyEngine:
    """Return the engine named, or the best that is ready and takes each of `modalities`.

    Raises UsageError when the one named can't do it, NotReady naming the smallest to be had when none is ready.
    """
    if engine is not None:
        name = converter.engine_name(engine, ability)  # first, since it may add to the engines
        return converter.engines[name]
    wanted = set(modalities)
    able = [found for found in converter.able(ability) if wanted <= {state.modality for state in found.card.takes}]
    if able and lack_of(able[0].card) is None:
        return able[0]
    if not able:
        raise UsageError(
            "no engine does “{ability}” with {inputs}; see: viva models list",
            ability=ability,
            inputs=", ".join(sorted(wanted)),
        )
    least = min(able, key=lambda found: found.card.weights.size_mb if found.card.weights else 0).card
    lack = lack_of(least)
    raise NotReady(
        "no engine for “{ability}” is ready; the smallest is {engine}: {command}; or see: viva models advise {ability}",
        ability=ability,
        engine=least.name,
        command=lack.command if lack else "",
    )


def call(ability: Ability, *arguments: object, engine: str | None = None, modalities: Iterable[Modality] = ()) -> Any:  # noqa: ANN401 - each ability its own
    """Call an engine once and return what it gives."""
    converter = default_converter()
    with converter.pool.use(able_engine(converter, ability, engine, modalities)) as perform:
        return perform(*arguments)


def read(image: Anything, *, engine: str | None = None) -> Text:
    """Return all text on a picture, in reading order, with a region for each line; raise NothingFound without any."""
    return cast(Text, call(Ability.READ, opened(image, Image), engine=engine))


def detect_speech(audio: Anything, *, engine: str | None = None) -> list[Span]:
    """Return the stretches of `audio` in which somebody speaks."""
    return cast(list[Span], call(Ability.DETECT_SPEECH, opened(audio, Audio), engine=engine))


def embed(values: Sequence[str | Value], *, engine: str | None = None) -> npt.NDArray[np.float32]:
    """Return one vector a text, sound or picture, float32 [values, width], each of length 1."""
    if isinstance(values, str):
        raise UsageError("embed takes a list of texts, got a single string; put it in a list")
    items = [as_text(value) if isinstance(value, str) else value for value in values]
    kinds = {item.modality for item in items} or {Modality.TEXT}
    return cast(npt.NDArray[np.float32], call(Ability.EMBED, items, engine=engine, modalities=kinds))


def identify_language(text: str | Text) -> tuple[str, float]:
    """Return the language of a text as an ISO 639 code, and how sure that is."""
    return cast(tuple[str, float], call(Ability.IDENTIFY_LANGUAGE, as_text(text)))


def _labels(labels: Sequence[str]) -> list[str]:
    if isinstance(labels, str):
        raise UsageError("labels are a list of words, got a single string; put it in a list")
    return list(labels)


def hear(audio: Anything, labels: Sequence[str] = (), *, engine: str | None = None) -> list[Score]:
    """Return what a sound is, the likeliest first: one of `labels`, or of those that the engine knows."""
    return cast(list[Score], call(Ability.HEAR, opened(audio, Audio), _labels(labels), engine=engine))


def classify(image: Anything, labels: Sequence[str], *, engine: str | None = None) -> list[Score]:
    """Return which of `labels` fits a picture, the likeliest first."""
    return cast(list[Score], call(Ability.CLASSIFY, opened(image, Image), _labels(labels), engine=engine))


def diarize(audio: Anything, *, speakers: int | None = None, engine: str | None = None) -> list[Turn]:
    """Return who speaks when; `speakers` is how many there are, None to find out."""
    return cast(list[Turn], call(Ability.DIARIZE, opened(audio, Audio), speakers, engine=engine))


def voiceprint(audio: Anything, *, engine: str | None = None) -> npt.NDArray[np.float32]:
    """Return what makes a voice that person's, float32 [width] of length 1."""
    return cast(npt.NDArray[np.float32], call(Ability.VOICEPRINT, opened(audio, Audio), engine=engine))


def chat(
    messages: str | Sequence[Message], options: ChatOptions = DEFAULT_CHAT, *, engine: str | None = None
) -> Generator[str | ToolCall, None, None]:
    """Yield a chat model's next turn as it is written: words, and whole calls of tools; closing it stops the model."""
    turns = [Message("user", messages)] if isinstance(messages, str) else list(messages)
    kinds = (
        {Modality.TEXT}
        | {Modality.IMAGE for turn in turns if turn.images}
        | {Modality.SPEECH for turn in turns if turn.sounds}
    )
    converter = default_converter()
    with (
        converter.pool.lend(able_engine(converter, Ability.CHAT, engine, kinds)) as (perform, turn),
        closing(perform(turns, options)) as parts,
    ):
        while True:
            with turn:
                part = next(parts, None)
            if part is None:
                return
            yield part


def draw_all(text: str | Text, options: DrawOptions, *, engine: str | None = None) -> list[Image]:
    """Return `options.brush.count` pictures of `text`, by an engine that is ready."""
    return _pictures(Ability.DRAW, [as_text(text)], [options], engine)


def redraw(
    image: Anything,
    text: str | Text,
    options: DrawOptions = DEFAULT_DRAWING,
    *,
    mask: Anything | None = None,
    engine: str | None = None,
) -> list[Image]:
    """Return pictures made of `image` after `text`; with a mask only its white parts are changed."""
    given = opened(mask, Image) if mask is not None else None
    return _pictures(Ability.REDRAW, [opened(image, Image), as_text(text)], [options, given], engine)


def answer(views: Anything | list[Anything], question: str | Text, *, engine: str | None = None) -> Text:
    """Return the answer to a question about a picture, several pictures, or a video."""
    items = views if isinstance(views, list) else [views]
    looked_at = [item if isinstance(item, VALUE_TYPES) else open_value(item) for item in items]
    kind = Modality.VIDEO if any(isinstance(view, Video) for view in looked_at) else Modality.IMAGE
    asked = as_text(question)
    converter = default_converter()
    chosen = able_engine(converter, Ability.ANSWER, engine, [kind])
    began_s = time.perf_counter()
    with converter.pool.use(chosen) as perform:
        reply: Text = perform(looked_at, asked)
    return replace(reply, origin=_origin([*looked_at, asked], chosen, began_s))


def _pictures(
    ability: Ability, values: Sequence[Text | Image], settings: Sequence[object], engine: str | None
) -> list[Image]:
    converter = default_converter()
    chosen = able_engine(converter, ability, engine)
    began_s = time.perf_counter()
    with converter.pool.use(chosen) as perform:
        drawn: list[Image] = list(perform(*values, *settings))
    origin = _origin(values, chosen, began_s)
    return [replace(image, origin=origin) for image in drawn]


def _origin(values: Sequence[Value], engine: AnyEngine, began_s: float) -> Origin:
    """Return the trail of what went in, and the step that was taken just now."""
    seconds = round(time.perf_counter() - began_s, 4)
    step = step_of(engine.card, seconds, tuple(value.digest() for value in values))
    return (*merge(value.origin for value in values), step)

"""One function for each ability, on the best engine that is ready. Inputs are values, or files to be opened."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TypeVar

from vivavoce.apps.converter import Job, default_converter
from vivavoce.apps.inputs import VALUE_TYPES, Anything, Kind
from vivavoce.engines.contract import Ability, Trait, port
from vivavoce.engines.language_codes import usual
from vivavoce.engines.options import DrawOptions, Preferences, Voice
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import Value, look
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.table import Table
from vivavoce.media.text import Text
from vivavoce.routes.route import Goal, Route, Wishes

V = TypeVar("V", Text, Audio, Image, Table)
DEFAULT_DRAWING = DrawOptions()
DEFAULT_VOICE = Voice()
ANY_ROUTE = Wishes()
NO_PREFERENCES = Preferences()


def convert(
    *inputs: Anything,
    to: Kind,
    goal: Goal | None = None,
    language: str | None = None,
    to_language: str | None = None,
    wishes: Wishes = ANY_ROUTE,
    preferences: Preferences = NO_PREFERENCES,
) -> Value:
    """Convert values or files to a modality: `convert("question.wav", "photo.jpg", to="speech")`.

    `language` is that of the inputs where their text does not tell, `to_language` that of the result. Raises what
    `Converter.run` raises.
    """
    return default_converter().run(inputs, _job(to, goal, language, to_language, wishes, preferences))


def plan(
    *inputs: Kind | Anything,
    to: Kind,
    goal: Goal | None = None,
    language: str | None = None,
    to_language: str | None = None,
    wishes: Wishes = ANY_ROUTE,
) -> Route:
    """Return the route that `convert` would take, for files, values or mere modalities; raise NoRoute without one."""
    return default_converter().plan(inputs, _job(to, goal, language, to_language, wishes, NO_PREFERENCES))


def _job(
    to: Kind, goal: Goal | None, language: str | None, to_language: str | None, wishes: Wishes, preferences: Preferences
) -> Job:
    return Job(
        to=to,
        language=language,
        to_language=to_language,
        wishes=replace(wishes, goal=goal) if goal else wishes,
        preferences=preferences,
    )


def transcribe(audio: Anything, *, language: str | None = None, engine: str | None = None) -> Text:
    """Return what is said, with times. `engine` is a name from the catalog or a folder with a Whisper model."""
    wanted = port(Modality.TEXT, Trait.TIMED)
    result = default_converter().run([audio], _via(wanted, language, engine))
    return _expect(result, Text)


def stream_transcript(
    audio: Anything, *, language: str | None = None, engine: str | None = None
) -> Generator[Text, None, None]:
    """Yield what is said, segment by segment, while the rest is still being listened to."""
    wanted = port(Modality.TEXT, Trait.TIMED)
    for part in default_converter().stream([audio], _via(wanted, language, engine)):
        yield _expect(part, Text)


def speak(text: str | Text, *, language: str | None = None, voice: Voice = DEFAULT_VOICE) -> Audio:
    """Return `text` spoken; the sound carries its words as `transcript`."""
    job = Job(to=Modality.SPEECH, language=language, preferences=Preferences(voice=voice))
    return _expect(default_converter().run([_text(text, language)], job), Audio)


def stream_speech(
    text: str | Text, *, language: str | None = None, voice: Voice = DEFAULT_VOICE
) -> Generator[Audio, None, None]:
    """Yield `text` spoken, sentence by sentence; the first comes within a few milliseconds."""
    job = Job(to=Modality.SPEECH, language=language, preferences=Preferences(voice=voice))
    for part in default_converter().stream([_text(text, language)], job):
        yield _expect(part, Audio)


def _via(wanted: Kind, language: str | None, engine: str | None) -> Job:
    via = (default_converter().engine_name(engine, Ability.TRANSCRIBE),) if engine else ()
    return Job(to=wanted, language=language, wishes=Wishes(via=via))


def _expect(value: Value, kind: type[V]) -> V:
    if not isinstance(value, kind):
        raise UsageError("expected {wanted}, got {got}", wanted=kind.__name__.lower(), got=value.modality.value)
    return value


def _text(text: str | Text, language: str | None = None) -> Text:
    if isinstance(text, Text):
        return text if text.language else replace(text, language=language)
    return Text(text, language)


def _perform(ability: Ability, inputs: Sequence[Anything], job: Job) -> Value:
    """Run the best engine of an ability that is ready, and nothing before or after it."""
    name = _best(ability, inputs[0])
    return default_converter().run(inputs, replace(job, wishes=Wishes(via=(name,))))


def _best(ability: Ability, first: Anything) -> str:
    """Return the name of the best engine whose first input is what `first` holds; raise UsageError without any."""
    held = (first if isinstance(first, VALUE_TYPES) else look(first)).modality
    able = default_converter().able(ability)
    for engine in able:
        if engine.card.takes[0].modality is held:
            return engine.card.name
    wanted = " / ".join(dict.fromkeys(engine.card.takes[0].modality for engine in able))
    raise UsageError("expected {wanted}, got {got}", wanted=wanted, got=held.value)


def describe(image: Anything, *, language: str | None = None) -> Text:
    """Return what a picture shows, in `language` ("en", "zh")."""
    return _expect(_perform(Ability.DESCRIBE, [image], Job(to=Modality.TEXT, to_language=language)), Text)


def draw(text: str | Text, options: DrawOptions = DEFAULT_DRAWING) -> Image:
    """Return a picture of `text`."""
    job = Job(to=Modality.IMAGE, preferences=Preferences(draw=options))
    return _expect(_perform(Ability.DRAW, [_text(text)], job), Image)


def extract(source: Anything) -> Table:
    """Return the table in a text or on a picture."""
    return _expect(_perform(Ability.EXTRACT, [source], Job(to=Modality.TABLE)), Table)


def chart(table: Anything, options: DrawOptions = DEFAULT_DRAWING) -> Image:
    """Return a table as a chart."""
    job = Job(to=Modality.IMAGE, preferences=Preferences(draw=options))
    return _expect(_perform(Ability.CHART, [table], job), Image)


def summarise(table: Anything, *, language: str | None = None) -> Text:
    """Return a table in sentences that can be read aloud, in `language` or that of its column names."""
    return _expect(_perform(Ability.SUMMARISE, [table], Job(to=Modality.TEXT, to_language=language)), Text)


def translate(text: str | Text, to: str, *, language: str | None = None, engine: str | None = None) -> Text:
    """Return `text` in the language `to`, line for line and segment for segment; `language` is its own if known."""
    source = _text(text, language)
    if source.language is None:
        source = replace(source, language=default_converter().identify(source))
    via = (default_converter().engine_name(engine, Ability.TRANSLATE),) if engine else ()
    job = Job(to=Modality.TEXT, to_language=usual(to), wishes=Wishes(via=via))
    return _expect(default_converter().run([source], job), Text)


def align(audio: Anything, text: str | Text) -> Text:
    """Return `text` with the time of each word as it is said in `audio`."""
    wanted = port(Modality.TEXT, Trait.TIMED)
    return _expect(_perform(Ability.ALIGN, [audio, _text(text)], Job(to=wanted)), Text)

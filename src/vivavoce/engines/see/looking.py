"""What any model that looks and writes can do: answer, describe, watch, converse. An engine for each, on one model."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from vivavoce.engines.abilities import Answer, Chat, Describe, Watch
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability, AnyEngine, Card, Trait, port
from vivavoce.engines.conversation import ChatOptions, Message, ToolCall
from vivavoce.engines.see.pictures import pictures
from vivavoce.engines.see.prompts import describe_prompt, frames_prompt
from vivavoce.engines.see.seer import Seer
from vivavoce.engines.watch.scenes import scenes
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text, joiner
from vivavoce.media.video import Video

ANSWER_TOKENS = 256
DESCRIPTION_TOKENS = 200
SCENE_TOKENS = 80

Load = Callable[[Checkpoint, str], AbstractContextManager[Seer]]


@dataclass(frozen=True, kw_only=True)
class Answerer:
    """Which weights, how they are loaded, and whether the card is that of pictures or of videos: both are taken."""

    model: Checkpoint
    load: Load
    of: Modality = Modality.IMAGE
    max_tokens: int = ANSWER_TOKENS

    @property
    def card(self) -> Card:
        """Describe it."""
        if self.of is Modality.VIDEO:
            summary, edge = "answers a question about a video from frames spread over it", "video"
        else:
            summary, edge = "answers a question about pictures in sentences", ""
        takes = (port(self.of), port(Modality.TEXT))
        card = self.model.card(Ability.ANSWER, takes, port(Modality.TEXT), summary, edge=edge)
        return replace(card, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Answer]:
        """Yield the answerer; raise NotReady without the library or the weights."""
        with self.load(self.model, device) as seer:

            def answer(views: Sequence[Image | Video], question: Text) -> Text:
                shown = pictures(views, seer.most, self.card.name)
                asked = [frames_prompt(view.duration_s, question.language) for view in views if isinstance(view, Video)]
                text = "\n".join([*asked, question.text])
                message = Message("user", text, images=tuple(shown))
                return Text(seer.write_each([[message]], self.max_tokens)[0], question.language)

            yield answer


@dataclass(frozen=True, kw_only=True)
class Describer:
    """Which weights, and how they are loaded."""

    model: Checkpoint
    load: Load
    max_tokens: int = DESCRIPTION_TOKENS

    @property
    def card(self) -> Card:
        """Describe it."""
        takes, gives = (port(Modality.IMAGE),), port(Modality.TEXT)
        card = self.model.card(
            Ability.DESCRIBE, takes, gives, "describes what a picture shows in a short paragraph", edge="describe"
        )
        return replace(card, languages=())

    @contextmanager
    def open(self, device: str) -> Iterator[Describe]:
        """Yield the describer; raise NotReady without the library or the weights."""
        with self.load(self.model, device) as seer:

            def describe(image: Image, language: str | None) -> Text:
                prompt = describe_prompt(language or "en", self.model.into, self.card.name)
                message = Message("user", prompt, images=(image,))
                return Text(seer.write_each([[message]], self.max_tokens)[0], language or "en")

            yield describe


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Which weights, and how they are loaded; it describes a frame of each scene, several at a time."""

    model: Checkpoint
    load: Load
    max_tokens: int = SCENE_TOKENS

    @property
    def card(self) -> Card:
        """Describe it."""
        takes, gives = (port(Modality.VIDEO),), port(Modality.TEXT, Trait.TIMED)
        card = self.model.card(Ability.WATCH, takes, gives, "describes each scene of a video", edge="watch")
        return replace(card, languages=())

    @contextmanager
    def open(self, device: str) -> Iterator[Watch]:
        """Yield the watcher; raise NotReady without the library or the weights."""
        with self.load(self.model, device) as seer:

            def watch(video: Video, language: str | None) -> Text:
                code = language or "en"
                prompt = describe_prompt(code, self.model.into, self.card.name)
                found = scenes(video)
                asked = [[Message("user", prompt, images=(Image(scene.frame.pixels),))] for scene in found]
                lines = seer.write_each(asked, self.max_tokens)
                segments = [Segment(line, s.start_s, s.end_s) for line, s in zip(lines, found, strict=True)]
                return Text(joiner(code).join(lines), code, tuple(segments))

            yield watch


@dataclass(frozen=True, kw_only=True)
class Converser:
    """Which weights, how they are loaded, and what a turn may hold; the pictures of all turns are looked at."""

    model: Checkpoint
    load: Load
    of: tuple[Modality, ...] = (Modality.TEXT, Modality.IMAGE)

    @property
    def card(self) -> Card:
        """Describe it."""
        takes = tuple(port(modality) for modality in self.of)
        card = self.model.card(Ability.CHAT, takes, None, "converses about pictures, word by word", edge="chat")
        return replace(card, into=())

    @contextmanager
    def open(self, device: str) -> Iterator[Chat]:
        """Yield the converser; raise NotReady without the library or the weights."""
        with self.load(self.model, device) as seer:

            def chat(messages: Sequence[Message], options: ChatOptions) -> Iterator[str | ToolCall]:
                return seer.write(messages, options)

            yield chat


def engines_of(model: Checkpoint, load: Load) -> tuple[AnyEngine, ...]:
    """Return what a model can do that looks at pictures and writes, the main ability first."""
    return (
        Answerer(model=model, load=load),
        Answerer(model=model, load=load, of=Modality.VIDEO),
        Describer(model=model, load=load),
        Watcher(model=model, load=load),
        Converser(model=model, load=load),
    )

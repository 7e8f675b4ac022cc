"""`viva chat [MESSAGE]`: an answer to one message, or a conversation in the terminal."""

import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click

from vivavoce.apps.converter import Converter
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command, say
from vivavoce.engines.abilities import Chat
from vivavoce.engines.catalog import lack_of
from vivavoce.engines.contract import Ability, AnyEngine
from vivavoce.engines.conversation import ChatOptions, Message
from vivavoce.errors import NotReady, UsageError, VivavoceError
from vivavoce.media.gateway import open_value
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality

PROMPT = "› "


@click.command("chat", cls=Command)
@click.argument("message", required=False)
@options.option("--engine", metavar="NAME", help="The engine to use; see: viva models list.")
@options.option("--system", default="", metavar="TEXT", help="What the model is told before the conversation.")
@options.option("--image", "images", multiple=True, metavar="FILE", help="A picture to talk about (repeat for more).")
@options.option("--max-tokens", type=click.IntRange(1), default=1024, show_default=True, help="Longest answer.")
@options.option(
    "--temperature", type=click.FloatRange(0, 2), default=0.7, show_default=True, help="0 says the likeliest words."
)
@options.option("--seed", type=click.IntRange(0), help="The same seed gives the same answer.")
@options.device
def command(message: str | None, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Talk with a chat model, as in: viva chat "What is a fugue?"."""
    images = tuple(_picture(name) for name in given["images"])
    asked = ChatOptions(max_tokens=given["max_tokens"], temperature=given["temperature"], seed=given["seed"])
    if message == streams.STREAM or (message is None and not sys.stdin.isatty()):
        message = sys.stdin.read().strip()
    if message is not None and not message.strip():
        raise UsageError("there is no message; give one, or start: viva chat in a terminal")
    history = [Message("system", given["system"])] if given["system"] else []
    with Converter(device=given["device"]) as converter:
        engine = _engine(converter, given["engine"], Modality.IMAGE if images else Modality.TEXT)
        with converter.pool.use(engine) as chat:
            if message is not None:
                _answer(chat, [*history, Message("user", message, images)], asked)
            else:
                _converse(chat, history, images, asked)


def _picture(name: str) -> Image:
    value = open_value(name)
    if not isinstance(value, Image):
        raise UsageError("expected {wanted}, got {got}", wanted="image", got=value.modality.value)
    return value


def _engine(converter: Converter, name: str | None, modality: Modality) -> AnyEngine:
    """Return the engine of that name, else the best one that is ready and takes `modality`."""
    if name:
        known = converter.engine_name(name)
        return converter.engines.edge(known, Ability.CHAT)
    able = converter.engines.able(Ability.CHAT)
    taking = [engine for engine in able if any(port.modality is modality for port in engine.card.takes)]
    ready = next((engine for engine in taking if lack_of(engine.card) is None), None)
    if ready is None:
        offered = [engine.card for engine in taking if engine.card.weights]
        smallest = min(offered, key=lambda card: card.weights.size_mb if card.weights else 0, default=None)
        raise NotReady(
            "no chat model is ready; set VIVAVOCE_LLM_URL to a server with OpenAI's API, or run: {command}",
            command=f"viva models pull {smallest.name}" if smallest else "viva models list",
        )
    return ready


def _converse(chat: Chat, history: Sequence[Message], images: tuple[Image, ...], asked: ChatOptions) -> None:
    """Take turns until the user says nothing more. Ctrl-C ends the model's turn; at the prompt it ends the talk."""
    click.echo(say("Ctrl-C stops an answer, an empty line ends the conversation."), err=True)
    turns = list(history)
    while said := _prompted():
        turns.append(Message("user", said, images))
        try:
            answer = _answer(chat, turns, asked)
        except VivavoceError as error:
            turns.pop()
            click.echo(f"viva: {say(error.template, **error.fields)}", err=True)
            continue
        images = ()  # they stay in the history
        turns.append(Message("assistant", answer))


def _prompted() -> str:
    try:
        return input(PROMPT).strip()
    except (EOFError, KeyboardInterrupt):
        click.echo()
        return ""


def _answer(chat: Chat, messages: Sequence[Message], asked: ChatOptions) -> str:
    """Print the answer as it comes and return it; what was said before Ctrl-C counts."""
    said = []
    with closing(chat(messages, asked)) as parts:  # type: ignore[type-var]  # every chat engine is a generator
        try:
            for part in parts:
                if isinstance(part, str):
                    said.append(part)
                    click.echo(part, nl=False)
                    sys.stdout.flush()
        except KeyboardInterrupt:
            click.echo(" …", nl=False)
    click.echo()
    return "".join(said)

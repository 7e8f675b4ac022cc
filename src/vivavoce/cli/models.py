"""`viva models list|pull`: the engines, what they need, and fetching it."""

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from vivavoce.cli import options
from vivavoce.cli.language import Command, Group, say
from vivavoce.engines.catalog import catalog, lack_of
from vivavoce.engines.contract import Card
from vivavoce.engines.hub import pull
from vivavoce.errors import UsageError

HEADINGS = ("engine", "ability", "licence", "size", "state", "summary")


@click.group("models", cls=Group)
def command() -> None:
    """List engines and fetch model weights."""


@command.command("list", cls=Command)
@options.as_json
def list_models(as_json: bool) -> None:
    """List every engine, and what it still needs."""
    cards = catalog().cards
    if as_json:
        click.echo(json.dumps([_record(card) for card in cards], ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in HEADINGS:
        table.add_column(say(heading), overflow="fold", no_wrap=heading == "engine")
    for card in cards:
        size = f"{card.weights.size_mb} MB" if card.weights else ""
        table.add_row(card.name, card.ability.value, card.licence, size, _state(card), say(card.summary))
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _state(card: Card) -> str:
    lack = lack_of(card)
    return say("ready") if lack is None else lack.command


def _record(card: Card) -> dict[str, Any]:
    lack = lack_of(card)
    return {
        "name": card.name,
        "ability": card.ability.value,
        "takes": [str(state) for state in card.takes],
        "gives": str(card.gives) if card.gives else None,
        "languages": list(card.languages),
        "licence": card.licence,
        "tier": card.tier,
        "summary": card.summary,
        "ready": lack is None,
        "missing": asdict(lack) if lack else None,
        "weights": asdict(card.weights) if card.weights else None,
    }


@command.command("pull", cls=Command)
@click.argument("name")
def pull_model(name: str) -> None:
    """Fetch the weights of an engine, as in: viva models pull faster-whisper-small."""
    weights = catalog()[name].card.weights
    if weights is None:
        raise UsageError("{name} needs no weights; it is ready, or see: viva models list", name=name)
    click.echo(say("{name} is in {path}", name=name, path=pull(weights)))

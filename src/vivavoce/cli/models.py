"""`viva models list|pull|rm|info|advise`: the engines, what they need, fetching it, and which to choose."""

import json
from dataclasses import asdict
from typing import Any

import click

from vivavoce.apps.advisor import Advice, Candidate, Need, advise, task_named, tasks
from vivavoce.cli import options
from vivavoce.cli.language import Command, Group, Option, say
from vivavoce.cli.show import columns
from vivavoce.engines.catalog import REPOSITORY, catalog, engines_named, lack_of
from vivavoce.engines.checkpoint import checkpoint_named
from vivavoce.engines.contract import Card, Weights
from vivavoce.engines.conversion import forget
from vivavoce.engines.device import DEVICES
from vivavoce.engines.hub import Progress, folder_of, pull, remove
from vivavoce.engines.lock import locked
from vivavoce.errors import UsageError

HEADINGS = ("engine", "ability", "licence", "size", "state", "summary")
ADVICE_HEADINGS = ("engine", "quality", "memory", "time", "licence", "verdict")
SHOWN = 12  # rows of advice; the rest is in --json


@click.group("models", cls=Group)
def command() -> None:
    """List engines, fetch and remove model weights, and choose a model."""


@command.command("list", cls=Command)
@click.option("--task", cls=Option, help="Only engines for a task, as in: viva models advise.")
@options.as_json
def list_models(task: str | None, as_json: bool) -> None:
    """List every engine, and what it still needs."""
    wanted = task_named(task).ability if task else None
    cards = [card for card in catalog().cards if wanted in (None, card.ability)]
    if as_json:
        click.echo(json.dumps([_record(card) for card in cards], ensure_ascii=False, indent=2))
        return
    rows = [
        (card.name, card.ability.value, card.licences, _size(card), _state(card), say(card.summary)) for card in cards
    ]
    columns(HEADINGS, rows)


def _size(card: Card) -> str:
    return f"{card.weights.size_mb} MB" if card.weights else ""


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
@click.option("--update", cls=Option, is_flag=True, help="Take the newest revision, not the one fetched before.")
def pull_model(name: str, update: bool) -> None:
    """Fetch the weights of an engine or a hub repository, as in: viva models pull whisper-small."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    weights = _weights(name)
    bar = Progress(
        BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    )
    with bar:
        task = bar.add_task(weights.repository, total=None)
        folder = pull(weights, _into(bar, task), update=update)
    click.echo(say("{name} is in {path}", name=name, path=folder))


def _into(bar: Any, task: Any) -> Progress:  # noqa: ANN401 - rich's own, imported late
    def report(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return report


def _weights(name: str) -> Weights:
    """Return what to fetch for an engine, an alias or a repository; raise UsageError for what can't be fetched."""
    card = catalog().engines[name].card if name in catalog().engines else None
    model = None if card else checkpoint_named(name)
    weights = card.weights if card else model.weights if model else None
    if card is not None and weights is None:
        raise UsageError("{name} needs no weights; see what it needs: viva models info {name}", name=name)
    if weights is None and REPOSITORY.fullmatch(name):
        weights = Weights(repository=name, revision="main", size_mb=0, licence="unknown")
    if weights is None:
        raise UsageError("there is no engine “{name}”; see: viva models list", name=name)
    return weights


@command.command("rm", cls=Command)
@click.argument("name")
def remove_model(name: str) -> None:
    """Delete the weights of an engine or a hub repository from this machine."""
    weights = _weights(name)
    folder = folder_of(weights)
    freed_mb = (remove(weights) + (forget(folder) if folder else 0)) / 1e6
    click.echo(say("{name} is removed; {size:.1f} MB are free again", name=name, size=freed_mb))


@command.command("info", cls=Command)
@click.argument("name")
@options.as_json
def show_model(name: str, as_json: bool) -> None:
    """Say all that is known of an engine or a model."""
    facts = _facts(name)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for key, value in facts.items():
        if value not in (None, "", [], {}):
            click.echo(f"{say(key)}: {_shown(value)}")


def _shown(value: object) -> str:
    match value:
        case bool():
            return say("yes") if value else say("no")
        case list():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{key} {content}" for key, content in value.items())
        case _:
            return str(value)


def _facts(name: str) -> dict[str, Any]:
    engines = catalog().engines
    model = checkpoint_named(name.partition("/")[0] if name in engines else name)
    alias = model.alias if model else name
    cards = [card for card in catalog().cards if card.name.partition("/")[0] == alias]
    cards = cards or [engine.card for engine in engines_named(name)]
    first, weights = cards[0], cards[0].weights
    folder = folder_of(weights) if weights else None
    record = locked(weights.repository) if weights else None
    facts = {
        "name": alias,
        "abilities": [card.ability.value for card in cards],
        "summary": say(first.summary),
        "ready": lack_of(first) is None,
        "remedy": lack.command if (lack := lack_of(first)) else None,
        "repository": weights.repository if weights else None,
        "size_mb": weights.size_mb if weights else None,
        "licence": weights.licence if weights else first.licence,
        "languages": list(first.languages),
        "into": list(first.into),
        "quality": first.cost.quality,
        "path": str(folder) if folder else None,
        "commit": record.commit if record else None,
    }
    if model:
        facts |= {
            "memory_gb": dict(model.memory_gb),
            "tier": model.tier,
            "published": model.published,
            "source": model.source,
        }
    return facts


@command.command("advise", cls=Command)
@click.argument("task", required=False)
@click.option("--language", cls=Option, help="Language that it must know, such as en or zh.")
@click.option("--memory", cls=Option, type=click.FloatRange(min=0), help="Gigabytes of memory that the device has.")
@click.option(
    "--latency", cls=Option, type=click.FloatRange(min=0), help="Seconds that a usual input may take on a CPU."
)
@click.option(
    "--licence", cls=Option, default="", help='SPDX name of a licence, or "commercial" for any that allows it.'
)
@click.option("--device", cls=Option, type=click.Choice(DEVICES), default="cpu", help="Where it shall run.")
@options.as_json
def advise_model(task: str | None, as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 - click's own values
    """Say which model to choose for a task and why, as in: viva models advise transcribe --language zh."""
    if task is None:
        columns(("task", "guide"), [(known.name, say(known.guide)) for known in tasks()])
        return
    need = Need(
        task=task_named(task),
        language=wishes["language"],
        memory_gb=wishes["memory"],
        latency_s=wishes["latency"],
        licence=wishes["licence"],
        device=wishes["device"],
    )
    advice = advise(need)
    if as_json:
        click.echo(json.dumps(_advice_record(advice), ensure_ascii=False, indent=2))
        return
    click.echo(say(need.task.guide) + "\n")
    columns(ADVICE_HEADINGS, [_row(candidate, advice) for candidate in advice.weighed[:SHOWN]])
    click.echo("\n" + _conclusion(advice))


def _row(candidate: Candidate, advice: Advice) -> tuple[str, ...]:
    return (
        candidate.card.name,
        f"{candidate.card.cost.quality:.2f}",
        f"{candidate.memory_gb:.1f} GB",
        f"{candidate.seconds:.1f} s",
        candidate.licence,
        _verdict(candidate, advice),
    )


def _verdict(candidate: Candidate, advice: Advice) -> str:
    if candidate.obstacles:
        reasons = {
            "language": say("doesn't know the language"),
            "memory": say("needs more memory"),
            "time": say("too slow"),
            "licence": say("its licence"),
        }
        return ", ".join(reasons[obstacle] for obstacle in candidate.obstacles)
    named = {
        say("the best that fits"): advice.best,
        say("smaller"): advice.smaller,
        say("faster"): advice.faster,
        say("ready now"): advice.ready,
    }
    return ", ".join(word for word, chosen in named.items() if chosen is candidate)


def _conclusion(advice: Advice) -> str:
    best = advice.best
    if best is None:
        return say("No engine keeps to all of this; loosen one of the limits above.")
    published = best.model.published if best.model and best.model.published else f"{best.card.cost.quality:.2f}"
    lack = lack_of(best.card)
    return say(
        "Choose {engine}: the best quality of those that fit ({published}); {next}",
        engine=best.card.name,
        published=published,
        next=say("it is ready") if lack is None else lack.command,
    )


def _advice_record(advice: Advice) -> dict[str, Any]:
    def name(candidate: Candidate | None) -> str | None:
        return candidate.card.name if candidate else None

    return {
        "task": advice.need.task.name,
        "guide": advice.need.task.guide,
        "best": name(advice.best),
        "smaller": name(advice.smaller),
        "faster": name(advice.faster),
        "ready": name(advice.ready),
        "command": lack.command if advice.best and (lack := lack_of(advice.best.card)) else None,
        "weighed": [
            {
                "name": candidate.card.name,
                "quality": candidate.card.cost.quality,
                "memory_gb": candidate.memory_gb,
                "seconds": round(candidate.seconds, 3),
                "licence": candidate.licence,
                "obstacles": list(candidate.obstacles),
                "published": candidate.model.published if candidate.model else "",
                "source": candidate.model.source if candidate.model else "",
            }
            for candidate in advice.weighed
        ],
    }

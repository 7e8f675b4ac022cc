"""`viva draw TEXT OUT`: a picture of what a text says, painted anew or over a picture that is given."""

import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vivavoce.apps.converter import Converter, Job
from vivavoce.cli import options, show, streams
from vivavoce.cli.language import Command, say
from vivavoce.engines.catalog import lack_of
from vivavoce.engines.contract import Ability, AnyEngine, State
from vivavoce.engines.hub import pull
from vivavoce.engines.options import THEMES, Brush
from vivavoce.errors import NoRoute, NotReady, UsageError
from vivavoce.media.gateway import Value, open_value
from vivavoce.media.image import Image
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Step
from vivavoce.media.text import Text
from vivavoce.routes.plan import plan
from vivavoce.routes.route import Wishes

SEEDS = 2**31


@click.command("draw", cls=Command)
@click.argument("text")
@click.argument("target", default=streams.STREAM, metavar="OUT")
@options.option("--engine", metavar="NAME", help="The painter; default: the best one on this machine.")
@options.option("--negative", default="", metavar="TEXT", help="What must not be seen.")
@options.option(
    "--style", default="", metavar="NAME", help="photo, painting, watercolour, line-art, ink-wash, poster …"
)
@options.option("--steps", type=click.IntRange(1, 1000), help="Steps of painting; default: what suits the model.")
@options.option("--guidance", type=click.FloatRange(0, 100), help="How strictly to keep to the text.")
@options.option("--count", type=click.IntRange(1, 64), default=1, show_default=True, help="How many pictures.")
@options.option("--seed", type=click.IntRange(0), help="The same seed paints the same pictures.")
@options.option("--from", "picture", type=click.Path(dir_okay=False), metavar="FILE", help="A picture to change.")
@options.option("--mask", type=click.Path(dir_okay=False), metavar="FILE", help="White where it may be changed.")
@options.option(
    "--strength", type=click.FloatRange(0, 1), default=0.6, show_default=True, help="How far a picture is changed."
)
@options.option("--no-safety-checker", is_flag=True, help="Paint without the model's own safety checker.")
@options.languages
@options.routing
@options.option("--size", metavar="WxH", help="Size of the picture; without it what suits the model.")
@options.option("--theme", type=click.Choice(THEMES), help="Colours of a card.")
@options.overwrite
@options.device
def command(text: str, target: str, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Draw what a text says, as in: viva draw "a red fox in the snow" fox.png."""
    if given["mask"] and not given["picture"]:
        raise UsageError("a mask needs the picture that it belongs to; add --from")
    targets = _names(target, given["count"])
    for name in targets:
        streams.check_target(name, Modality.IMAGE, given["overwrite"])
    words = Text((sys.stdin.read() if text == streams.STREAM else text).strip(), given["language"])
    with Converter(device=given["device"]) as converter, show.Progress() as progress:
        job, brush = options.job_of(Modality.IMAGE, given), _brush(given)
        engine = _painter(converter, given, job.wishes)
        inputs: list[Value] = [words]
        if given["picture"]:
            inputs = [_opened(given["picture"]), words]
        job = replace(
            job,
            wishes=replace(job.wishes, via=(*job.wishes.via, engine.card.name)),
            preferences=replace(job.preferences, draw=replace(job.preferences.draw, brush=brush)),
            notify=progress.notify,
        )
        pictures = _masked(converter, engine, inputs, job, given["mask"]) if given["mask"] else None
        for name, picture in zip(targets, pictures or converter.stream(inputs, job), strict=False):
            streams.write(picture, name, given["overwrite"])
    if engine.card.tier == "hub":
        click.echo(say("painted by {engine} with --seed {seed}", engine=engine.card.name, seed=brush.seed), err=True)


def _names(target: str, count: int) -> list[str]:
    """Return a name for each picture: fox-1.png, fox-2.png … when there are several."""
    if count == 1:
        return [target]
    if target == streams.STREAM:
        raise UsageError("only one picture fits into a stream; name a file for {count}", count=count)
    path = Path(target)
    return [str(path.with_name(f"{path.stem}-{number}{path.suffix}")) for number in range(1, count + 1)]


def _brush(given: dict[str, Any]) -> Brush:
    return Brush(
        negative=given["negative"],
        style=given["style"],
        steps=given["steps"],
        guidance=given["guidance"],
        seed=secrets.randbelow(SEEDS) if given["seed"] is None else given["seed"],
        count=given["count"],
        strength=given["strength"],
        safety=not given["no_safety_checker"],
    )


def _painter(converter: Converter, given: dict[str, Any], wishes: Wishes) -> AnyEngine:
    """Return the painter that was named, else the best by the wishes that is ready or may be fetched.

    Without any it is the card of words, and says so.
    """
    ability = Ability.REDRAW if given["picture"] else Ability.DRAW
    if given["engine"]:
        name = converter.engine_name(given["engine"], ability)  # first, since it may add to the engines
        return converter.engines[name]
    able = converter.able(ability)
    painter = _best([engine for engine in able if engine.card.tier == "hub"], wishes)
    lack = lack_of(painter.card) if painter else None
    if painter and (lack is None or (wishes.pull and lack.kind == "weights")):
        return painter
    command = lack.command if lack else "viva models list"
    card = next((engine for engine in able if engine.card.tier != "hub"), None)
    if card is None:
        raise NotReady("no engine here can change a picture; run: {command}", command=command)
    note = say(
        "no painter is on this machine: the words are set on a card; for a picture run: {command}", command=command
    )
    click.echo(note, err=True)
    return card


def _best(painters: Sequence[AnyEngine], wishes: Wishes) -> AnyEngine | None:
    """Let the planner choose by the wishes, as it would on a route; return None when no painter keeps to them."""
    by_name = {engine.card.name: engine for engine in painters if engine.card.name not in wishes.avoid}
    cards = [engine.card for engine in by_name.values()]
    if not cards:
        return None
    lacks = {card.name: lack for card in cards if (lack := lack_of(card))}
    try:
        route = plan(cards[0].takes, State(Modality.IMAGE), cards, replace(wishes, via=(), avoid=()), lacks)
    except NoRoute:
        return None
    return by_name[route.hops[-1].card.name]


def _masked(converter: Converter, engine: AnyEngine, inputs: list[Value], job: Job, mask: str) -> list[Image]:
    """Change the white part only: a mask is no input of a route, so that the painter is called itself."""
    converter.plan(inputs, job)  # raises NoRoute where it would not keep to the wishes
    lack = lack_of(engine.card)
    if job.wishes.pull and engine.card.weights and lack and lack.kind == "weights":
        pull(engine.card.weights)
    with converter.pool.use(engine) as redraw:
        made = list(redraw(*inputs, job.preferences.draw, _opened(mask)))
    model = engine.card.weights.repository if engine.card.weights else ""
    step = Step(engine=engine.card.name, model=model, inputs=tuple(value.digest() for value in inputs))
    return [replace(picture, origin=(*inputs[0].origin, step)) for picture in made]


def _opened(name: str) -> Image:
    value = open_value(streams.source(name))
    if not isinstance(value, Image):
        raise UsageError("{name} holds {got}, not a picture; give one", name=name, got=value.modality.value)
    return value

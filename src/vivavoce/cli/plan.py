"""`viva plan FROM… TO`: the route, without taking it."""

import json
from typing import Any

import click

from vivavoce.apps.converter import Converter
from vivavoce.cli import options, show
from vivavoce.cli.convert import goal_of
from vivavoce.cli.language import Command
from vivavoce.errors import UsageError
from vivavoce.media.modality import ALIASES, Modality


@click.command("plan", cls=Command)
@click.argument("states", nargs=-1, required=True, metavar="FROM... TO")
@options.languages
@options.routing
@options.as_json
def command(states: tuple[str, ...], as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Show the route without taking it, as in: viva plan audio image."""
    *sources, goal = states
    if not sources:
        raise UsageError("a plan needs a start and a goal; got only {name}", name=goal)
    named = goal in ALIASES or goal in tuple(Modality)
    with Converter() as converter:
        job = options.job_of(goal if named or "." not in goal else goal_of(goal, None, sources), given)
        route = converter.plan(sources, job)
    if as_json:
        click.echo(json.dumps(show.route_record(route), ensure_ascii=False, indent=2))
    else:
        show.print_route(route)

"""`viva convert IN… OUT`: any inputs to whatever the target's name asks for."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vivavoce.apps.converter import Converter
from vivavoce.cli import options, show, streams
from vivavoce.cli.language import Command
from vivavoce.engines.contract import State, Trait, port
from vivavoce.errors import UsageError
from vivavoce.media.formats import modality_of_suffix
from vivavoce.media.gateway import look
from vivavoce.media.modality import Modality, parse_modality


@click.command("convert", cls=Command)
@click.argument("inputs", nargs=-1, required=True, metavar="IN... OUT")
@options.option(
    "--to", metavar="MODALITY", help="text, speech, image, video, table or mesh; default: by the target's name."
)
@options.languages
@options.routing
@options.voices
@options.looks
@options.option("--explain", is_flag=True, help="Print the route before and what it cost after.")
@options.option("--sidecar", is_flag=True, help="Write the origin beside the target as JSON.")
@options.overwrite
@options.device
def command(inputs: tuple[str, ...], to: str | None, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Convert files, as in: viva convert talk.flac notes.txt."""
    *names, target = inputs
    if not names:
        raise UsageError("a conversion needs an input and a target; got only {name}", name=target)
    goal = goal_of(target, to, names)
    streams.check_target(target, goal.modality, given["overwrite"])
    job = options.job_of(goal, given)
    with Converter(device=given["device"]) as converter, show.Progress() as progress:
        sources = [streams.source(name) for name in names]
        if given["explain"]:
            show.print_route(converter.plan(sources, job), err=True)
        costs = show.Costs(progress.notify)
        result = converter.run(sources, replace(job, notify=costs.notify))
        began_s = time.perf_counter()
        streams.write(result, target, given["overwrite"], given["sidecar"])
        written_s = time.perf_counter() - began_s
    show.warn_of_doubt(costs.confidence)
    if given["explain"]:
        costs.show(written_s)


def goal_of(target: str, to: str | None, sources: Sequence[str] = ()) -> State:
    """Return the state that a target's name asks for: subtitles need times, and Markdown of a video is its notes."""
    if target == streams.STREAM:
        return State(parse_modality(to or "text"))
    modality = parse_modality(to) if to else modality_of_suffix(target)
    ending = target.lower().rpartition(".")[2]
    held = {look(name).modality for name in sources if name != streams.STREAM and Path(name).is_file()}
    if ending == "json" and to is None and held == {Modality.TABLE}:
        return State(Modality.TABLE)
    if modality is Modality.TEXT and ending in ("srt", "vtt", "tsv"):
        return port(modality, Trait.TIMED)
    if ending == "md" and Modality.VIDEO in held:
        return port(modality, Trait.NOTES)
    return State(modality)

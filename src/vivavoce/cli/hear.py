"""`viva hear FILE`: what a sound is."""

import json
from dataclasses import asdict

import click

from vivavoce.apps import abilities
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command

SHOWN = 10  # of the labels that a model was trained on, which may be hundreds


@click.command("hear", cls=Command)
@click.argument("sound")
@options.option("--labels", default="", metavar="A,B,…", help="What it may be; default: what the model was trained on.")
@options.option("--model", metavar="NAME", help="An engine that hears; default: the best that is ready.")
@options.option(
    "--top", type=click.IntRange(min=1), default=SHOWN, show_default=True, help="How many labels to show, best first."
)
@options.as_json
def command(sound: str, labels: str, model: str | None, top: int, as_json: bool) -> None:
    """Tell what a sound is, as in: viva hear clip.wav --labels dog,rain."""
    wanted = [label.strip() for label in labels.replace("，", ",").split(",") if label.strip()]
    scores = abilities.hear(streams.source(sound), wanted, engine=model)[:top]
    if as_json:
        click.echo(json.dumps([asdict(score) for score in scores], ensure_ascii=False, indent=2))
        return
    for score in scores:
        click.echo(f"{score.probability:6.1%}  {score.label}")

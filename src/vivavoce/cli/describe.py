"""`viva describe IMAGE`: what a picture shows."""

import click

from vivavoce.apps import tasks
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command, current_language


@click.command("describe", cls=Command)
@click.argument("image")
@options.option("--to-language", type=click.Choice(["en", "zh"]), help="Language of the result.")
def command(image: str, to_language: str | None) -> None:
    """Say what a picture shows, as in: viva describe photo.jpg."""
    click.echo(tasks.describe(streams.source(image), language=to_language or current_language()).text)

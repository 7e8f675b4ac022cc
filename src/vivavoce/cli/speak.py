"""`viva speak TEXT OUT`: a text spoken into a file."""

import sys
from typing import Any

import click

from vivavoce.apps.converter import Converter
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text


@click.command("speak", cls=Command)
@click.argument("text")
@click.argument("target", default=streams.STREAM, metavar="OUT")
@options.languages
@options.voices
@options.routing
@options.overwrite
def command(text: str, target: str, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Speak a text into a file, as in: viva speak "Good morning" hello.mp3."""
    streams.check_target(target, Modality.SPEECH, given["overwrite"])
    words = sys.stdin.read() if text == streams.STREAM else text
    job = options.job_of(Modality.SPEECH, given)
    with Converter() as converter:
        streams.write(converter.run([Text(words.strip(), given["language"])], job), target, given["overwrite"])

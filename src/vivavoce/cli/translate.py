"""`viva translate FILE|TEXT --to CODE`: text, a document or subtitles in another language, line for line."""

from pathlib import Path
from typing import Any

import click

from vivavoce.apps.converter import Converter
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command
from vivavoce.engines.contract import Ability
from vivavoce.engines.language_codes import usual
from vivavoce.errors import InputError, UsageError
from vivavoce.media.gateway import Value, open_value
from vivavoce.media.modality import Modality
from vivavoce.media.text import Text

TEXT_FILES = (".txt", ".md", ".srt", ".vtt", ".tsv", ".json")


@click.command("translate", cls=Command)
@click.argument("source", metavar="FILE|TEXT")
@options.option("--to", "to_language", required=True, metavar="CODE", help="Language of the result.")
@options.option("--from", "language", metavar="CODE", help="Language of the text, where it is not plain.")
@options.option("--output", "-o", default=streams.STREAM, metavar="OUT", help="Where to write it; default: print it.")
@options.option("--engine", metavar="NAME", help="The engine to use; see: viva models list.")
@options.routing
@options.overwrite
@options.device
def command(source: str, output: str, engine: str | None, **given: Any) -> None:  # noqa: ANN401 - click's options
    """Translate text or subtitles, as in: viva translate talk.srt --to zh -o talk.zh.srt."""
    given["to_language"], given["language"] = _code(given["to_language"]), _code(given["language"])
    streams.check_target(output, Modality.TEXT, given["overwrite"])
    text = _text(source)
    with Converter(device=given["device"]) as converter:
        if engine:
            name = converter.engine_name(engine)
            chosen = converter.engines.edge(name, Ability.TRANSLATE)
            given["via"] = (*given["via"], chosen.card.name)
        result = converter.run([text], options.job_of(Modality.TEXT, given))
        if output == streams.STREAM and isinstance(result, Text):
            click.echo(result.text.rstrip("\n"))
        else:
            streams.write(result, output, given["overwrite"])


def _text(source: str) -> Text:
    """Return the content of a file or of standard input, or the argument itself when it names no text file."""
    if not source.strip():
        raise UsageError("there is no text to translate; give some, or a file")
    named = source == streams.STREAM or Path(source).suffix.lower() in TEXT_FILES
    if not (named or _is_file(source)):
        return Text(source)
    value: Value = open_value(streams.source(source))
    if not isinstance(value, Text):
        raise InputError(
            "{name} holds {got}, which is no text; convert it first by: viva convert",
            name=source,
            got=value.modality.value,
        )
    return value


def _code(language: str | None) -> str | None:
    """Return the usual spelling of a language's code; raise UsageError for an empty one."""
    if language is not None and not language.strip():
        raise UsageError("the code of a language is empty; give one such as en or zh")
    return usual(language) if language else None


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than a file's name may be
        return False

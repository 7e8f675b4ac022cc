"""`viva transcribe FILE…`: what is said, with times, in any of the usual formats."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from vivavoce.apps.converter import Converter, Job
from vivavoce.cli import live, options, show, streams
from vivavoce.cli.language import Command, current_language, say
from vivavoce.engines.contract import Ability, Trait, port
from vivavoce.errors import InputError, UsageError, VivavoceError
from vivavoce.media.atomic import check_writable, replacing
from vivavoce.media.gateway import look
from vivavoce.media.modality import Modality
from vivavoce.media.subtitles import clock
from vivavoce.media.text import Text
from vivavoce.media.text_files import decode, write_text

FORMATS = ("txt", "srt", "vtt", "tsv", "json")


@click.command("transcribe", cls=Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.option(
    "--output-format", "-f", type=click.Choice([*FORMATS, "all"]), help="Write files; default: print the text."
)
@options.option("--output-dir", "-o", type=click.Path(path_type=Path), help="Where to write them; default: here.")
@options.option("--word-timestamps", is_flag=True, help="Keep the time of each word.")
@options.option("--model", metavar="NAME", help="An engine, or a folder with a Whisper model.")
@options.option("--grammar", type=click.Path(exists=True, dir_okay=False), help="A JSGF grammar of what may be said.")
@options.option("--prompt", default="", help="Words to expect.")
@options.option(
    "--task",
    type=click.Choice(["transcribe", "translate"]),
    default="transcribe",
    help="Translate into English or not.",
)
@options.option("--live", is_flag=True, help="Print words while they are heard, as if the recording came live.")
@options.languages
@options.routing
@options.overwrite
@options.device
def command(files: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401 - click's options
    """Write down what is said, as in: viva transcribe talk.flac."""
    if given["live"] and (given["output_format"] or given["output_dir"] or given["word_timestamps"]):
        raise UsageError("--live prints words and writes no files; leave out -f, -o and --word-timestamps")
    given["grammar"] = decode(Path(given["grammar"]).read_bytes()) if given["grammar"] else ""
    formats = _formats(given["output_format"], given["output_dir"])
    folder = given["output_dir"] or Path()
    names = _output_names(files)
    failed = 0
    with Converter(device=given["device"]) as converter:
        if given["model"]:
            given["via"] = (*given["via"], converter.engine_name(given["model"], Ability.TRANSCRIBE))
        job = options.job_of(port(Modality.TEXT, Trait.TIMED), given)
        for file, name in zip(files, names, strict=True):
            targets = {form: folder / f"{name}.{form}" for form in formats}
            try:
                _transcribe(converter, file, targets, job, given)
            except UsageError:
                raise
            except VivavoceError as error:
                failed += 1
                message = error.localized(current_language())
                click.echo(f"viva: {file}: {message}" if len(files) > 1 else f"viva: {message}", err=True)
    if failed:
        raise click.exceptions.Exit(1)


def _formats(wanted: str | None, folder: Path | None) -> tuple[str, ...]:
    if wanted == "all":
        return FORMATS
    return (wanted,) if wanted else ("txt",) if folder else ()


def _output_names(files: tuple[str, ...]) -> list[str]:
    """Return a name for each file, without its ending unless another has the same; equal names are numbered."""
    stems = ["stdin" if file == streams.STREAM else Path(file).stem for file in files]
    repeated = {stem for stem, count in Counter(stems).items() if count > 1}
    names = [Path(file).name if stem in repeated else stem for file, stem in zip(files, stems, strict=True)]
    return [f"{name}-{names[:at].count(name) + 1}" if name in names[:at] else name for at, name in enumerate(names)]


def _transcribe(converter: Converter, file: str, targets: dict[str, Path], job: Job, given: dict[str, Any]) -> None:
    """Print segments as they are found, then write the files."""
    source = streams.source(file)
    _check_heard(file, look(source).modality)
    if given["live"]:
        live.follow(converter, source, job)
        return
    for target in targets.values():
        target.parent.mkdir(parents=True, exist_ok=True)
        check_writable(target, given["overwrite"])
    parts = []
    for part in converter.stream([source], job):
        if isinstance(part, Text):  # as the job asks for
            parts.append(part)
            _print(part, given["word_timestamps"], to_stderr=bool(targets))
    text = Text.join(parts)
    if not given["word_timestamps"] and "json" in targets:
        text = replace(text, segments=tuple(replace(segment, words=()) for segment in text.segments))
    show.warn_of_doubt(text.confidence)
    for form, target in targets.items():
        with replacing(target, given["overwrite"]) as temporary:
            write_text(text, temporary, form)
        click.echo(say("wrote {path}", path=target), err=True)


def _check_heard(name: str, modality: Modality) -> None:
    if modality not in (Modality.SPEECH, Modality.VIDEO):
        raise InputError(
            "{name} holds {got}, which nobody speaks in; give a recording or a video", name=name, got=modality.value
        )


def _print(part: Text, words: bool, to_stderr: bool) -> None:
    for segment in part.segments:
        start, end = clock(segment.start_s), clock(segment.end_s)
        click.echo(f"[{start} → {end}] {segment.text}" if to_stderr or words else segment.text, err=to_stderr)
        for word in segment.words if words and not to_stderr else ():
            click.echo(f"  {word.start_s:8.2f} {word.end_s:8.2f}  {word.text}")

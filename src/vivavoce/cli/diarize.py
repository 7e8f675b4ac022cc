"""`viva diarize FILE`: who speaks when, and what, on the screen or in a file of the usual formats."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from vivavoce.apps import abilities, tasks
from vivavoce.cli import options, streams
from vivavoce.cli.language import Command, say
from vivavoce.errors import NothingFound, UsageError
from vivavoce.media.atomic import check_writable, replacing
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.modality import Modality
from vivavoce.media.rttm import to_diarized_json, to_rttm, with_names
from vivavoce.media.speakers import attribute
from vivavoce.media.subtitles import clock, to_srt, to_vtt
from vivavoce.media.text import Segment, Text

FORMATS = ("rttm", "json", "srt", "vtt", "txt")
WORDED = ("srt", "vtt")


@click.command("diarize", cls=Command)
@click.argument("recording")
@options.option("--output", "-o", type=click.Path(path_type=Path), help="A file: .rttm, .json, .srt, .vtt or .txt.")
@options.option("--speakers", type=click.IntRange(min=1), metavar="N", help="How many speak; default: find out.")
@options.option("--transcribe", is_flag=True, help="Write down what each says, too.")
@options.option("--language", metavar="CODE", help="Language of the inputs, such as en or zh.")
@options.option("--engine", metavar="NAME", help="The engine that tells voices apart; default: the best that is ready.")
@options.option("--model", metavar="NAME", help="With --transcribe: an engine, or a folder with a Whisper model.")
@options.overwrite
@options.as_json
def command(
    recording: str,
    output: Path | None,
    speakers: int | None,
    transcribe: bool,
    language: str | None,
    **given: Any,  # noqa: ANN401 - click's options
) -> None:
    """Tell who speaks when, as in: viva diarize talk.flac -o talk.rttm."""
    if given["model"] and not transcribe:
        raise UsageError("--model names what writes the words down; add --transcribe, or name a diarizer by --engine")
    if output:
        _check(output, transcribe, given["overwrite"])
    audio = _sound(recording)
    turns = abilities.diarize(audio, speakers=speakers, engine=given["engine"])
    if not turns:
        raise NothingFound(
            "no speech in {seconds:.1f} s of sound; give a recording of somebody speaking", seconds=audio.duration_s
        )
    segments = tuple(Segment("", turn.start_s, turn.end_s, speaker=turn.speaker) for turn in turns)
    spoken = Text("", language, segments)
    if transcribe:
        spoken = attribute(tasks.transcribe(audio, language=language, engine=given["model"]), turns)
    if output:
        with replacing(output, given["overwrite"]) as temporary:
            temporary.write_text(_rendered(spoken, segments, output, audio, _name(recording, output)), "utf-8")
        click.echo(say("wrote {path}", path=output), err=True)
    elif given["as_json"]:
        click.echo(to_diarized_json(spoken.segments, audio.duration_s), nl=False)
    else:
        click.echo(_lines(spoken.segments), nl=False)


def _check(output: Path, transcribe: bool, overwrite: bool) -> None:
    """Raise before any work is done if the result could not be written."""
    ending = output.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise UsageError(
            "“{name}” has none of the endings {known}; choose one",
            name=output.name,
            known=", ".join(f".{known}" for known in FORMATS),
        )
    if ending in WORDED and not transcribe:
        raise UsageError("subtitles are made of words; add --transcribe, or write .rttm")
    check_writable(output, overwrite)


def _sound(recording: str) -> Audio:
    """Open a recording, or the sound track of a video."""
    value = open_value(streams.source(recording))
    heard = tasks.convert(value, to=Modality.SPEECH) if value.modality is Modality.VIDEO else value
    return abilities.opened(heard, Audio)


def _name(recording: str, output: Path) -> str:
    """Return the recording's name without its ending, the output's where it came by standard input."""
    return output.stem if recording == streams.STREAM else Path(recording).stem


def _rendered(spoken: Text, turns: Sequence[Segment], output: Path, audio: Audio, name: str) -> str:
    match output.suffix.lower():
        case ".rttm":
            return to_rttm(turns, name)
        case ".json":
            return to_diarized_json(spoken.segments, audio.duration_s)
        case ".srt":
            return to_srt(with_names(spoken))
        case ".vtt":
            return to_vtt(with_names(spoken))
    return _lines(spoken.segments)


def _lines(segments: Sequence[Segment]) -> str:
    return "".join(
        f"[{clock(segment.start_s)} → {clock(segment.end_s)}] {segment.speaker}"
        + (f": {segment.text}\n" if segment.text else "\n")
        for segment in segments
    )

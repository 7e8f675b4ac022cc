"""Who speaks when, as files: NIST's RTTM, and the JSON that OpenAI's API calls diarized."""

import json
import math
from collections.abc import Sequence
from typing import Protocol

from vivavoce.errors import CorruptMedia
from vivavoce.media.text import Segment, Text

FIELDS = 9  # of a line: type, file, channel, start, duration, orthography, subtype, speaker, confidence
NOBODY = "<NA>"


class Spoken(Protocol):
    """A stretch of time in seconds in which one person speaks: a turn, or a segment of a transcript."""

    @property
    def speaker(self) -> str:
        """Who speaks."""
        ...

    @property
    def start_s(self) -> float:
        """Where it begins."""
        ...

    @property
    def end_s(self) -> float:
        """Where it ends."""
        ...


def to_rttm(turns: Sequence[Spoken], recording: str) -> str:
    """Render turns of a recording as RTTM, to the millisecond; spaces in names, which would end a field, become “_”."""
    return "".join(
        f"SPEAKER {_name(recording)} 1 {turn.start_s:.3f} {turn.end_s - turn.start_s:.3f} "
        f"<NA> <NA> {_name(turn.speaker)} <NA> <NA>\n"
        for turn in turns
    )


def _name(text: str) -> str:
    return "_".join(text.split()) or NOBODY


def from_rttm(content: str) -> list[Segment]:
    """Read the speaker lines of RTTM as segments without text; raise CorruptMedia for a line that is none."""
    return [_turn(line) for line in content.splitlines() if line.split()[:1] == ["SPEAKER"]]


def _turn(line: str) -> Segment:
    fields = line.split()
    try:
        start_s, seconds = float(fields[3]), float(fields[4])
    except (IndexError, ValueError):
        start_s = seconds = math.nan
    if len(fields) < FIELDS or not (start_s >= 0 and seconds >= 0 and math.isfinite(start_s + seconds)):
        raise CorruptMedia(
            "the line “{line}” is no RTTM; it needs SPEAKER, file, channel, start, duration, …, speaker",
            line=line[:100],
        )
    return Segment("", start_s, start_s + seconds, speaker="" if fields[7] == NOBODY else fields[7])


def to_diarized_json(segments: Sequence[Segment], duration_s: float) -> str:
    """Render segments with speakers, and the text where it is known, in the form of OpenAI's `diarized_json`."""
    spoken = [
        {
            "type": "transcript.text.segment",
            "id": f"seg_{number}",
            "start": round(segment.start_s, 3),
            "end": round(segment.end_s, 3),
            "speaker": segment.speaker,
            "text": segment.text,
        }
        for number, segment in enumerate(segments, 1)
    ]
    lines = [f"{segment.speaker}: {segment.text}" for segment in segments if segment.text]
    record = {"task": "transcribe", "duration": round(duration_s, 3), "text": "\n".join(lines), "segments": spoken}
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def with_names(transcript: Text) -> Text:
    """Return a transcript in which each segment begins with its speaker's name, as subtitles show it.

    Words are left out, since they would no longer spell the text.
    """
    named = [
        Segment(
            f"{segment.speaker}: {segment.text}" if segment.speaker else segment.text, segment.start_s, segment.end_s
        )
        for segment in transcript.segments
    ]
    return Text("\n".join(segment.text for segment in named), transcript.language, tuple(named))

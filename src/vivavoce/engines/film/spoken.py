"""The sentences that speech carries with it, each with its time."""

from collections.abc import Sequence
from itertools import accumulate

from vivavoce.engines.split import sentences
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.subtitles import cues
from vivavoce.media.text import Segment, Text

LONG = 240  # characters: more can't be read at a glance


def spoken(audio: Audio) -> Text:
    """Return the transcript of `audio`, a segment for each sentence; raise NothingFound without any words.

    Where the transcript has no times, each sentence gets the share of the whole time that its length asks for.
    """
    transcript = audio.transcript
    if transcript is None or not transcript.text.strip():
        raise NothingFound("the speech carries no words; transcribe it first")
    language = transcript.language
    if transcript.segments:
        parts = [part for segment in transcript.segments for part in _readable(segment, language)]
    else:
        parts = _shared_out(Segment(transcript.text, 0.0, audio.duration_s), language)
    return Text.from_segments(parts, language)


def _readable(segment: Segment, language: str | None) -> Sequence[Segment]:
    if len(segment.text) <= LONG:
        return [segment]
    if segment.words:
        return cues(Text.from_segments([segment], language))
    return _shared_out(segment, language)


def _shared_out(segment: Segment, language: str | None) -> list[Segment]:
    """Cut into sentences and share the time out by their length."""
    parts = sentences(segment.text, language)
    ends = list(accumulate(len(part) for part in parts))
    pace_s = (segment.end_s - segment.start_s) / (ends[-1] if ends else 1)
    return [
        Segment(part, segment.start_s + (end - len(part)) * pace_s, segment.start_s + end * pace_s)
        for part, end in zip(parts, ends, strict=True)
    ]

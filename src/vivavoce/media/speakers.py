"""Whose words they are: a transcript and the turns of a conversation brought together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from vivavoce.media.rttm import Spoken
from vivavoce.media.text import Segment, Text, Word, joiner


def attribute(transcript: Text, turns: Sequence[Spoken]) -> Text:
    """Return the transcript with a speaker on each segment: who speaks longest during it, else who is nearest to it.

    A segment with word times is split where its words change hands. Without turns the transcript comes back as it is.
    """
    if not turns:
        return transcript
    join = joiner(transcript.language)
    segments = [part for segment in transcript.segments for part in _by_speaker(segment, turns, join)]
    return replace(transcript, segments=tuple(segments))


def _by_speaker(segment: Segment, turns: Sequence[Spoken], join: str) -> Iterator[Segment]:
    words = segment.words
    if not words:
        yield replace(segment, speaker=_speaker(segment.start_s, segment.end_s, turns))
        return
    owners = [_speaker(word.start_s, word.end_s, turns) for word in words]
    runs = [[at for at, _ in run] for _, run in groupby(enumerate(owners), lambda pair: pair[1])]
    if len(runs) == 1:
        yield replace(segment, speaker=owners[0])
        return
    texts = _texts(segment.text, words, [run[0] for run in runs], join)
    for run, text in zip(runs, texts, strict=True):
        own = tuple(words[at] for at in run)
        yield replace(
            segment, text=text, start_s=own[0].start_s, end_s=own[-1].end_s, words=own, speaker=owners[run[0]]
        )


def _speaker(start_s: float, end_s: float, turns: Sequence[Spoken]) -> str:
    """Return who speaks longest between two times; if nobody does, whose turn is nearest."""
    shares: dict[str, float] = {}
    for turn in turns:
        shared_s = min(end_s, turn.end_s) - max(start_s, turn.start_s)
        shares[turn.speaker] = shares.get(turn.speaker, 0.0) + max(0.0, shared_s)
    best = max(shares, key=lambda speaker: shares[speaker])
    if shares[best] > 0:
        return best
    return min(turns, key=lambda turn: max(turn.start_s - end_s, start_s - turn.end_s)).speaker


def _texts(text: str, words: Sequence[Word], firsts: Sequence[int], join: str) -> list[str]:
    """Cut `text` before the words of these numbers; where it doesn't spell the words, join them instead."""
    places: list[int] = []
    at = 0
    for word in words:
        at = text.find(word.text, at)
        if at < 0:
            return [join.join(w.text for w in words[a:b]) for a, b in pairwise([*firsts, len(words)])]
        places.append(at)
        at += len(word.text)
    cuts = [0, *(places[first] for first in firsts[1:]), len(text)]
    return [text[a:b].strip() for a, b in pairwise(cuts)]

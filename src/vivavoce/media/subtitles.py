"""Timed text as SubRip, WebVTT, tab-separated values and JSON, read and written.

The readers are forgiving, as players are: what has no times is skipped, and only a file without a cue is an error.
"""

import html
import json
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from vivavoce.errors import CorruptMedia, EmptyInput
from vivavoce.media.text import UNSPACED, Segment, Text, Word, joiner

MAX_CUE_CHARACTERS = {"zh": 36, "en": 84}  # two lines of a screen
PAUSE_BETWEEN_CUES_S = 0.6  # a silence this long ends a cue
MAX_TIME_S = 1e9
SHORTEST_SHOWN_S = 1.0  # too brief to read otherwise

CLOCK = r"(?:(\d{1,5}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
TIMING = re.compile(rf"[ \t]*{CLOCK}[ \t]*-->[ \t]*{CLOCK}(?:[ \t].*)?")
SRT_MARKUP = re.compile(r"</?(?:[bius]|font|c)(?:[ =.][^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
VTT_SPEAKER = re.compile(r"<v(?:\.[^ <>]*)? ([^<>]*)>")
VTT_MARKUP = re.compile(r"<[^<>]*>")
CJK = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
CJK_LINE_END = re.compile(rf"(?<=[{CJK}])\n(?=[{CJK}])")


def read_subtitles(content: str, form: str) -> Text:
    """Parse "srt" or "vtt" content into a transcript; raise CorruptMedia when it holds no cue."""
    blocks = list(_blocks(content.split("\n"), ends_at_blank=form == "vtt"))
    if not blocks:
        raise CorruptMedia("the {format} content holds no cue with times; get it again from its source", format=form)
    read = _read_vtt if form == "vtt" else _read_srt
    segments = [segment for times, lines in blocks if (segment := read(times, lines)).text]
    if not segments:
        raise EmptyInput("the subtitles hold no text; give a file with at least one cue")
    return Text.from_segments(sorted(segments, key=lambda segment: segment.start_s))


def begins_with_cue(content: str) -> bool:
    """Say whether SubRip cues begin here: a number, perhaps, and a line of times."""
    lines = [line for line in content[:1000].split("\n")[:10] if line.strip()][:2]
    if len(lines) == 2 and lines[0].strip().isdigit():
        lines = lines[1:]
    return bool(lines) and TIMING.fullmatch(lines[0]) is not None


def _blocks(lines: Sequence[str], ends_at_blank: bool) -> Iterator[tuple[tuple[float, float], list[str]]]:
    """Yield the times of each cue and its lines; the number of the next cue is not among them."""
    times: tuple[float, float] | None = None
    collected: list[str] = []
    for line in lines:
        found = TIMING.fullmatch(line) if "-->" in line else None
        if found is None:
            collected.append(line.strip())
            continue
        if times is not None:
            yield times, _text_lines(collected, ends_at_blank, before_cue=True)
        times, collected = _times(found.groups()), []
    if times is not None:
        yield times, _text_lines(collected, ends_at_blank, before_cue=False)


def _times(groups: Sequence[str | None]) -> tuple[float, float]:
    start_s, end_s = (
        int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((rest or "0").ljust(3, "0")) / 1000
        for hours, minutes, seconds, rest in (groups[:4], groups[4:])
    )
    return start_s, max(start_s, end_s)


def _text_lines(lines: list[str], ends_at_blank: bool, before_cue: bool) -> list[str]:
    if ends_at_blank:
        return lines[: lines.index("")] if "" in lines else lines
    if before_cue and lines and lines[-1].isdigit() and (len(lines) == 1 or "" in lines[-2:]):
        lines = lines[:-1]
    return [line for line in lines if line]


def _read_srt(times: tuple[float, float], lines: Sequence[str]) -> Segment:
    return Segment(_flowing(SRT_MARKUP.sub("", "\n".join(lines))), *times)


def _read_vtt(times: tuple[float, float], lines: Sequence[str]) -> Segment:
    body = "\n".join(lines)
    speaker = VTT_SPEAKER.search(body)
    text = _flowing(html.unescape(VTT_MARKUP.sub("", body)))
    return Segment(text, *times, speaker=html.unescape(speaker[1]).strip() if speaker else "")


def _flowing(text: str) -> str:
    """Join lines: with a space, but with none between Chinese characters."""
    return " ".join(CJK_LINE_END.sub("", text).split())


def cues(text: Text) -> list[Segment]:
    """Cut a transcript into cues of at most two lines, at word times where there are any."""
    limit = MAX_CUE_CHARACTERS["zh" if text.language in UNSPACED else "en"]
    return [cue for segment in text.segments for cue in _cut(segment, limit, joiner(text.language))]


def _cut(segment: Segment, limit: int, join: str) -> Iterator[Segment]:
    words = [word for word in segment.words if word.text]
    if not words:
        yield segment
        return
    spelled = _as_written(segment.text, words, join)
    begin, length = 0, 0
    for at, (word, text) in enumerate(zip(words, spelled, strict=True)):
        length += len(text)
        if at > begin and (length > limit or word.start_s - words[at - 1].end_s > PAUSE_BETWEEN_CUES_S):
            yield _cue(words[begin:at], spelled[begin:at])
            begin, length = at, len(text)
    yield _cue(words[begin:], spelled[begin:])


def _as_written(text: str, words: Sequence[Word], join: str) -> list[str]:
    """Return each word with the marks and spaces after it in `text`; where they don't match, words and joints alone."""
    places: list[int] = []
    at = 0
    for word in words:
        at = text.find(word.text, at)
        if at < 0:
            return [word.text + join for word in words]
        places.append(at)
        at += len(word.text)
    return [text[here:after] for here, after in pairwise([0, *places[1:], len(text)])]


def _cue(words: Sequence[Word], spelled: Sequence[str]) -> Segment:
    return Segment("".join(spelled).strip(), words[0].start_s, words[-1].end_s, tuple(words))


def to_srt(text: Text) -> str:
    """Render as SubRip."""
    blocks = [
        f"{number}\n{clock(cue.start_s, ',')} --> {clock(_shown_until(cue, after), ',')}\n{one_line_each(cue.text)}\n"
        for number, (cue, after) in enumerate(_with_next(cues(text)), 1)
    ]
    return "\n".join(blocks)


def to_vtt(text: Text) -> str:
    """Render as WebVTT (W3C)."""
    blocks = [
        f"{clock(cue.start_s, '.')} --> {clock(_shown_until(cue, after), '.')}\n{_escape_vtt(cue.text)}\n"
        for cue, after in _with_next(cues(text))
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def _with_next(segments: Sequence[Segment]) -> Iterator[tuple[Segment, Segment | None]]:
    yield from pairwise(segments)
    if segments:
        yield segments[-1], None


def _shown_until(cue: Segment, after: Segment | None) -> float:
    """Keep a short cue up for a second if nothing follows it sooner."""
    end_s = max(cue.end_s, cue.start_s + SHORTEST_SHOWN_S)
    return min(end_s, max(after.start_s, cue.end_s)) if after else end_s


def one_line_each(text: str) -> str:
    """Return `text` without blank lines, which would end a cue."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _escape_vtt(line: str) -> str:
    return html.escape(one_line_each(line), quote=False)


def to_tsv(text: Text) -> str:
    """Render as tab-separated start, end (milliseconds) and text: the columns of openai-whisper."""
    rows = [f"{s.start_s * 1000:.0f}\t{s.end_s * 1000:.0f}\t{' '.join(s.text.split())}" for s in text.segments]
    return "\n".join(["start\tend\ttext", *rows]) + "\n"


def to_json(text: Text) -> str:
    """Render as JSON with the field names of openai-whisper: text, language, segments, words."""
    segments = [
        {
            "id": number,
            "start": round(s.start_s, 3),
            "end": round(s.end_s, 3),
            "text": s.text,
            **({"confidence": round(s.confidence, 3)} if s.confidence is not None else {}),
            **({"speaker": s.speaker} if s.speaker else {}),
            "words": [
                {
                    "word": w.text,
                    "start": round(w.start_s, 3),
                    "end": round(w.end_s, 3),
                    **({"probability": round(w.confidence, 3)} if w.confidence is not None else {}),
                }
                for w in s.words
            ],
        }
        for number, s in enumerate(text.segments)
    ]
    record = {"text": text.text, "language": text.language, "segments": segments}
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def from_json(record: dict[str, object]) -> Text:
    """Read what `to_json` or openai-whisper wrote; raise CorruptMedia when fields are missing or of the wrong type."""
    try:
        segments = tuple(_segment(entry) for entry in _records(record.get("segments")))
        language = record.get("language")
        return Text(str(record["text"]).strip(), str(language) if language else None, segments)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CorruptMedia(
            "this JSON is no transcript (field {field}); it needs “text” and “segments” with start, end and text",
            field=error,
        ) from error


def _records(entries: object) -> list[dict[str, object]]:
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TypeError("segments")
    return entries


def _segment(entry: dict[str, object]) -> Segment:
    words = tuple(
        Word(str(word["word"]).strip(), *_span(word), _share(word.get("probability")))
        for word in _records(entry.get("words"))
    )
    confidence = _share(entry.get("confidence"))
    if confidence is None and "avg_logprob" in entry:  # of openai-whisper: the mean over the segment's tokens
        confidence = _share(math.exp(min(0.0, _number(entry["avg_logprob"]))))
    return Segment(str(entry["text"]).strip(), *_span(entry), words, confidence, str(entry.get("speaker") or ""))


def _span(entry: dict[str, object]) -> tuple[float, float]:
    start_s, end_s = _number(entry["start"]), _number(entry["end"])
    if start_s < 0:
        raise ValueError(f"start {start_s}")
    return start_s, max(start_s, end_s)


def _share(value: object) -> float | None:
    return None if value is None else min(1.0, max(0.0, _number(value)))


def _number(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number) or abs(number) > MAX_TIME_S:
        raise ValueError(f"number {value}")
    return number


def clock(seconds: float, decimal_mark: str = ".") -> str:
    """Render a time as 01:02:03.456."""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{decimal_mark}{rest % 1000:03d}"

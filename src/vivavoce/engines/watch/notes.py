"""A video and its transcript as notes: time-coded headings, a line on the picture, and what is said."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from vivavoce.engines.abilities import TakeNotes
from vivavoce.engines.contract import Ability, Card, Cost, Trait, port
from vivavoce.engines.split import guess_language
from vivavoce.engines.typesetting import time_code
from vivavoce.engines.watch.describe import appearance_line
from vivavoce.engines.watch.scenes import Scene, scenes
from vivavoce.media.modality import Modality
from vivavoce.media.text import Segment, Text, joiner
from vivavoce.media.video import Video

PARAGRAPH_PAUSE_S = 2.0  # a silence this long between two sentences begins a section
SHORTEST_S, MOST_SECTIONS = 5.0, 60  # sections are joined until each is this long and there are no more of them


@dataclass(frozen=True, kw_only=True)
class SceneNotes:
    """Puts a transcript under headings at the scenes and pauses of its video."""

    card: ClassVar[Card] = Card(
        name="scene-notes",
        ability=Ability.TAKE_NOTES,
        takes=(port(Modality.VIDEO), port(Modality.TEXT, Trait.TIMED)),
        matched=True,
        gives=port(Modality.TEXT, Trait.NOTES),
        summary="writes Markdown notes: time-coded headings, a line on the picture, what is said",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.3, per_unit_s=0.1, memory_gb=0.25, quality=0.9),
    )
    paragraph_pause_s: float = PARAGRAPH_PAUSE_S
    shortest_s: float = SHORTEST_S

    @contextmanager
    def open(self, device: str) -> Iterator[TakeNotes]:
        """Yield a function of a video and its transcript; it raises NothingFound when no frame can be read."""
        yield self._write

    def _write(self, video: Video, transcript: Text) -> Text:
        language = transcript.language or guess_language(transcript.text)
        found = scenes(video)
        shortest_s = max(self.shortest_s, video.duration_s / MOST_SECTIONS)
        sections = _sections(found, _breaks(transcript.segments, self.paragraph_pause_s), shortest_s)
        for segment in transcript.segments:
            next(s for s in reversed(sections) if s.start_s <= max(segment.start_s, 0.0)).said.append(segment)
        title = "视频笔记" if language == "zh" else "Notes"
        parts = [f"# {title} ({time_code(round(video.duration_s))})"]
        parts += [_markdown(section, language) for section in sections if section.said or section.scene]
        return Text("\n\n".join(parts), language)


@dataclass
class _Section:
    """What is seen and said from `start_s` on; no scene where the picture is still the one before."""

    start_s: float
    scene: Scene | None
    said: list[Segment] = field(default_factory=list)


def _breaks(segments: Sequence[Segment], pause_s: float) -> list[float]:
    return [after.start_s for before, after in pairwise(segments) if after.start_s - before.end_s >= pause_s]


def _sections(found: Sequence[Scene], breaks_s: Sequence[float], shortest_s: float) -> list[_Section]:
    """Begin a section at each scene, then at each break, unless another section begins close by."""
    sections: list[_Section] = []
    starts = [_Section(scene.start_s, scene) for scene in found] + [_Section(at_s, None) for at_s in breaks_s]
    for start in starts:
        if all(abs(start.start_s - section.start_s) >= shortest_s for section in sections):
            sections.append(start)
    return sorted(sections, key=lambda section: section.start_s)


def _markdown(section: _Section, language: str | None) -> str:
    lines = [f"## {_heading_time(section.start_s)}"]
    if section.scene:
        code = "zh" if language == "zh" else "en"
        label = "画面：" if code == "zh" else "Picture: "
        lines.append(f"*{label}{appearance_line(section.scene.frame.pixels, code)}*")
    if section.said:
        lines.append(joiner(language).join(segment.text for segment in section.said))
    return "\n\n".join(lines)


def _heading_time(seconds: float) -> str:
    code = time_code(seconds)
    return code if code.count(":") == 2 else f"0:{code.zfill(5)}"

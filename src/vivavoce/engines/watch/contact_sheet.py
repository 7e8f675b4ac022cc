"""A video at a glance: a grid of frames, each with its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vivavoce.engines.abilities import ContactSheet
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.fonts import font_path
from vivavoce.engines.options import DrawOptions, Theme
from vivavoce.engines.typesetting import LEADING, PALETTES, face, stamp, time_code
from vivavoce.engines.watch.scenes import scenes
from vivavoce.errors import NothingFound
from vivavoce.media.image import Image, Pixels
from vivavoce.media.modality import Modality
from vivavoce.media.video import Frame, Video

TILES = 12
SCENES_UP_TO_S = 60.0  # finding scenes reads a whole video; a longer one is shown at even steps
MARGIN, GAP, LETTERS = 0.045, 0.02, 0.026  # around the sheet, between frames, and letters, of the shorter side


@dataclass(frozen=True, kw_only=True)
class FrameGrid:
    """Lays out about `tiles` frames of a video in a grid."""

    card: ClassVar[Card] = Card(
        name="frame-grid",
        ability=Ability.CONTACT_SHEET,
        takes=(port(Modality.VIDEO),),
        gives=port(Modality.IMAGE),
        summary="lays out frames of a video in a grid, each with its time",
        licence="Apache-2.0",
        cost=Cost(fixed_s=1.5, per_unit_s=0.0002, memory_gb=0.15, quality=0.8),
    )
    tiles: int = TILES

    @contextmanager
    def open(self, device: str) -> Iterator[ContactSheet]:
        """Yield a function of a video and options; it raises NothingFound when no frame can be read."""
        yield self._lay_out

    def _lay_out(self, video: Video, options: DrawOptions) -> Image:
        size = width, height = options.size()
        grid = _grid(size, video.width / video.height, self.tiles)
        sheet = np.full((height, width, 3), PALETTES[options.theme].ground, np.uint8)
        times_s = _times(video, max(1, min(grid.columns * grid.rows, round(video.duration_s * video.fps))))
        fine = video.duration_s < 2 * len(times_s)
        number = -1
        for number, frame in enumerate(video.source.frames_at(times_s)):
            _paste(sheet, frame, grid.corner(number), grid, fine, options.theme)
        if number < 0:
            raise NothingFound("no picture can be read from the video; get it again from its source")
        facts = f"{time_code(round(video.duration_s))}  ·  {video.width} × {video.height}  ·  {video.fps:g} fps"
        corner = grid.left, max(0, grid.top - grid.label - grid.gap)
        stamp(sheet, facts, corner, face(font_path(facts), grid.letters), PALETTES[options.theme].ink)
        return Image(sheet)


@dataclass(frozen=True)
class _Grid:
    """Columns and rows of frames, and in pixels: a frame's size, where the first one stands, gaps and labels."""

    columns: int
    rows: int
    width: int
    height: int
    left: int
    top: int
    gap: int
    letters: int

    @property
    def label(self) -> int:
        return round(self.letters * LEADING)

    def corner(self, number: int) -> tuple[int, int]:
        row, column = divmod(number, self.columns)
        return (
            self.left + column * (self.width + self.gap),
            self.top + row * (self.height + self.label + self.gap),
        )


def _grid(size: tuple[int, int], aspect: float, tiles: int) -> _Grid:
    """Choose the grid of at least `tiles` frames in which they fill most of the sheet."""
    grids = [_grid_of(columns, -(-tiles // columns), size, aspect) for columns in range(1, tiles + 1)]
    return max(grids, key=lambda grid: grid.columns * grid.rows * grid.width * grid.height)


def _grid_of(columns: int, rows: int, size: tuple[int, int], aspect: float) -> _Grid:
    short = min(size)
    margin, gap, letters = (max(1, round(short * part)) for part in (MARGIN, GAP, LETTERS))
    label = round(letters * LEADING)
    head = margin + label + gap  # the line of facts stands above the frames
    widest = (size[0] - 2 * margin + gap) // columns - gap
    highest = (size[1] - head - margin + gap) // rows - gap - label
    width = max(1, min(widest, round(highest * aspect)))
    height = max(1, min(highest, round(width / aspect)))
    left = (size[0] - columns * (width + gap) + gap) // 2
    top = (size[1] + head - margin - rows * (height + label + gap) + gap) // 2
    return _Grid(columns, rows, width, height, max(0, left), max(0, top), gap, letters)


def _times(video: Video, count: int) -> list[float]:
    """Return rising times: the middles of equal parts, or a scene's own frame in a part where one begins."""
    step_s = video.duration_s / count
    times_s = [(number + 0.5) * step_s for number in range(count)]
    if video.duration_s <= SCENES_UP_TO_S:
        for scene in scenes(video)[1:]:
            part = min(int(scene.start_s / step_s), count - 1)
            if scene.frame.time_s < (part + 1) * step_s:
                times_s[part] = scene.frame.time_s
    return times_s


def _paste(sheet: Pixels, frame: Frame, corner: tuple[int, int], grid: _Grid, fine: bool, theme: Theme) -> None:
    import PIL.Image

    left, top = corner
    scaled = PIL.Image.fromarray(frame.pixels).resize((grid.width, grid.height), PIL.Image.Resampling.BOX)
    part = sheet[top : top + grid.height, left : left + grid.width]
    part[:] = np.asarray(scaled)[: part.shape[0], : part.shape[1]]
    code = time_code(frame.time_s) + (f".{int(frame.time_s * 10 + 1e-6) % 10}" if fine else "")
    stamp(
        sheet,
        code,
        (left, top + grid.height + grid.gap // 4),
        face(font_path(code), grid.letters),
        PALETTES[theme].muted,
    )

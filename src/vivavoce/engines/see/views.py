"""What the text models get to see of a picture: its content at a size that suits them, tall pictures tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivavoce.media.image import Image, Pixels

TALL = 2.5  # a picture this many times taller than wide is cut into tiles, or its lines would become too small
OVERLAP = 240  # pixels that two tiles share, so that each line is whole in one of them
SMALL_SIDE, LONG_SIDE = 736, 1000  # smaller content is enlarged until its shorter or longer side is that long,
MAX_ENLARGEMENT = 2.5  # but by no more than this
MARGIN = 16  # pixels added around: text that touches the edge is missed otherwise
FLATTEST = 4  # width to height of the flattest view: what the models need grows with the square of the flatness
BACKGROUND_RANGE = 32  # levels, of 255, by which a pixel of the background may differ from the border's colour
LIGHT = 160  # grey level from which content is too light to lie on white


@dataclass(frozen=True)
class View:
    """Pixels uint8 [height, width, 3]; a point of them lies in the picture at (point + shift) / scale.

    It answers for the lines whose middle lies at a y from `top` to `bottom`.
    """

    pixels: Pixels
    scale: float
    shift: tuple[float, float]
    top: float
    bottom: float

    def locate(self, corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return where corners float32 [4, 2] of the view lie in the picture."""
        return np.asarray((corners + np.array(self.shift)) / self.scale, np.float32)


def views(image: Image, max_side: int) -> Iterator[View]:
    """Yield the views of a picture; none is larger than about `max_side` pixels on a side."""
    whole = on_contrast(image)
    tall = image.height > TALL * image.width
    first = min(1.0, 2 * max_side / (image.width if tall else max(image.width, image.height)))
    smaller = _scaled(whole, first)
    left, top, right, bottom = _content(smaller)
    content = smaller[top:bottom, left:right]
    height, width = content.shape[:2]
    tall = height > TALL * width
    limit = max_side / (width if tall else max(width, height))
    wanted = min(MAX_ENLARGEMENT, SMALL_SIDE / min(height, width), LONG_SIDE / max(height, width))
    second = min(limit, max(1.0, wanted))
    scaled = _scaled(content, second)
    for at in _tile_tops(len(scaled), max_side) if tall else [0]:
        tile = scaled[at : at + max_side] if tall else scaled
        padded, across, down = _padded(tile)
        shift = (left * second - across, top * second + at - down)
        is_last = not tall or at + max_side >= len(scaled)
        end = float("inf") if is_last else down + max_side - OVERLAP / 2
        yield View(padded, first * second, shift, down + OVERLAP / 2 if at else 0.0, end)


def on_contrast(image: Image) -> Pixels:
    """Return RGB pixels; a transparent picture is laid on white, or on black if what shows is light."""
    if image.pixels.shape[2] == 3:
        return image.pixels
    alpha = image.pixels[..., 3].astype(np.float32) / 255
    shown = float(alpha.sum())
    light = float((image.pixels[..., :3].mean(axis=2) * alpha).sum()) / shown if shown else 0.0
    if light < LIGHT:
        return image.rgb
    return (image.pixels[..., :3] * alpha[..., np.newaxis]).astype(np.uint8)


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    import cv2

    if scale == 1.0:
        return pixels
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=kind), np.uint8)


def _content(pixels: Pixels) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what is not background, with some of the background around it.

    A few small words on a large empty page are missed unless the empty part is cut away.
    """
    import cv2

    height, width = pixels.shape[:2]
    border = np.array([_border_colour(pixels)], np.uint8)
    differs = cv2.absdiff(pixels, np.broadcast_to(border, pixels.shape)).max(axis=2) > BACKGROUND_RANGE
    across, down = np.flatnonzero(differs.any(axis=0)), np.flatnonzero(differs.any(axis=1))
    if not len(across):
        return 0, 0, width, height
    margin = max(MARGIN, int(0.3 * min(across[-1] - across[0], down[-1] - down[0])))
    return (
        max(0, int(across[0]) - margin),
        max(0, int(down[0]) - margin),
        min(width, int(across[-1]) + 1 + margin),
        min(height, int(down[-1]) + 1 + margin),
    )


def _border_colour(pixels: Pixels) -> list[int]:
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return [int(level) for level in np.median(border, axis=0)]


def _tile_tops(height: int, side: int) -> list[int]:
    return list(range(0, max(1, height - OVERLAP), side - OVERLAP))


def _padded(pixels: Pixels) -> tuple[Pixels, int, int]:
    """Add a margin of the border's own colour, wider where the picture is very flat or narrow."""
    import cv2

    height, width = pixels.shape[:2]
    across = max(MARGIN, (height // FLATTEST - width) // 2)
    down = max(MARGIN, (width // FLATTEST - height) // 2)
    colour = _border_colour(pixels)
    padded = cv2.copyMakeBorder(pixels, down, down, across, across, cv2.BORDER_CONSTANT, value=colour)
    return np.asarray(padded, np.uint8), across, down

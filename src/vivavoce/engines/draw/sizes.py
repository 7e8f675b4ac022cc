"""From the size that is asked for to one that a model can paint."""

import math
from dataclasses import dataclass

from vivavoce.engines.options import DrawOptions
from vivavoce.errors import EngineError
from vivavoce.media.image import Image, Pixels

SMALLEST_SIDE = 64  # pixels: what is painted on fewer latents shows nothing


@dataclass(frozen=True)
class Size:
    """Width and height in pixels that are wanted, and those that are painted: the next multiples of the model's."""

    width: int
    height: int
    multiple: int

    @property
    def painted(self) -> tuple[int, int]:
        """Width and height that the model is given."""
        return _up(self.width, self.multiple), _up(self.height, self.multiple)

    def cut(self, pixels: Pixels) -> Pixels:
        """Cut what was painted, uint8 [height, width, 3], to what is wanted, from the middle."""
        top, left = (pixels.shape[0] - self.height) // 2, (pixels.shape[1] - self.width) // 2
        return pixels[top : top + self.height, left : left + self.width]


def _up(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple


def size_of(options: DrawOptions, own: tuple[int, int], multiple: int, engine: str) -> Size:
    """Return the size of a new picture; `own` is the model's. Raises EngineError when it is too small to paint."""
    width, height = options.size(own)
    if min(width, height) < SMALLEST_SIDE:
        raise EngineError(
            "{engine} paints from {least} pixels a side on, got {width} × {height}; ask for more and scale it down",
            engine=engine,
            least=SMALLEST_SIDE,
            width=width,
            height=height,
        )
    return Size(width, height, multiple)


def size_like(image: Image, options: DrawOptions, own: tuple[int, int], multiple: int, engine: str) -> Size:
    """Return the size of a changed picture: that of `image`, brought to the model's own area, unless one is named.

    Each model paints best at the number of pixels it was trained on; far above, it repeats what it shows.
    """
    if options.width is None and options.height is None:
        scale = math.sqrt(own[0] * own[1] / (image.width * image.height))
        width, height = (max(SMALLEST_SIDE, round(side * scale)) for side in (image.width, image.height))
        widest = 4 * max(own)
        return Size(_up(min(width, widest), multiple), _up(min(height, widest), multiple), multiple)
    return size_of(options, (image.width, image.height), multiple, engine)

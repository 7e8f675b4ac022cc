"""A mask: where a picture is painted anew, and where it stays as it is, pixel for pixel."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.engines.draw.sizes import Size
from vivavoce.errors import UsageError
from vivavoce.media.image import Image, Pixels

if TYPE_CHECKING:
    import PIL.Image

WHITE = 128  # a mask is white from here on


@dataclass(frozen=True)
class Stencil:
    """A picture, its mask of the same size, white where it changes, and the size that is painted.

    Raises UsageError for a mask of another size, or without a white part.
    """

    image: Image
    mask: Image
    size: Size

    def __post_init__(self) -> None:
        if (self.mask.width, self.mask.height) != (self.image.width, self.image.height):
            raise UsageError(
                "the mask has {got} pixels and the picture {wanted}; make it of the same size",
                got=f"{self.mask.width} × {self.mask.height}",
                wanted=f"{self.image.width} × {self.image.height}",
            )
        if self.pillow.getbbox() is None:
            raise UsageError("the mask has no white part; paint white what is to be changed")

    @cached_property
    def pillow(self) -> "PIL.Image.Image":
        """The mask in grey, black and white only."""
        import PIL.Image

        return PIL.Image.fromarray(self.mask.rgb).convert("L").point(lambda level: 255 if level >= WHITE else 0)

    def lay(self, painted: Pixels) -> Pixels:
        """Return the picture, in its own size, with what was painted in the white parts of the mask."""
        import PIL.Image

        size = self.image.width, self.image.height
        new = np.asarray(PIL.Image.fromarray(painted).resize(size, PIL.Image.Resampling.LANCZOS))
        return np.where(np.asarray(self.pillow)[..., np.newaxis] > 0, new, self.image.rgb)

"""A picture as pixels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.errors import InputError
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest

if TYPE_CHECKING:
    import PIL.Image

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Image:
    """Pixels uint8 [height, width, 3 or 4], RGB or RGBA. Raises InputError for any other shape or type."""

    pixels: Pixels
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.IMAGE

    def __post_init__(self) -> None:
        shape, kind = self.pixels.shape, self.pixels.dtype
        if len(shape) != 3 or shape[2] not in (3, 4) or kind != np.uint8 or not self.pixels.size:
            raise InputError(
                "an image must be uint8 [height, width, 3 or 4], got {kind} {shape}; convert it", kind=kind, shape=shape
            )

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def rgb(self) -> Pixels:
        """Pixels uint8 [height, width, 3]; transparency is laid on white."""
        if self.pixels.shape[2] == 3:
            return self.pixels
        alpha = self.pixels[..., 3:].astype(np.uint16)
        return ((self.pixels[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)

    def digest(self) -> str:
        """SHA-256 of the pixels."""
        return digest(self.pixels)

    def pillow(self) -> "PIL.Image.Image":
        """Return it as a Pillow image, to draw on or to scale."""
        import PIL.Image

        return PIL.Image.fromarray(self.pixels)

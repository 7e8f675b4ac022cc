"""A solid's surface as triangles."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, EmptyInput, InputError
from vivavoce.media.modality import Modality
from vivavoce.media.origin import Origin, digest

Vertices = npt.NDArray[np.float32]
Faces = npt.NDArray[np.int32]
Colours = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Mesh:
    """Vertices float32 [points, 3], y upwards; faces int32 [triangles, 3] of their numbers; colours uint8 [points, 3].

    A face is seen from where its corners run anticlockwise. Colours are sRGB; None is unpainted. Raises InputError for
    other shapes, EmptyInput without a face, CorruptMedia for points that are not finite and faces of missing ones.
    """

    vertices: Vertices
    faces: Faces
    colours: Colours | None = None
    origin: Origin = ()
    modality: ClassVar[Modality] = Modality.MESH

    def __post_init__(self) -> None:
        vertices, faces = np.asarray(self.vertices, np.float32), np.asarray(self.faces, np.int32)
        if vertices.ndim != 2 or vertices.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3:
            raise InputError(
                "a mesh needs vertices [points, 3] and faces [triangles, 3], got {vertices} and {faces}; reshape them",
                vertices=vertices.shape,
                faces=faces.shape,
            )
        if not len(faces):
            raise EmptyInput("the mesh has no face; give one with a surface")
        if not np.isfinite(vertices).all():
            raise CorruptMedia("the mesh has vertices that are NaN or infinite; export it again")
        if faces.min() < 0 or faces.max() >= len(vertices):
            raise CorruptMedia(
                "a face of the mesh names a vertex beyond its {count}; export it again", count=len(vertices)
            )
        if self.colours is not None and (self.colours.shape != vertices.shape or self.colours.dtype != np.uint8):
            raise InputError(
                "the colours of a mesh must be uint8 {wanted}, got {kind} {shape}; give one a vertex",
                wanted=vertices.shape,
                kind=self.colours.dtype,
                shape=self.colours.shape,
            )
        object.__setattr__(self, "vertices", vertices)
        object.__setattr__(self, "faces", faces)

    def digest(self) -> str:
        """SHA-256 of vertices, faces and colours."""
        return digest(self.vertices, self.faces, *(() if self.colours is None else (self.colours,)))


def to_srgb(light: npt.NDArray[np.float32]) -> Colours:
    """Encode linear light, clipped to 0..1, as sRGB 0–255 (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    colours: Colours = np.rint(encoded * 255).astype(np.uint8)
    return colours

"""What the readers of mesh files share: the count of what they have promised so far, and the joining of parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vivavoce.errors import TooLarge
from vivavoce.media.mesh import Colours, Faces, Mesh, Vertices
from vivavoce.media.origin import Origin

UNPAINTED = 200  # the grey, 0–255, of parts without colours beside parts with them


@dataclass
class Budget:
    """How many vertices and faces may still be read."""

    vertices: int
    faces: int

    def take(self, vertices: int, faces: int) -> None:
        """Count a part; raise TooLarge when it is more than what is left."""
        self.vertices -= vertices
        self.faces -= faces
        if self.vertices < 0 or self.faces < 0:
            raise TooLarge("the mesh has more vertices or faces than the limit; simplify it")


@dataclass(frozen=True)
class Part:
    """One surface of a file; the arrays are those of a Mesh."""

    vertices: Vertices
    faces: Faces
    colours: Colours | None


def joined(parts: Sequence[Part], origin: Origin) -> Mesh:
    """Return all parts as one mesh."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    painted = any(part.colours is not None for part in parts)
    return Mesh(
        np.concatenate([np.zeros((0, 3), np.float32), *(part.vertices for part in parts)]),
        np.concatenate(
            [np.zeros((0, 3), np.int32), *(part.faces + start for part, start in zip(parts, starts, strict=False))]
        ),
        np.concatenate([_colours(part) for part in parts]) if painted else None,
        origin,
    )


def _colours(part: Part) -> Colours:
    return part.colours if part.colours is not None else np.full(part.vertices.shape, UNPAINTED, np.uint8)

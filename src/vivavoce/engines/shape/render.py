"""A picture of a mesh: shaded, on the theme's ground, seen from the front, a little from the side and from above."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vivavoce.engines.abilities import Render
from vivavoce.engines.contract import Ability, Card, Cost, port
from vivavoce.engines.options import DrawOptions
from vivavoce.engines.shape.raster import covered, depths, pixels_tried
from vivavoce.engines.typesetting import PALETTES
from vivavoce.media.image import Image
from vivavoce.media.mesh import Mesh
from vivavoce.media.modality import Modality

OWN_SIZE = (960, 720)
FINER = 2  # pixels a side that are averaged to one, so that edges are smooth
MOST_FINE_PIXELS = 16_000_000
MOST_TESTS = 200_000_000  # of pixels against faces: a few seconds
MARGIN = 0.08  # of the shorter side
TURN, TILT = math.radians(-35), math.radians(22)
CLAY = (196, 200, 208)  # of a mesh without colours
LIGHT = np.array([-0.4, 0.7, 0.6], np.float32) / np.float32(np.sqrt(1.01))
AMBIENT = 0.35
SMALLEST = 1e-300  # what is divided by instead of zero

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class MeshRenderer:
    """Draws a mesh with a depth buffer."""

    card: ClassVar[Card] = Card(
        name="mesh-renderer",
        ability=Ability.RENDER,
        takes=(port(Modality.MESH),),
        gives=port(Modality.IMAGE),
        summary="draws a 3D model as a shaded picture",
        licence="Apache-2.0",
        cost=Cost(fixed_s=0.3, per_unit_s=0.001, memory_gb=0.3, quality=0.9),
    )

    @contextmanager
    def open(self, device: str) -> Iterator[Render]:
        """Yield a function of a mesh and options."""
        yield self._render

    def _render(self, mesh: Mesh, options: DrawOptions) -> Image:
        import PIL.Image

        width, height = options.size(OWN_SIZE)
        seen, (across, down) = _drawable(mesh, width, height)
        front = depths(seen, mesh.faces, across, down)
        picture = np.full((down * across, 3), PALETTES[options.theme].ground, np.uint8)
        hit, face, weights = covered(front, across, seen, mesh.faces)
        picture[hit] = np.rint(_shaded(mesh, face, weights))
        drawn = PIL.Image.fromarray(picture.reshape(down, across, 3))
        return Image(np.asarray(drawn.resize((width, height), PIL.Image.Resampling.BOX)))


def _drawable(mesh: Mesh, width: int, height: int) -> tuple[Points, tuple[int, int]]:
    """Return the mesh in view and the size to draw it at: finer than the picture, coarser where it would take long."""
    finer = FINER if width * height * FINER**2 <= MOST_FINE_PIXELS else 1
    across, down = width * finer, height * finer
    seen = _in_view(mesh.vertices, across, down)
    while min(across, down) > 1 and pixels_tried(seen, mesh.faces, across, down) > MOST_TESTS:
        seen[:, :2] *= (across // 2 / across, down // 2 / down)
        across, down = across // 2, down // 2
    return seen, (across, down)


def _in_view(vertices: Points, width: int, height: int) -> Points:
    """Return float32 [points, 3]: pixels from the left and from the top, and the distance, from 0 in front to 1."""
    turned = _turned(vertices - _middle(vertices))
    room = 1 - 2 * MARGIN
    span = np.ptp(turned, axis=0)
    scale = min(width * room / max(span[0], SMALLEST), height * room / max(span[1], SMALLEST))
    centre = (turned.max(axis=0) + turned.min(axis=0)) / 2
    across, up, near = ((turned - centre) * scale).T
    distance = (near.max() - near) / max(float(np.ptp(near)), SMALLEST)
    return np.stack([width / 2 + across, height / 2 - up, distance], axis=1).astype(np.float32)


def _middle(vertices: Points) -> npt.NDArray[np.float64]:
    low, high = vertices.min(axis=0).astype(np.float64), vertices.max(axis=0).astype(np.float64)
    middle: npt.NDArray[np.float64] = (low + high) / 2
    return middle


def _turned(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return vectors as the eye sees them: to the right, up, and towards the eye."""
    sine, cosine = math.sin(TURN), math.cos(TURN)
    about_up = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    sine, cosine = math.sin(TILT), math.cos(TILT)
    about_right = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    turned: npt.NDArray[np.float64] = vectors.astype(np.float64) @ (about_right @ about_up).T
    return turned


def _shaded(mesh: Mesh, face: npt.NDArray[np.int64], weights: Points) -> Points:
    """Return the colour of each pixel, float32 [pixels, 3] in 0–255, lit by one lamp and an even sky (Lambert)."""
    corners = mesh.faces[face]
    normals = np.einsum("pc,pcd->pd", weights, _vertex_normals(mesh)[corners])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    normals *= np.where(normals[:, 2:] < 0, -1, 1)  # surfaces are lit from both sides
    light = AMBIENT + (1 - AMBIENT) * np.clip(normals @ LIGHT, 0, 1)
    own: Points = np.array([CLAY], np.float32)
    if mesh.colours is not None:
        own = np.einsum("pc,pcd->pd", weights, mesh.colours[corners].astype(np.float32))
    lit: Points = light[:, np.newaxis] * own
    return lit


def _vertex_normals(mesh: Mesh) -> Points:
    """Return float32 [points, 3] as the eye sees them: the normals of the faces around a point, by their area."""
    corners = _turned(mesh.vertices - _middle(mesh.vertices))[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= max(float(np.abs(across).max()), SMALLEST)  # areas of tiny models vanish in float32
    normals = np.zeros((len(mesh.vertices), 3))
    for corner in range(3):
        np.add.at(normals, mesh.faces[:, corner], across)
    return normals.astype(np.float32)

"""Triangles to pixels: which face is in front at each pixel, and where on it the pixel lies.

Faces of about the same size are tried together on a square of pixels, and the nearest wins by a minimum over numbers
that hold the distance before the face (a depth buffer; Catmull, 1974).
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from vivavoce.media.mesh import Faces

Points = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Buffer = npt.NDArray[np.uint64]
Planes = npt.NDArray[np.float64]

NOTHING = np.uint64(2**64 - 1)
DEPTHS = 2**31 - 1  # steps of distance
TESTS_AT_ONCE = 500_000  # pixels of squares held in memory together
TILE = 64  # sides of larger faces are cut into squares of so many pixels
TESTS_A_TILE = 16  # how many tries of a pixel take as long as that of a whole square


def depths(seen: Points, faces: Faces, width: int, height: int) -> Buffer:
    """Return the depth buffer, uint64 [height × width]: NOTHING, or distance and face of what is in front.

    `seen` are vertices float32 [points, 3]: pixels from the left and from the top, and the distance in 0..1.
    """
    buffer = np.full(height * width, NOTHING, np.uint64)
    corners = seen[faces]
    low, high = _boxes(corners, width, height)
    spans = (high - low).max(axis=1)
    side = 1
    while side <= TILE:
        of_size = np.flatnonzero((spans > side // 2) & (spans <= side))
        _fill(buffer, corners, of_size, low[of_size], side, (width, height))
        side *= 2
    large = np.flatnonzero(spans > TILE)
    if len(large):
        large = large[_firsts(faces[large])]
        for some, starts in _tiles(corners, large, low[large], high[large]):
            _fill(buffer, corners, some, starts, TILE, (width, height))
    return buffer


def pixels_tried(seen: Points, faces: Faces, width: int, height: int) -> float:
    """Return about how many pixels `depths` has to try, which is what its time depends on."""
    corners = seen[faces]
    low, high = _boxes(corners, width, height)
    spans = (high - low).max(axis=1)
    small = spans[(spans > 0) & (spans <= TILE)]
    large = np.flatnonzero(spans > TILE)
    large = large[_firsts(faces[large])]
    edges = (corners - np.roll(corners, 1, axis=1))[large, :, :2].astype(np.float64)
    around = np.hypot(edges[..., 0], edges[..., 1]).sum(axis=1) / TILE
    area = np.abs(edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0]) / 2 / TILE**2
    tiles = np.ceil((high - low)[large] / TILE).prod(axis=1)
    touched = np.minimum(tiles, area + around * 2 / math.pi + 1)  # the mean over all places of a convex shape
    return float((4.0 ** np.ceil(np.log2(small))).sum() + touched.sum() * TILE**2 + tiles.sum() * TESTS_A_TILE)


def _firsts(faces: Faces) -> Numbers:
    """Return which of the faces have no other with the same corners before them."""
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    return np.sort(first).astype(np.int64)


def _boxes(corners: Points, width: int, height: int) -> tuple[Numbers, Numbers]:
    """Return the first pixels [faces, 2] of the rectangles around faces, and those after their last ones."""
    low = np.clip(np.floor(corners[..., :2].min(axis=1)), 0, (width, height)).astype(np.int64)
    high = np.clip(np.ceil(corners[..., :2].max(axis=1)), 0, (width, height)).astype(np.int64)
    return low, np.maximum(low, high)


def _tiles(corners: Points, faces: Numbers, low: Numbers, high: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield some of the faces, each as often as it has squares, and where those that it touches start [squares, 2]."""
    across, down = -(-(high - low) // TILE).T
    counts = across * down
    for some in _chunks(len(faces), max(1, TESTS_AT_ONCE // int(counts.max()))):
        repeated = np.repeat(np.arange(len(faces))[some], counts[some])
        number = np.arange(len(repeated)) - np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
        starts = low[repeated] + np.stack([number % across[repeated], number // across[repeated]], axis=1) * TILE
        planes = np.repeat(_planes(corners[faces[some]]), counts[some], axis=0)
        highest = planes[..., 0] + (planes[..., 1:] * starts[:, np.newaxis]).sum(axis=-1)
        highest += np.maximum(planes[..., 1:], 0).sum(axis=-1) * TILE
        touched = (highest >= 0).all(axis=1)
        yield faces[repeated[touched]], starts[touched]


def _fill(buffer: Buffer, corners: Points, faces: Numbers, starts: Numbers, side: int, size: tuple[int, int]) -> None:
    """Try each face on the square of `side` pixels that begins at its start [faces, 2]."""
    width, height = size
    for some in _chunks(len(faces), max(1, TESTS_AT_ONCE // side**2)):
        planes = _planes(corners[faces[some]])[..., np.newaxis]
        columns, rows = starts[some].T[..., np.newaxis] + np.arange(side)  # [faces, side]
        first, second = (
            (planes[:, at, 0] + planes[:, at, 2] * (rows + 0.5))[:, :, np.newaxis]
            + (planes[:, at, 1] * (columns + 0.5))[:, np.newaxis]
            for at in range(2)
        )
        inside = (first >= 0) & (second >= 0) & (first + second <= 1)
        inside &= (rows < height)[:, :, np.newaxis] & (columns < width)[:, np.newaxis]
        number, row, column = np.nonzero(inside)
        face, second = faces[some][number], second[inside]
        near, middle, far = corners[face, :, 2].T
        distance = near + (middle - near) * second + (far - near) * (1 - first[inside] - second)
        key = (np.clip(distance, 0, 1) * DEPTHS).astype(np.uint64) << np.uint64(32) | face.astype(np.uint64)
        np.minimum.at(buffer, rows[number, row] * width + columns[number, column], key)


def _chunks(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, start + size)


def _planes(corners: Points) -> Planes:
    """Return the weights of the corners as planes, float64 [faces, 3, 3]; NaN for flat faces.

    A weight (barycentric coordinate) is the first number, plus the second times x, plus the third times y.
    """
    points = corners[..., :2].astype(np.float64)
    origin = points[:, :1]
    (x, y), (x_next, y_next) = (np.moveaxis(np.roll(points - origin, turn, axis=1), -1, 0) for turn in (-1, -2))
    planes = np.stack([x * y_next - y * x_next, y - y_next, x_next - x], axis=-1)
    area = planes[..., 0].sum(axis=1)
    planes /= np.where(area == 0, np.nan, area)[:, np.newaxis, np.newaxis]
    planes[..., 0] -= (planes[..., 1:] * origin).sum(axis=-1)
    return planes


def covered(buffer: Buffer, width: int, seen: Points, faces: Faces) -> tuple[Numbers, Numbers, Points]:
    """Return the pixels with a face, those faces, and where on them each lies: float32 [pixels, 3] of the corners."""
    hit = np.flatnonzero(buffer != NOTHING)
    face = (buffer[hit] & np.uint64(2**32 - 1)).astype(np.int64)
    shown, of_shown = np.unique(face, return_inverse=True)
    planes = _planes(seen[faces[shown]])[of_shown]
    weights = planes[..., 0] + planes[..., 1] * (hit % width + 0.5)[:, np.newaxis]
    weights += planes[..., 2] * (hit // width + 0.5)[:, np.newaxis]
    return hit, face, weights.astype(np.float32)

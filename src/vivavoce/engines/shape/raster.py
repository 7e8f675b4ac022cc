"""Triangles to pixels: which face is in front at each pixel, and where on it the pixel lies.

Faces of about the same size are tried together on a square of pixels, and the nearest wins by a minimum over numbers
that hold the distance before the face (a depth buffer; Catmull, 1974).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from vivavoce.media.mesh import Faces

Points = npt.NDArray[np.float32]
Buffer = npt.NDArray[np.uint64]

NOTHING = np.uint64(2**64 - 1)
DEPTHS = 2**31 - 1  # steps of distance
TESTS_AT_ONCE = 2_000_000  # pixels of squares held in memory together
TILE = 64  # sides of larger faces are cut into squares of so many pixels


def depths(seen: Points, faces: Faces, width: int, height: int) -> Buffer:
    """Return the depth buffer, uint64 [height × width]: NOTHING, or distance and face of what is in front.

    `seen` are vertices float32 [points, 3]: pixels from the left and from the top, and the distance in 0..1.
    """
    buffer = np.full(height * width, NOTHING, np.uint64)
    corners = seen[faces]
    low = np.clip(np.floor(corners[..., :2].min(axis=1)), 0, (width, height)).astype(np.int64)
    high = np.clip(np.ceil(corners[..., :2].max(axis=1)), 0, (width, height)).astype(np.int64)
    spans = np.maximum(high - low, 0).max(axis=1)
    side = 1
    while side <= TILE:
        of_size = np.flatnonzero((spans > side // 2) & (spans <= side)) if side > 1 else np.flatnonzero(spans == 1)
        _fill(buffer, corners, of_size, low[of_size], side, (width, height))
        side *= 2
    large = np.flatnonzero(spans > TILE)
    tiles = [_tiles(low[face], high[face]) for face in large]
    if tiles:
        repeated = np.repeat(large, [len(starts) for starts in tiles])
        _fill(buffer, corners, repeated, np.concatenate(tiles), TILE, (width, height))
    return buffer


def _tiles(low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the starts [tiles, 2] of the squares that cover a rectangle of pixels."""
    columns, rows = (np.arange(low[axis], high[axis], TILE) for axis in (0, 1))
    return np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)


def _fill(
    buffer: Buffer,
    corners: Points,
    faces: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    side: int,
    size: tuple[int, int],
) -> None:
    """Try each face on the square of `side` pixels that begins at its start [faces, 2]."""
    steps = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
    for some in _chunks(len(faces), max(1, TESTS_AT_ONCE // side**2)):
        pixels = starts[some][:, np.newaxis] + steps  # [faces, pixels, 2]
        weights = _weights(corners[faces[some]][:, np.newaxis], pixels + np.float32(0.5))
        inside = (weights >= 0).all(axis=-1) & (pixels < size).all(axis=-1)
        distance = (weights * corners[faces[some]][:, np.newaxis, :, 2]).sum(axis=-1)[inside]
        face = np.broadcast_to(faces[some][:, np.newaxis], inside.shape)[inside]
        key = (np.clip(distance, 0, 1) * DEPTHS).astype(np.uint64) << np.uint64(32) | face.astype(np.uint64)
        np.minimum.at(buffer, pixels[inside] @ np.array([1, size[0]]), key)


def _chunks(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, start + size)


def _weights(corners: Points, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the barycentric coordinates [..., 3] of points [..., 2] in triangles [..., 3, 3]; NaN for flat ones."""
    a, b, c = (corners[..., at, :2].astype(np.float64) for at in range(3))
    area = _cross(b - a, c - a)
    first, second = _cross(b - points, c - points), _cross(c - points, a - points)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.stack([first / area, second / area], axis=-1)
    return np.concatenate([shares, 1 - shares.sum(axis=-1, keepdims=True)], axis=-1)


def _cross(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    crossed: npt.NDArray[np.float64] = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return crossed


def covered(
    buffer: Buffer, width: int, seen: Points, faces: Faces
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Points]:
    """Return the pixels with a face, those faces, and where on them each lies: float32 [pixels, 3] of the corners."""
    hit = np.flatnonzero(buffer != NOTHING)
    face = (buffer[hit] & np.uint64(2**32 - 1)).astype(np.int64)
    centres = np.stack([hit % width, hit // width], axis=1) + 0.5
    return hit, face, _weights(seen[faces[face]], centres).astype(np.float32)

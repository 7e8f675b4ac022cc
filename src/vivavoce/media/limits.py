"""How much one input may hold. Enforced while decoding, so that a small file can't unpack into all of memory."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Caps on one input.

    Bytes on disk, pixels of a picture, samples over all channels that are returned, seconds, frames of a video, cells
    of a table, characters of a text, vertices and faces of a mesh and the bytes of its file. The defaults suit a
    person's own files: an hour of stereo at 48 kHz is 346 million samples, 1.4 GB once decoded. Pillow itself refuses
    more than 178 million pixels.
    """

    max_bytes: int = 64 * 2**30
    max_pixels: int = 178_000_000
    max_samples: int = 512 * 2**20
    max_duration_s: float = 24 * 3600
    max_frames: int = 24 * 3600 * 60
    max_cells: int = 5_000_000
    max_characters: int = 20_000_000
    max_mesh_bytes: int = 2**30
    max_vertices: int = 10_000_000
    max_faces: int = 20_000_000


DEFAULT_LIMITS = Limits()

UPLOAD_LIMITS = Limits(
    max_bytes=256 * 2**20,
    max_pixels=40_000_000,
    max_samples=48 * 2**20,
    max_duration_s=3600,
    max_frames=3600 * 60,
    max_cells=500_000,
    max_characters=2_000_000,
    max_mesh_bytes=64 * 2**20,
    max_vertices=1_000_000,
    max_faces=2_000_000,
)
"""For inputs from strangers: no decoded value exceeds about 200 MB."""

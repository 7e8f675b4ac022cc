"""Mesh files: which reader and writer a format has, and what is checked before either makes room for anything."""

from pathlib import Path
from typing import IO

from vivavoce.errors import CorruptMedia, TooLarge, VivavoceError
from vivavoce.media import glb_files, ply_files
from vivavoce.media.limits import Limits
from vivavoce.media.mesh import Mesh
from vivavoce.media.mesh_parts import Budget

BYTES_OF_JSON = 16  # one of so many bytes of a file may be JSON, whose values take up to 24 times as much memory


def read_mesh(file: IO[bytes], form: str, limits: Limits) -> Mesh:
    """Read binary glTF 2.0 ("glb") or PLY 1.0 ("ply"), positions, faces and colours; normals and textures are left out.

    Raises TooLarge as soon as a header promises more than `limits` allow, UnsupportedFormat for parts of glTF that need
    another decoder or another file, CorruptMedia for damage.
    """
    content = file.read(limits.max_mesh_bytes + 1)
    if len(content) > limits.max_mesh_bytes:
        raise TooLarge("the mesh has over {limit:,} bytes, the limit; simplify it", limit=limits.max_mesh_bytes)
    budget = Budget(limits.max_vertices, limits.max_faces)
    try:
        if form == "glb":
            return glb_files.read_glb(content, budget, limits.max_mesh_bytes // BYTES_OF_JSON)
        return ply_files.read_ply(content, budget)
    except VivavoceError:
        raise
    except Exception as error:  # the fields of damaged files have any type, and any value
        raise CorruptMedia(
            "the {format} content is damaged or cut short ({reason}); get it again from its source",
            format=form.upper(),
            reason=f"{type(error).__name__}: {error}",
        ) from error


def write_mesh(mesh: Mesh, path: Path, suffix: str) -> None:
    """Write as glb or ply, both binary; the origin goes into `asset.extras` of the one and a comment of the other."""
    write = {"glb": glb_files.write_glb, "ply": ply_files.write_ply}[suffix]
    with path.open("wb") as file:
        for block in write(mesh):
            file.write(block)

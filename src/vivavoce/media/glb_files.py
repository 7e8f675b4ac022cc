"""GLB, the binary form of glTF 2.0 (Khronos, https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html)."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, TooLarge, UnsupportedFormat
from vivavoce.media.mesh import Colours, Mesh, to_srgb
from vivavoce.media.mesh_parts import Budget, Part, joined
from vivavoce.media.origin import Origin, from_json, to_json

MAGIC, VERSION = b"glTF", 2
JSON_CHUNK, BINARY_CHUNK = b"JSON", b"BIN\x00"
KEY = "vivavoce-origin"
TRIANGLES = 4
ARRAY_BUFFER, ELEMENT_BUFFER = 34_962, 34_963
TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
FLOAT, UNSIGNED_INT = 5126, 5125
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}

Array = npt.NDArray[Any]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Document:
    """The JSON of a file, anybody's to write, and its binary buffer."""

    json: Any
    binary: memoryview


def read_glb(content: bytes, budget: Budget, most_json_bytes: int) -> Mesh:
    """Read every triangle of the scene where its nodes put it; a part's colour is that of its vertices or material."""
    document = _chunks(content, most_json_bytes)
    needed = document.json.get("extensionsRequired", [])
    if needed:
        raise UnsupportedFormat(
            "the model needs the glTF extension {name}, which can't be read; export it without compression",
            name=", ".join(map(str, needed)),
        )
    parts = [part for number, matrix in _placed(document) for part in _parts(document, number, matrix, budget)]
    if not parts:
        raise UnsupportedFormat("the model holds no triangles; export a surface")
    return joined(parts, _origin(document))


def _chunks(content: bytes, most_json_bytes: int) -> _Document:
    magic, version, length = struct.unpack_from("<4sII", content)
    if magic != MAGIC or version != VERSION or length > len(content):
        raise CorruptMedia("this is no whole glTF {version} file; get it again from its source", version=VERSION)
    found: dict[bytes, memoryview] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<I4s", content, at)
        if at + 8 + size > length:
            raise CorruptMedia("this is no whole glTF {version} file; get it again from its source", version=VERSION)
        found.setdefault(kind, memoryview(content)[at + 8 : at + 8 + size])
        at += 8 + size
    text = found[JSON_CHUNK]
    if len(text) > most_json_bytes:
        raise TooLarge("the JSON of the model has over {limit:,} bytes, the limit; simplify it", limit=most_json_bytes)
    return _Document(json.loads(bytes(text)), found.get(BINARY_CHUNK, memoryview(b"")))


def _placed(document: _Document) -> Iterator[tuple[int, Matrix]]:
    """Yield (mesh, matrix [4, 4]) of each node of the scene that has a mesh; nodes form trees, so each comes once."""
    nodes = document.json.get("nodes", [])
    scenes = document.json.get("scenes", [])
    children = {int(child) for node in nodes for child in node.get("children", [])}
    roots = [number for number in range(len(nodes)) if number not in children]
    if scenes:
        roots = scenes[document.json.get("scene", 0)].get("nodes", [])
    waiting = [(int(root), np.eye(4)) for root in roots]
    seen: set[int] = set()
    while waiting:
        number, above = waiting.pop()
        if number in seen:
            raise CorruptMedia("a node of the glTF model has two parents; export it again")
        seen.add(number)
        node = nodes[number]
        matrix = above @ _matrix(node)
        if "mesh" in node:
            yield int(node["mesh"]), matrix
        waiting += [(int(child), matrix) for child in node.get("children", [])]


def _matrix(node: Any) -> Matrix:  # noqa: ANN401 - JSON
    """Return a node's own transformation: its matrix, or translation @ rotation @ scale."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T  # columns come first in the file
    x, y, z, w = (float(part) for part in node.get("rotation", (0, 0, 0, 1)))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _parts(document: _Document, number: int, matrix: Matrix, budget: Budget) -> Iterator[Part]:
    for primitive in document.json["meshes"][number]["primitives"]:
        mode = primitive.get("mode", TRIANGLES)
        if mode < TRIANGLES:
            budget.take(0, 1)  # many nodes may share them, so that a short file could ask for endless work
            continue  # points and lines have no surface
        if mode != TRIANGLES:
            raise UnsupportedFormat("the model has strips or fans of triangles, not single ones; export it again")
        accessors, attributes = document.json["accessors"], primitive["attributes"]
        points = accessors[attributes["POSITION"]]["count"]
        corners = accessors[primitive["indices"]]["count"] if "indices" in primitive else points
        budget.take(points, corners // 3)
        vertices = _accessor(document, attributes["POSITION"]).astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        numbers = _accessor(document, primitive["indices"]) if "indices" in primitive else np.arange(points)
        faces = np.clip(numbers.astype(np.int64), 0, 2**31 - 1).astype(np.int32)[: corners // 3 * 3].reshape(-1, 3)
        if faces.size and faces.max() >= points:
            raise CorruptMedia("a face of the mesh names a vertex beyond its {count}; export it again", count=points)
        if np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]  # a mirrored part is turned inside out
        yield Part(vertices.astype(np.float32), faces, _colours(document, primitive, points))


def _accessor(document: _Document, number: int) -> Array:
    """Return a column of the buffer, [count, width], or [count] for scalars."""
    accessor = document.json["accessors"][number]
    if "sparse" in accessor or "bufferView" not in accessor:
        raise UnsupportedFormat("the model has sparse accessors, which can't be read; export it again without")
    view = document.json["bufferViews"][accessor["bufferView"]]
    if "uri" in document.json["buffers"][view["buffer"]] or view["buffer"] != 0:
        raise UnsupportedFormat("the model keeps its data in another file; export it as one GLB file")
    kind, width, count = np.dtype(TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]], int(accessor["count"])
    start = int(view.get("byteOffset", 0)) + int(accessor.get("byteOffset", 0))
    stride = int(view.get("byteStride", kind.itemsize * width))
    end = start + stride * (count - 1) + kind.itemsize * width
    if start < 0 or count < 1 or stride < kind.itemsize * width or end > len(document.binary):
        raise CorruptMedia("the glTF buffer ends too early; get the file again from its source")
    column: Array = np.ndarray((count, width), kind, document.binary, start, (stride, kind.itemsize))
    return column[:, 0] if width == 1 else column


def _colours(document: _Document, primitive: Any, points: int) -> Colours | None:  # noqa: ANN401 - JSON
    """Return sRGB colours of the vertices, tinted by the material: both are linear in the file."""
    material = document.json.get("materials", [])[primitive["material"]] if "material" in primitive else {}
    factor = material.get("pbrMetallicRoughness", {}).get("baseColorFactor")
    if "COLOR_0" not in primitive["attributes"] and factor is None:
        return None
    tint = np.array(factor if factor is not None else (1, 1, 1), np.float32)[:3]
    linear = np.ones((points, 3), np.float32)
    if "COLOR_0" in primitive["attributes"]:
        count = document.json["accessors"][primitive["attributes"]["COLOR_0"]]["count"]
        if count != points:
            raise CorruptMedia(
                "the model has {count} colours for {points} vertices; export it again", count=count, points=points
            )
        stored = _accessor(document, primitive["attributes"]["COLOR_0"])[:, :3]
        whole = 1.0 if stored.dtype.kind == "f" else float(np.iinfo(stored.dtype).max)
        linear = stored.astype(np.float32) / np.float32(whole)
    return to_srgb(np.nan_to_num(linear * tint))


def _to_linear(colours: Colours) -> npt.NDArray[np.float32]:
    encoded = colours.astype(np.float32) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _origin(document: _Document) -> Origin:
    extras = document.json.get("asset", {}).get("extras", {})
    return from_json(str(extras.get(KEY, ""))) if isinstance(extras, dict) else ()


def write_glb(mesh: Mesh) -> Iterator[bytes]:
    """Yield a GLB file: one node, one mesh, colours as linear floats."""
    columns: list[tuple[str, Array, str]] = [("POSITION", mesh.vertices.astype("<f4"), "VEC3")]
    columns += [("COLOR_0", _to_linear(mesh.colours).astype("<f4"), "VEC3")] if mesh.colours is not None else []
    columns.append(("indices", mesh.faces.astype("<u4").reshape(-1), "SCALAR"))
    accessors: list[dict[str, Any]] = []
    views: list[dict[str, int]] = []
    start = 0
    for number, (name, column, kind) in enumerate(columns):
        whole = name == "indices"
        views.append({"buffer": 0, "byteOffset": start, "byteLength": column.nbytes})
        views[-1]["target"] = ELEMENT_BUFFER if whole else ARRAY_BUFFER
        accessor = {"bufferView": number, "componentType": UNSIGNED_INT if whole else FLOAT, "count": len(column)}
        accessors.append({**accessor, "type": kind})
        start += column.nbytes
    accessors[0] |= {"min": mesh.vertices.min(axis=0).tolist(), "max": mesh.vertices.max(axis=0).tolist()}
    attributes = {name: number for number, (name, _, _) in enumerate(columns) if name != "indices"}
    primitive = {"attributes": attributes, "indices": len(columns) - 1, "mode": TRIANGLES, "material": 0}
    document = {
        "asset": {"version": "2.0", "generator": "vivavoce", "extras": {KEY: to_json(mesh.origin)}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0.0}, "doubleSided": True}],
        "buffers": [{"byteLength": start}],
        "bufferViews": views,
        "accessors": accessors,
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)  # chunks are aligned; the columns are, as all of them have 4-byte numbers
    yield struct.pack("<4sII", MAGIC, VERSION, 12 + 8 + len(text) + 8 + start)
    yield struct.pack("<I4s", len(text), JSON_CHUNK) + text
    yield struct.pack("<I4s", start, BINARY_CHUNK)
    yield from (column.tobytes() for _, column, _ in columns)

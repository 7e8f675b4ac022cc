"""PLY, the Stanford polygon format 1.0 (Greg Turk, 1994; http://paulbourke.net/dataformats/ply/), text and binary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, UnsupportedFormat
from vivavoce.media.mesh import Colours, Faces, Mesh
from vivavoce.media.mesh_parts import Budget
from vivavoce.media.origin import Origin, from_json, to_json

KEY = "vivavoce-origin"
MAX_HEADER_BYTES = 2**20
TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
CORNERS = ("vertex_indices", "vertex_index")
CHANNELS = ("red", "green", "blue")

Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Property:
    """A column of an element; `counted` is the type of the length of a list, empty for a scalar."""

    name: str
    type: str
    counted: str = ""


@dataclass(frozen=True)
class Element:
    """A table of the file."""

    name: str
    count: int
    properties: tuple[Property, ...]


def read_ply(content: bytes, budget: Budget) -> Mesh:
    """Read the tables of vertices and faces; polygons are cut into fans of triangles."""
    order, elements, origin, body = _header(content)
    counts = {element.name: element.count for element in elements}
    budget.take(counts.get("vertex", 0), counts.get("face", 0))
    columns: dict[str, Columns] = {}
    reader = _Words(content[body:]) if not order else _Bytes(content, body, order)
    for element in elements:
        columns[element.name] = reader.table(element)
        if {"vertex", "face"} <= columns.keys():
            break
    points, polygons = columns.get("vertex", {}), columns.get("face", {})
    corners = next((polygons[name] for name in CORNERS if name in polygons), None)
    if corners is None or not {"x", "y", "z"} <= points.keys():
        raise UnsupportedFormat("the PLY holds no faces, only points; reconstruct its surface first")
    vertices = np.stack([points[axis] for axis in "xyz"], axis=1).astype(np.float32)
    faces = _triangles(corners, budget)
    return Mesh(vertices, faces, _colours(points), origin)


def _header(content: bytes) -> tuple[str, list[Element], Origin, int]:
    """Return the byte order (empty for text), the elements, the origin and where the body begins."""
    end = content.find(b"end_header", 0, MAX_HEADER_BYTES)
    body = content.find(b"\n", end) + 1
    if end < 0 or not body:
        raise CorruptMedia("the header of the PLY file has no end; get it again from its source")
    order, elements, origin = "", [], Origin()
    for line in content[:end].decode("utf-8", "replace").splitlines()[1:]:
        match line.split():
            case ["format", form, _]:
                order = ORDERS[form]
            case ["element", name, count]:
                elements.append(Element(name, _count(count, len(content)), ()))
            case ["property", "list", counted, kind, name]:
                elements.append(_with(elements.pop(), Property(name, TYPES[kind], TYPES[counted])))
            case ["property", kind, name]:
                elements.append(_with(elements.pop(), Property(name, TYPES[kind])))
            case ["comment", word, *_] if word == KEY:
                origin = from_json(line.partition(KEY)[2].strip())
    return order, elements, origin, body


def _with(element: Element, column: Property) -> Element:
    return Element(element.name, element.count, (*element.properties, column))


def _count(word: str, most: int) -> int:
    """Return a number of rows; each takes a byte at least, so that a short file can't promise many."""
    count = int(word)
    if not 0 <= count <= most:
        raise CorruptMedia("the PLY header promises {count} rows, more than the file can hold", count=count)
    return count


class _Words:
    """The body of a PLY file of text."""

    def __init__(self, body: bytes) -> None:
        self._words = np.array(body.split())
        self._at = 0

    def table(self, element: Element) -> Columns:
        if not any(column.counted for column in element.properties):
            width = len(element.properties)
            rows = self._take(element.count * width).reshape(element.count, width)
            return {column.name: _numbers(rows[:, at], column) for at, column in enumerate(element.properties)}
        lists: dict[str, list[npt.NDArray[Any]]] = {column.name: [] for column in element.properties}
        for _ in range(element.count):
            for column in element.properties:
                length = int(self._take(1)[0]) if column.counted else 1
                lists[column.name].append(_numbers(self._take(length), column))
        return {name: _column(rows) for name, rows in lists.items()}

    def _take(self, count: int) -> npt.NDArray[np.bytes_]:
        taken = self._words[self._at : self._at + count]
        if count < 0 or len(taken) < count:
            raise CorruptMedia("the PLY file ends too early; get it again from its source")
        self._at += count
        return taken


def _numbers(words: npt.NDArray[np.bytes_], column: Property) -> npt.NDArray[Any]:
    return words.astype(np.float64).astype(column.type)


class _Bytes:
    """The body of a binary PLY file, from `at` on."""

    def __init__(self, content: bytes, at: int, order: str) -> None:
        self._content, self._at, self._order = content, at, order

    def table(self, element: Element) -> Columns:
        lists = [column for column in element.properties if column.counted]
        if not lists:
            rows = self._take(self._row(element, {}), element.count)
            return {column.name: rows[column.name] for column in element.properties}
        start = self._at
        lengths = self._lengths(element)
        if lengths is not None:
            row = self._row(element, lengths)
            if start + row.itemsize * element.count <= len(self._content):
                rows = self._take(row, element.count)
                if all((rows[f"{name} length"] == length).all() for name, length in lengths.items()):
                    return {column.name: rows[column.name] for column in element.properties}
        self._at = start
        return self._one_by_one(element)

    def _row(self, element: Element, lengths: dict[str, int]) -> np.dtype[Any]:
        fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
        for column in element.properties:
            if column.counted:
                fields.append((f"{column.name} length", self._order + column.counted))
                fields.append((column.name, self._order + column.type, (lengths[column.name],)))
            else:
                fields.append((column.name, self._order + column.type))
        return np.dtype(fields)

    def _lengths(self, element: Element) -> dict[str, int] | None:
        """Return the length of each list in the first row: most files have triangles only, which are read at once."""
        if not element.count:
            return None
        start, lengths = self._at, {}
        for column in element.properties:
            length = int(self._scalars(column.counted, 1)[0]) if column.counted else 1
            self._scalars(column.type, length)
            if column.counted:
                lengths[column.name] = length
        self._at = start
        return lengths

    def _one_by_one(self, element: Element) -> Columns:
        lists: dict[str, list[npt.NDArray[Any]]] = {column.name: [] for column in element.properties}
        for _ in range(element.count):
            for column in element.properties:
                length = int(self._scalars(column.counted, 1)[0]) if column.counted else 1
                lists[column.name].append(self._scalars(column.type, length))
        return {name: _column(rows) for name, rows in lists.items()}

    def _scalars(self, kind: str, count: int) -> npt.NDArray[Any]:
        return self._take(np.dtype(self._order + kind), count)

    def _take(self, kind: "np.dtype[Any]", count: int) -> npt.NDArray[Any]:
        if count < 0 or self._at + kind.itemsize * count > len(self._content):
            raise CorruptMedia("the PLY file ends too early; get it again from its source")
        taken = np.frombuffer(self._content, kind, count, self._at)
        self._at += kind.itemsize * count
        return taken


def _column(rows: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return rows of unequal lengths as an array of arrays."""
    column = np.empty(len(rows), object)
    column[:] = rows
    return column


def _triangles(corners: npt.NDArray[Any], budget: Budget) -> Faces:
    """Cut polygons, [faces, corners] or [faces] of arrays, into fans: int32 [triangles, 3]."""
    if corners.dtype != object:
        corners = corners.astype(np.int64)
        width = corners.shape[1] if corners.ndim == 2 else 0
        budget.take(0, len(corners) * max(0, width - 3))
        fans = [corners[:, [0, at, at + 1]] for at in range(1, width - 1)]
        return _as_faces(np.stack(fans, axis=1).reshape(-1, 3) if fans else np.zeros((0, 3), np.int64))
    budget.take(0, sum(max(0, len(row) - 3) for row in corners))
    fan = [(row[0], row[at], row[at + 1]) for row in corners for at in range(1, len(row) - 1)]
    return _as_faces(np.array(fan, np.int64).reshape(-1, 3))


def _as_faces(numbers: npt.NDArray[np.int64]) -> Faces:
    """Return int32; what is outside of it names no vertex there is."""
    return np.clip(numbers, -1, 2**31 - 1).astype(np.int32)


def _colours(points: Columns) -> Colours | None:
    if not set(CHANNELS) <= points.keys():
        return None
    colours = np.stack([points[channel] for channel in CHANNELS], axis=1)
    if colours.dtype.kind == "f":
        colours = np.nan_to_num(colours) * 255.0
    clipped: Colours = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
    return clipped


def write_ply(mesh: Mesh) -> Iterator[bytes]:
    """Yield a binary PLY file."""
    fields = [(axis, "<f4") for axis in "xyz"]
    fields += [(channel, "u1") for channel in CHANNELS] if mesh.colours is not None else []
    names = {"<f4": "float", "u1": "uchar"}
    header = ["ply", "format binary_little_endian 1.0", f"comment {KEY} {to_json(mesh.origin)}"]
    header += [f"element vertex {len(mesh.vertices)}", *(f"property {names[kind]} {name}" for name, kind in fields)]
    header += [f"element face {len(mesh.faces)}", "property list uchar int vertex_indices", "end_header", ""]
    yield "\n".join(header).encode()
    points = np.empty(len(mesh.vertices), fields)
    for at, axis in enumerate("xyz"):
        points[axis] = mesh.vertices[:, at]
    if mesh.colours is not None:
        for at, channel in enumerate(CHANNELS):
            points[channel] = mesh.colours[:, at]
    yield points.tobytes()
    faces = np.empty(len(mesh.faces), [("length", "u1"), ("corners", "<i4", (3,))])
    faces["length"], faces["corners"] = 3, mesh.faces
    yield faces.tobytes()

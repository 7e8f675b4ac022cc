"""PLY, the Stanford polygon format 1.0 (Greg Turk, 1994; http://paulbourke.net/dataformats/ply/), text and binary."""

import re
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from vivavoce.errors import CorruptMedia, UnsupportedFormat
from vivavoce.media.mesh import Colours, Faces, Mesh
from vivavoce.media.mesh_parts import Budget
from vivavoce.media.origin import Origin, from_json, to_json

KEY = "vivavoce-origin"
MAX_HEADER_BYTES = 2**20
LONGEST_WORD = 64
WORD = re.compile(rb"\S{1,%d}" % (LONGEST_WORD + 1))
WORDS_AT_ONCE = 2**18
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
AXES = ("x", "y", "z")
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
    properties: list[Property]

    @property
    def kept(self) -> set[str]:
        """The names of the columns that make a mesh; all others are passed over."""
        if self.name == "vertex":
            return {column.name for column in self.properties if not column.counted} & {*AXES, *CHANNELS}
        lists = {column.name for column in self.properties if column.counted and self.name == "face"}
        return next(({name} for name in CORNERS if name in lists), set())


def read_ply(content: bytes, budget: Budget) -> Mesh:
    """Read the tables of vertices and faces; polygons are cut into fans of triangles.

    The rows of other tables count as faces, since passing over them takes time too.
    """
    order, elements, origin, body = _header(content)
    tables: dict[str, Columns] = {}
    reader = _Bytes(content, body, order, budget) if order else _Words(content, body, budget)
    for element in elements:
        budget.take(*((element.count, 0) if element.name == "vertex" else (0, element.count)))
        tables[element.name] = reader.table(element)
        if {"vertex", "face"} <= tables.keys():
            break
    points, polygons = tables.get("vertex", {}), tables.get("face", {})
    corners = next((name for name in CORNERS if name in polygons), None)
    if corners is None or not set(AXES) <= points.keys():
        raise UnsupportedFormat("the PLY holds no faces, only points; reconstruct its surface first")
    vertices = np.stack([points[axis] for axis in AXES], axis=1).astype(np.float32)
    return Mesh(vertices, _triangles(polygons[corners], polygons[_length(corners)]), _colours(points), origin)


def _length(name: str) -> str:
    """Return the name of the column with the lengths of a list; no property has a space in its name."""
    return f"{name} length"


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
                elements.append(Element(name, _count(count, len(content)), []))
            case ["property", "list", counted, kind, name]:
                elements[-1].properties.append(Property(name, TYPES[kind], TYPES[counted]))
            case ["property", kind, name]:
                elements[-1].properties.append(Property(name, TYPES[kind]))
            case ["comment", word, *_] if word == KEY:
                origin = from_json(line.partition(KEY)[2].strip())
    return order, elements, origin, body


def _count(word: str, most: int) -> int:
    """Return a number of rows; each takes a byte at least, so that a short file can't promise many."""
    count = int(word)
    if not 0 <= count <= most:
        raise CorruptMedia("the PLY header promises {count} rows, more than the file can hold", count=count)
    return count


class _Words:
    """The body of a PLY file of text, from `at` on; its words are never all in memory."""

    def __init__(self, content: bytes, at: int, budget: Budget) -> None:
        self._numbers = _numbers(content, at)
        self._budget = budget

    def table(self, element: Element) -> Columns:
        if any(column.counted for column in element.properties):
            return self._row_by_row(element)
        names = element.kept
        kept = [(at, column) for at, column in enumerate(element.properties) if column.name in names]
        columns: Columns = {column.name: np.empty(element.count, column.type) for _, column in kept}
        width = len(element.properties)
        at_once = max(1, WORDS_AT_ONCE // max(1, width))
        for start in range(0, element.count, at_once):
            rows = min(at_once, element.count - start)
            numbers = array("d")
            self._take(rows * width, numbers)
            table = np.frombuffer(numbers).reshape(rows, width)
            for at, column in kept:
                columns[column.name][start : start + rows] = table[:, at]
        return columns

    def _row_by_row(self, element: Element) -> Columns:
        values = {name: array("d") for name in element.kept}
        lengths = array("q")
        for _ in range(element.count):
            for column in element.properties:
                length = int(next(self._numbers, -1.0)) if column.counted else 1
                if column.counted and column.name in values:
                    self._budget.take(0, max(0, length - 3))
                    lengths.append(length)
                self._take(length, values.get(column.name))
        types = {column.name: column.type for column in element.properties}
        columns: Columns = {name: np.array(kept).astype(types[name]) for name, kept in values.items()}
        return columns | {_length(name): np.array(lengths) for name in values}

    def _take(self, count: int, into: "array[float] | None") -> None:
        """Move so many numbers to the end of `into`, or nowhere."""
        numbers = islice(self._numbers, max(0, count))
        if into is None:
            taken = sum(1 for _ in numbers)
        else:
            before = len(into)
            into.extend(numbers)
            taken = len(into) - before
        if taken != count:
            raise _ends_early()


def _numbers(content: bytes, at: int) -> Iterator[float]:
    for match in WORD.finditer(content, at):
        word = match[0]
        if len(word) > LONGEST_WORD:
            raise CorruptMedia("the PLY file has a word of over {limit} bytes; export it again", limit=LONGEST_WORD)
        yield float(word)


def _ends_early() -> CorruptMedia:
    return CorruptMedia("the PLY file ends too early; get it again from its source")


class _Bytes:
    """The body of a binary PLY file, from `at` on."""

    def __init__(self, content: bytes, at: int, order: str, budget: Budget) -> None:
        self._content, self._at, self._order, self._budget = content, at, order, budget

    def table(self, element: Element) -> Columns:
        start, lengths = self._at, self._lengths(element)
        row = self._row(element, lengths)
        if start + row.itemsize * element.count <= len(self._content):
            rows = self._take(row, element.count)
            if all((rows[_length(name)] == length).all() for name, length in lengths.items()):
                lists = element.kept & lengths.keys()
                for name in lists:
                    self._budget.take(0, element.count * max(0, lengths[name] - 3))
                return {name: rows[name].reshape(-1) for name in element.kept | {_length(name) for name in lists}}
        elif not lengths:
            raise _ends_early()
        self._at = start
        return self._row_by_row(element)

    def _row(self, element: Element, lengths: dict[str, int]) -> np.dtype[Any]:
        fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
        for column in element.properties:
            if column.counted:
                fields.append((_length(column.name), self._order + column.counted))
                fields.append((column.name, self._order + column.type, (lengths[column.name],)))
            else:
                fields.append((column.name, self._order + column.type))
        return np.dtype(fields)

    def _lengths(self, element: Element) -> dict[str, int]:
        """Return the length of each list in the first row: most files have triangles only, which are read at once."""
        start, lengths = self._at, {}
        for column in element.properties:
            length = 1
            if column.counted:
                length = int(self._take(np.dtype(self._order + column.counted), 1)[0]) if element.count else 0
                lengths[column.name] = length
            if element.count:
                self._take(np.dtype(self._order + column.type), length)
        self._at = start
        return lengths

    def _row_by_row(self, element: Element) -> Columns:
        content, at = self._content, self._at
        values = {name: bytearray() for name in element.kept}
        lengths = array("q")
        types = {column.name: np.dtype(self._order + column.type) for column in element.properties}
        counters = [self._counter(column) for column in element.properties]
        for _ in range(element.count):
            for column, counter in zip(element.properties, counters, strict=True):
                length, kept = 1, values.get(column.name)
                if counter is not None:
                    length = int(counter.unpack_from(content, at)[0])
                    at += counter.size
                    if length < 0:
                        raise _ends_early()
                    if kept is not None:
                        self._budget.take(0, max(0, length - 3))
                        lengths.append(length)
                end = at + length * types[column.name].itemsize
                if kept is not None:
                    kept += content[at:end]
                at = end
        if at > len(content):
            raise _ends_early()
        self._at = at
        columns: Columns = {name: np.frombuffer(kept, types[name]) for name, kept in values.items()}
        return columns | {_length(name): np.array(lengths) for name in values}

    def _counter(self, column: Property) -> struct.Struct | None:
        """Return what unpacks the length of a list; numpy's letters of these types are those of struct."""
        return struct.Struct(self._order + np.dtype(column.counted).char) if column.counted else None

    def _take(self, kind: "np.dtype[Any]", count: int) -> npt.NDArray[Any]:
        if count < 0 or self._at + kind.itemsize * count > len(self._content):
            raise _ends_early()
        taken = np.frombuffer(self._content, kind, count, self._at)
        self._at += kind.itemsize * count
        return taken


def _triangles(corners: npt.NDArray[Any], lengths: npt.NDArray[Any]) -> Faces:
    """Cut polygons, their corners one after the other, into fans: int32 [triangles, 3]."""
    lengths = lengths.astype(np.int64)
    fans = np.maximum(lengths - 2, 0)
    first = np.repeat(np.cumsum(lengths) - lengths, fans)
    following = first + np.arange(1, len(first) + 1) - np.repeat(np.cumsum(fans) - fans, fans)
    numbers = np.clip(corners.astype(np.int64), -1, 2**31 - 1).astype(np.int32)  # beyond it there is no vertex
    return np.stack([numbers[first], numbers[following], numbers[following + 1]], axis=1)


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

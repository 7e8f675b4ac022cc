"""Meshes: what goes out comes back, what other programs write is read, and damage is told from content."""

import json
import struct
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from media.makers import TRAIL
from vivavoce.errors import CorruptMedia, EmptyInput, InputError, TooLarge, UnsupportedFormat, VivavoceError
from vivavoce.media.formats import MESH_FORMATS
from vivavoce.media.gateway import look, open_value, save
from vivavoce.media.limits import DEFAULT_LIMITS
from vivavoce.media.mesh import Mesh
from vivavoce.media.modality import Modality

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(40, 3)).astype(np.float32)
FACES = RNG.integers(0, 40, (70, 3)).astype(np.int32)
COLOURS = RNG.integers(0, 256, (40, 3), dtype=np.uint8)
MESH = Mesh(POINTS, FACES, COLOURS, TRAIL)
TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)


@pytest.mark.parametrize("suffix", MESH_FORMATS)
@pytest.mark.parametrize("colours", [COLOURS, None], ids=["painted", "plain"])
def test_every_format_keeps_the_mesh_and_its_origin(suffix, colours, tmp_path):
    file = save(replace(MESH, colours=colours), tmp_path / f"a.{suffix}")
    assert look(file).modality is Modality.MESH
    after = open_value(file)
    np.testing.assert_array_equal(after.vertices, POINTS)
    np.testing.assert_array_equal(after.faces, FACES)
    assert after.colours is None if colours is None else (after.colours == COLOURS).all()
    assert after.origin == TRAIL


@pytest.mark.parametrize("suffix", MESH_FORMATS)
def test_another_program_reads_what_is_written(suffix, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    read = trimesh.load(save(MESH, tmp_path / f"a.{suffix}"), force="mesh", process=False)
    np.testing.assert_allclose(read.vertices, POINTS)
    np.testing.assert_array_equal(read.faces, FACES)


@pytest.mark.parametrize("form", ["glb", "ply", "ply-text"])
def test_what_another_program_writes_is_read(form):
    trimesh = pytest.importorskip("trimesh")
    box = trimesh.creation.box((1, 2, 3), transform=trimesh.transformations.rotation_matrix(0.3, (1, 2, 3)))
    kind, _, text = form.partition("-")
    box.visual.vertex_colors = RNG.integers(0, 256, (8, 4), dtype=np.uint8)
    mesh = open_value(box.export(file_type=kind, **({"encoding": "ascii"} if text else {})))
    np.testing.assert_allclose(mesh.vertices, box.vertices, atol=1e-6)
    np.testing.assert_array_equal(mesh.faces, box.faces)
    if kind == "ply":
        np.testing.assert_array_equal(mesh.colours, box.visual.vertex_colors[:, :3])


def test_the_nodes_of_a_scene_are_put_in_their_places():
    trimesh = pytest.importorskip("trimesh")
    scene = trimesh.Scene()
    turn = trimesh.transformations.rotation_matrix(0.7, (0, 1, 1))
    turn[:3, 3] = (5, 0, 1)
    scene.add_geometry(trimesh.creation.box(), transform=turn)
    scene.add_geometry(trimesh.creation.icosphere(1))
    mesh = open_value(scene.export(file_type="glb"))
    both = scene.to_geometry()
    assert mesh.faces.shape == both.faces.shape
    np.testing.assert_allclose(np.sort(mesh.vertices, axis=0), np.sort(both.vertices, axis=0), atol=1e-5)


def ply(header, body):
    return b"ply\nformat " + header.encode() + b"\nend_header\n" + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_polygons_are_cut_into_triangles_in_both_byte_orders(order):
    name = {"<": "binary_little_endian", ">": "binary_big_endian"}[order]
    header = f"{name} 1.0\nelement vertex 5\nproperty double x\nproperty double y\nproperty double z"
    header += "\nelement face 2\nproperty list uchar short vertex_index\nproperty float quality"
    body = np.arange(15, dtype=f"{order}f8").tobytes()
    body += struct.pack(f"{order}B5hf", 5, 0, 1, 2, 3, 4, 0.5) + struct.pack(f"{order}B3hf", 3, 4, 3, 2, 0.5)
    mesh = open_value(ply(header, body))
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 3, 4], [4, 3, 2]]
    np.testing.assert_array_equal(mesh.vertices.ravel(), np.arange(15))


def test_quadrangles_of_a_text_file_are_cut_too():
    header = "ascii 1.0\ncomment made by hand\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z"
    header += "\nelement face 1\nproperty list uchar int vertex_indices"
    assert open_value(ply(header, b"0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n")).faces.tolist() == [[0, 1, 2], [0, 2, 3]]


BUFFER = TRIANGLE.tobytes()


def glb(document, binary=BUFFER):
    text = json.dumps({"asset": {"version": "2.0"}, **document}).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def document(**changes):
    return {
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
        **changes,
    }


def test_a_mesh_without_indices_and_a_coloured_material_is_read():
    material = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0.2140411, 0, 1]}}
    meshes = [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}]
    mesh = open_value(glb(document(meshes=meshes, materials=[material])))
    assert mesh.faces.tolist() == [[0, 1, 2]]
    assert mesh.colours.tolist() == [[255, 127, 0]] * 3  # linear light as sRGB


def test_a_mirrored_part_keeps_its_outside():
    mesh = open_value(glb(document(nodes=[{"mesh": 0, "scale": [-1, 1, 1]}])))
    assert mesh.vertices[1].tolist() == [-1, 0, 0] and mesh.faces.tolist() == [[2, 1, 0]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, "KHR_draco"),
        ({"buffers": [{"byteLength": 36, "uri": "/etc/passwd"}]}, "in another file"),
        ({"buffers": [{"byteLength": 36, "uri": "http://localhost/x"}]}, "in another file"),
        ({"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 5}]}]}, "strips or fans"),
        ({"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 1}]}]}, "no triangles"),
        ({"accessors": [{"componentType": 5126, "count": 3, "type": "VEC3"}]}, "sparse"),
    ],
)
def test_parts_of_gltf_that_are_not_read_are_named(changes, words):
    with pytest.raises(UnsupportedFormat, match=words):
        open_value(glb(document(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": [{"children": [0], "mesh": 0}], "scenes": [{"nodes": [0]}]},
        {"nodes": [{"mesh": 7}]},
        {"nodes": "many"},
        {"bufferViews": [{"buffer": 0, "byteOffset": 8}]},
        {"bufferViews": [{"buffer": 0, "byteOffset": -36}]},
        {"bufferViews": [{"buffer": 0, "byteStride": 0}]},
        {"accessors": [{"bufferView": 0, "componentType": 5126, "count": -3, "type": "VEC3"}]},
        {"accessors": [{"bufferView": 0, "componentType": 1, "count": 3, "type": "VEC3"}]},
        {"nodes": [{"mesh": 0, "matrix": [1, 2]}]},
    ],
)
def test_a_damaged_glb_is_corrupt(changes):
    with pytest.raises(CorruptMedia):
        open_value(glb(document(**changes)))


@pytest.mark.parametrize("suffix", MESH_FORMATS)
def test_a_file_cut_short_or_with_wrong_bytes_never_gives_a_traceback(suffix, tmp_path):
    whole = save(MESH, tmp_path / f"a.{suffix}").read_bytes()
    for at in range(12, len(whole) - 1, 97):
        with pytest.raises(VivavoceError):
            open_value(whole[:at])
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        try:
            open_value(bytes(damaged))
        except VivavoceError:
            continue


def test_a_header_that_promises_too_much_is_refused_before_room_is_made():
    header = "binary_little_endian 1.0\nelement vertex {}\nproperty float x\nproperty float y\nproperty float z"
    with pytest.raises(CorruptMedia, match="more than the file can hold"):
        open_value(ply(header.format(10**12), b""))
    many = [{"bufferView": 0, "componentType": 5126, "count": 10**9, "type": "VEC3"}]
    with pytest.raises(TooLarge, match="more vertices or faces than the limit"):
        open_value(glb(document(accessors=many)))
    with pytest.raises(CorruptMedia, match="ends too early"):
        open_value(glb(document(accessors=[{**many[0], "count": 4}])))


@pytest.mark.parametrize("limit", [{"max_vertices": 39}, {"max_faces": 69}, {"max_mesh_bytes": 100}])
@pytest.mark.parametrize("suffix", MESH_FORMATS)
def test_limits_hold(suffix, limit, tmp_path):
    file = save(MESH, tmp_path / f"a.{suffix}")
    with pytest.raises(TooLarge):
        open_value(file, limits=replace(DEFAULT_LIMITS, **limit))
    exact = replace(DEFAULT_LIMITS, max_vertices=40, max_faces=70)
    assert len(open_value(file, limits=exact).faces) == 70


def peak_bytes(read):
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


XYZ = "\nproperty float x\nproperty float y\nproperty float z"
CORNERS = "\nproperty list uchar int vertex_indices"
SOLID = f"\nelement vertex 3{XYZ}\nelement face 1{CORNERS}"


def test_a_word_of_any_length_can_not_swell_the_others_of_a_text_file():
    file = ply(f"ascii 1.0\nelement junk 20001\nproperty int a{SOLID}", b"1 " * 20_000 + b"1" * 5000)

    def read():
        with pytest.raises(CorruptMedia, match="word of over 64 bytes"):
            open_value(file)

    assert peak_bytes(read) < 2**21


@pytest.mark.parametrize("order", ["ascii", "binary_little_endian"])
def test_tables_and_lists_that_make_no_mesh_are_passed_over_without_keeping_them(order):
    header = f"{order} 1.0\nelement junk 20000\nproperty list uchar uchar a\nelement vertex 3\nproperty uchar b{XYZ}"
    header += f"\nelement face 2\nproperty list uchar uchar d{CORNERS}\nproperty uchar c"
    text, body = b"1 7\n" * 19_999 + b"2 7 7\n", b"\1\7" * 19_999 + b"\2\7\7"
    text += b"9 0 0 0\n9 1 0 0\n9 0 1 0\n1 5 3 0 1 2 6\n0 4 2 1 0 2 6\n"
    body += b"".join(struct.pack("<B3f", 9, *row) for row in TRIANGLE)
    body += struct.pack("<BBB3iB", 1, 5, 3, 0, 1, 2, 6) + struct.pack("<BB4iB", 0, 4, 2, 1, 0, 2, 6)
    file, found = ply(header, text if order == "ascii" else body), []
    assert peak_bytes(lambda: found.append(open_value(file))) < 2**20
    assert found[0].faces.tolist() == [[0, 1, 2], [2, 1, 0], [2, 0, 2]]
    np.testing.assert_array_equal(found[0].vertices, TRIANGLE)


def test_rows_of_other_tables_and_corners_of_polygons_count_against_the_limit():
    few = replace(DEFAULT_LIMITS, max_faces=10)
    for order in ("ascii", "binary_little_endian"):
        with pytest.raises(TooLarge):
            open_value(ply(f"{order} 1.0\nelement junk 11\nproperty uchar a{SOLID}", b"1 " * 40), limits=few)
    header = f"ascii 1.0\nelement vertex 3{XYZ}\nelement face 1{CORNERS}"
    with pytest.raises(TooLarge):
        open_value(ply(header, b"0 0 0 1 0 0 0 1 0 13" + b" 1" * 13), limits=few)


def test_colours_of_another_number_than_the_points_are_refused_before_they_are_read():
    many = {"bufferView": 1, "componentType": 5121, "count": 100_000, "type": "VEC3"}
    views = [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 300_000}]
    painted = {"attributes": {"POSITION": 0, "COLOR_0": 1}}
    changes = {"accessors": [document()["accessors"][0], many], "bufferViews": views}
    file = glb(document(meshes=[{"primitives": [painted]}], **changes), BUFFER + bytes(300_000))

    def read():
        with pytest.raises(CorruptMedia, match="100000 colours for 3 vertices"):
            open_value(file)

    assert peak_bytes(read) < 2**20


def test_the_json_of_a_glb_may_be_a_small_part_of_what_a_file_may_be():
    file = glb(document())
    with pytest.raises(TooLarge, match="JSON of the model"):
        open_value(file, limits=replace(DEFAULT_LIMITS, max_mesh_bytes=len(file)))
    assert len(open_value(file, limits=replace(DEFAULT_LIMITS, max_mesh_bytes=16 * len(file))).faces) == 1


def test_without_a_scene_every_node_stands_where_its_parent_puts_it():
    nodes = [{"mesh": 0}, {"children": [0, 2], "translation": [5, 0, 0]}, {"mesh": 0, "translation": [0, 7, 0]}]
    mesh = open_value(glb(document(nodes=nodes)))
    assert sorted(mesh.vertices[::3].tolist()) == [[5, 0, 0], [5, 7, 0]]


def test_lines_that_many_nodes_share_count_against_the_limit():
    lines = [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 1}] * 10}]
    with pytest.raises(TooLarge):
        open_value(glb(document(meshes=lines, nodes=[{"mesh": 0}] * 10)), limits=replace(DEFAULT_LIMITS, max_faces=99))


def test_points_without_faces_are_told_from_a_mesh():
    header = "ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z"
    with pytest.raises(UnsupportedFormat, match="only points"):
        open_value(ply(header, b"0 0 0\n"))


def test_a_mesh_is_checked_when_it_is_made():
    with pytest.raises(InputError, match="needs vertices"):
        Mesh(POINTS[:, :2], FACES)
    with pytest.raises(EmptyInput, match="no face"):
        Mesh(POINTS, FACES[:0])
    with pytest.raises(CorruptMedia, match="NaN"):
        Mesh(POINTS * np.nan, FACES)
    with pytest.raises(CorruptMedia, match="beyond its 40"):
        Mesh(POINTS, FACES + 40)
    with pytest.raises(InputError, match="colours of a mesh"):
        Mesh(POINTS, FACES, COLOURS[:5])


def test_the_digest_changes_with_every_part():
    digests = {MESH.digest(), replace(MESH, colours=None).digest(), replace(MESH, faces=FACES[::-1]).digest()}
    assert len(digests | {replace(MESH, vertices=POINTS + 1).digest()}) == 4

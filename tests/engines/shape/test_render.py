import tracemalloc

import numpy as np
import pytest

from vivavoce.engines.options import DrawOptions
from vivavoce.engines.shape.raster import NOTHING, covered, depths, pixels_tried
from vivavoce.engines.shape.render import MeshRenderer
from vivavoce.engines.typesetting import PALETTES
from vivavoce.media.mesh import Mesh

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
SQUARES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
CUBE = Mesh(CORNERS, np.array([[a, b, c] for a, b, c, _ in SQUARES] + [[a, c, d] for a, _, c, d in SQUARES], np.int32))
RED = np.tile(np.array([[255, 0, 0]], np.uint8), (8, 1))


@pytest.fixture(scope="module")
def render():
    with MeshRenderer().open("cpu") as ability:
        yield ability


def ground(theme="light"):
    return np.array(PALETTES[theme].ground)


@pytest.mark.parametrize(("width", "height"), [(None, None), (64, 48), (1, 1), (300, 20)])
def test_a_picture_has_the_size_that_was_asked_for(render, width, height):
    picture = render(CUBE, DrawOptions(width=width, height=height))
    assert (picture.width, picture.height) == ((width, height) if width else (960, 720))


def test_the_mesh_stands_in_the_middle_on_the_ground_of_the_theme(render):
    for theme in ("light", "dark"):
        pixels = render(CUBE, DrawOptions(width=160, height=120, theme=theme)).pixels.astype(int)
        drawn = np.abs(pixels - ground(theme)).sum(axis=2) > 12
        rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
        assert rows[0] == pytest.approx(120 - 1 - rows[-1], abs=2) and rows[0] == pytest.approx(120 * 0.08, abs=2)
        assert columns[0] == pytest.approx(160 - 1 - columns[-1], abs=2)
        assert drawn[60, 80] and 0.2 < drawn.mean() < 0.8


def test_three_sides_of_a_cube_are_seen_each_in_another_light(render):
    pixels = render(CUBE, DrawOptions(width=200, height=200)).pixels
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    smooth = (counts > 20).sum()
    assert smooth > 3  # the ground, and shades that run over rounded normals
    assert np.ptp(colours.mean(axis=1)) > 60


def test_colours_of_the_vertices_are_seen(render):
    pixels = render(Mesh(CORNERS, CUBE.faces, RED), DrawOptions(width=80, height=80)).pixels.astype(int)
    drawn = np.abs(pixels - ground()).sum(axis=2) > 12
    assert pixels[40, 40, 0] > 60 and pixels[40, 40, 1:].max() == 0
    assert drawn.mean() > 0.2


def test_what_is_in_front_hides_what_is_behind_whatever_their_order():
    near = [[10, 10, 0.1], [90, 10, 0.1], [10, 90, 0.1]]
    far = [[10, 10, 0.9], [90, 10, 0.9], [10, 90, 0.9]]
    for points, front in ((near + far, 0), (far + near, 1)):
        seen = np.array(points, np.float32)
        faces = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
        pixels, face, weights = covered(depths(seen, faces, 100, 100), 100, seen, faces)
        assert set(face) == {front}
        assert len(pixels) == pytest.approx(80 * 80 / 2, rel=0.02)
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("scale", [0.4, 3, 30, 300])
def test_faces_of_every_size_cover_exactly_the_pixels_whose_middle_is_inside(scale):
    rng = np.random.default_rng(0)
    side = 400
    seen = np.concatenate([rng.uniform(0, 1, (3, 2)) * scale + 20, rng.uniform(0, 1, (3, 1))], axis=1).astype(
        np.float32
    )
    buffer = depths(seen, np.array([[0, 1, 2]], np.int32), side, side).reshape(side, side)
    x, y = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    (ax, ay), (bx, by), (cx, cy) = seen[:, :2].astype(float)
    edges = [(bx - ax) * (y - ay) - (by - ay) * (x - ax), (cx - bx) * (y - by) - (cy - by) * (x - bx)]
    edges.append((ax - cx) * (y - cy) - (ay - cy) * (x - cx))
    inside = np.logical_or(np.all(np.array(edges) >= 0, axis=0), np.all(np.array(edges) <= 0, axis=0))
    assert ((buffer != NOTHING) != inside).sum() <= 2  # a middle on an edge may fall either way


def test_faces_outside_the_picture_and_flat_ones_draw_nothing():
    seen = np.array([[-50, -50, 0], [-10, -50, 0], [-10, -10, 0], [5, 5, 0], [5, 5, 0], [5, 5, 0]], np.float32)
    buffer = depths(seen, np.array([[0, 1, 2], [3, 4, 5]], np.int32), 20, 20)
    assert (buffer == NOTHING).all()


@pytest.mark.parametrize("scale", [1e-20, 1e20])
def test_models_of_any_scale_look_the_same(render, scale):
    options = DrawOptions(width=80, height=60)
    first = render(CUBE, options).pixels.astype(int)
    second = render(Mesh(CORNERS * np.float32(scale), CUBE.faces), options).pixels.astype(int)
    assert np.abs(first - second).max() <= 2


def test_a_single_flat_triangle_can_be_drawn(render):
    flat = Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32), np.array([[0, 1, 2]], np.int32))
    assert (render(flat, DrawOptions(width=50, height=50)).pixels != ground()).any()


def test_a_picture_of_what_would_take_long_is_coarser_and_as_large(render, monkeypatch):
    options = DrawOptions(width=160, height=121)
    fine = render(CUBE, options).pixels.astype(int)
    monkeypatch.setattr("vivavoce.engines.shape.render.MOST_TESTS", 10_000)
    coarse = render(CUBE, options).pixels
    assert coarse.shape == fine.shape
    assert 0 < np.abs(coarse - fine).mean() < 12
    assert (coarse[40:44] != coarse[40, 0]).any() and len(np.unique(coarse.reshape(-1, 3), axis=0)) < 2000


def test_the_work_is_told_before_it_is_done():
    sliver = np.array([[0, 0, 0], [1280, 1276, 0], [1280, 1280, 0]], np.float32)
    whole = np.array([[0, 0, 0], [1280, 0, 0], [0, 1280, 0]], np.float32)
    face = np.array([[0, 1, 2]], np.int32)
    assert 0.5 < pixels_tried(whole, face, 1280, 1280) / 1280**2 < 0.65
    assert pixels_tried(sliver, face, 1280, 1280) < 1280**2 * 0.15
    assert pixels_tried(np.tile(whole, (9, 1)), face + np.arange(0, 27, 3)[:, np.newaxis], 1280, 1280) == pytest.approx(
        9 * pixels_tried(whole, face, 1280, 1280)
    )
    assert pixels_tried(whole / 100, face, 1280, 1280) == 16**2
    assert pixels_tried(whole - 5000, face, 1280, 1280) == 0


def test_copies_of_a_large_face_are_drawn_once():
    seen = np.array([[0, 0, 0], [300, 0, 0], [0, 300, 0]], np.float32)
    face = np.array([[0, 1, 2]], np.int32)
    copies = np.concatenate([np.roll(face, turn, axis=1) for turn in range(3)] * 20_000)
    assert pixels_tried(seen, copies, 300, 300) == pixels_tried(seen, face, 300, 300)
    np.testing.assert_array_equal(depths(seen, copies, 300, 300), depths(seen, face, 300, 300))


def test_many_large_faces_take_no_more_memory_than_few():
    rng = np.random.default_rng(0)
    seen = np.array([[x, y, rng.uniform()] for at in range(3000) for x, y in ((0, 0), (4000, at), (4000, at))])
    faces = np.arange(9000, dtype=np.int32).reshape(-1, 3)
    tracemalloc.start()
    try:
        buffer = depths(seen.astype(np.float32), faces, 4000, 3000)
        most = tracemalloc.get_traced_memory()[1] - buffer.nbytes
    finally:
        tracemalloc.stop()
    assert (buffer == NOTHING).all() and most < 200 * 2**20

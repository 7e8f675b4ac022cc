"""What the models see of a picture: sizes, margins, tiles, and the way back to the picture's own pixels."""

import numpy as np
import pytest

from vivavoce.engines.see.views import FLATTEST, OVERLAP, on_contrast, views
from vivavoce.media.image import Image


def image(height, width, value=255):
    return Image(np.full((height, width, 3), value, np.uint8))


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 3000), (3000, 1), (30, 2000), (480, 640), (3000, 4000), (9000, 500)]
)
def test_views_are_neither_huge_nor_flat(height, width):
    rng = np.random.default_rng(0)
    noisy = Image(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))
    for view in views(noisy, 2000):
        tall, wide = view.pixels.shape[:2]
        assert max(tall, wide) <= 2000 + 2 * 500
        assert wide <= (FLATTEST + 0.5) * tall
        assert tall <= (FLATTEST + 0.5) * wide


@pytest.mark.parametrize(("height", "width"), [(600, 800), (60, 90), (2500, 3100), (6000, 500), (20, 900)])
def test_a_mark_is_found_where_it_stands(height, width):
    pixels = np.full((height, width, 3), 255, np.uint8)
    top, left = int(height * 0.7), int(width * 0.6)
    size = max(4, min(height, width) // 20)
    pixels[top : top + size, left : left + size] = (200, 0, 0)
    places = []
    for view in views(Image(pixels), 1000):
        ys, xs = np.nonzero(view.pixels[..., 1] < 100)
        if len(ys) and view.top <= ys.mean() < view.bottom:
            places.append(view.locate(np.array([[xs.min(), ys.min()]], np.float32))[0])
    assert len(places) == 1
    assert places[0] == pytest.approx([left, top], abs=max(3, max(height, width) / 500))


def test_each_height_of_a_tall_picture_belongs_to_one_tile():
    rng = np.random.default_rng(0)
    tall = Image(rng.integers(0, 255, (7000, 800, 3), dtype=np.uint8))
    spans = []
    for view in views(tall, 2000):
        bottom = min(view.bottom, len(view.pixels))
        ends = view.locate(np.array([[0, view.top], [0, bottom]], np.float32))[:, 1]
        spans.append((float(ends[0]), float(ends[1])))
    assert len(spans) > 3
    assert spans[0][0] <= 0
    assert spans[-1][1] >= 7000
    assert [a[1] for a in spans[:-1]] == pytest.approx([b[0] for b in spans[1:]], abs=1)
    assert OVERLAP > 100


def test_empty_margins_are_cut_away():
    pixels = np.full((2000, 3000, 3), 250, np.uint8)
    pixels[1000:1020, 1500:1600] = 0
    (view,) = views(Image(pixels), 2000)
    assert view.pixels.shape[0] < 300


def test_transparency_is_laid_on_what_it_contrasts_with():
    dark, light = np.zeros((4, 4, 4), np.uint8), np.full((4, 4, 4), 255, np.uint8)
    dark[:2, :, 3], dark[2:, :, 3] = 255, 0
    light[:2, :, 3], light[2:, :, 3] = 255, 0
    assert on_contrast(Image(dark))[[0, 3], 0, 0].tolist() == [0, 255]
    assert on_contrast(Image(light))[[0, 3], 0, 0].tolist() == [255, 0]
    assert on_contrast(image(3, 3)).shape == (3, 3, 3)

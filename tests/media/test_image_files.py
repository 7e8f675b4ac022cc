"""Pictures: every mode and orientation comes in as upright RGB or RGBA, and goes out again."""

import io

import numpy as np
import PIL.Image
import pytest

from media.makers import TRAIL, picture, png
from vivavoce.errors import CorruptMedia, InputError
from vivavoce.media.formats import IMAGE_FORMATS
from vivavoce.media.gateway import open_value, save
from vivavoce.media.image import Image

LOSSLESS = ("png", "bmp", "tiff", "tif")
ORIENTATION = 0x0112


def encoded(pillow, form, **options):
    content = io.BytesIO()
    pillow.save(content, form, **options)
    return content.getvalue()


def difference(first, second):
    return np.abs(first.astype(int) - second.astype(int)).mean()


@pytest.mark.parametrize("suffix", IMAGE_FORMATS)
def test_every_format_keeps_the_picture(suffix, tmp_path):
    before = picture(81, 47)
    after = open_value(save(before, tmp_path / f"a.{suffix}"))
    assert after.pixels.shape == (47, 81, 3)
    limit = 0 if suffix in LOSSLESS else 12 if suffix == "gif" else 4
    assert difference(before.pixels, after.pixels) <= limit


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff"])
def test_transparency_is_kept_where_the_format_has_it(suffix, tmp_path):
    before = picture(alpha=True)
    after = open_value(save(before, tmp_path / f"a.{suffix}"))
    assert after.pixels.shape[2] == 4
    assert difference(before.pixels[..., 3], after.pixels[..., 3]) < 1


@pytest.mark.parametrize("suffix", ["jpg", "bmp", "gif"])
def test_elsewhere_transparency_is_laid_on_white(suffix, tmp_path):
    clear = Image(np.zeros((20, 30, 4), np.uint8))
    after = open_value(save(clear, tmp_path / f"a.{suffix}"))
    assert after.pixels.shape == (20, 30, 3)
    assert after.pixels.min() > 250


@pytest.mark.parametrize("suffix", [s for s in IMAGE_FORMATS if s != "bmp"])
def test_origin_comes_back(suffix, tmp_path):
    path = save(Image(picture().pixels, TRAIL), tmp_path / f"a.{suffix}")
    assert open_value(path).origin == TRAIL


TURNS = {
    1: lambda p: p,
    2: np.fliplr,
    3: lambda p: np.rot90(p, 2),
    4: np.flipud,
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: np.rot90(p, 2).transpose(1, 0, 2),
    8: lambda p: np.rot90(p, -1),
}


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_all_eight_orientations_come_in_upright(orientation, form):
    upright = picture(64, 40).pixels
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    stored = PIL.Image.fromarray(np.ascontiguousarray(TURNS[orientation](upright)))
    options = {"quality": 95} if form in ("JPEG", "WEBP") else {}
    value = open_value(encoded(stored, form, exif=exif, **options))
    assert value.pixels.shape == upright.shape
    assert difference(value.pixels, upright) < 5


def stored_as(mode, ramp):
    """Return a file in which the grey ramp is stored in one of Pillow's modes."""
    if mode == "I;16":
        return encoded(PIL.Image.fromarray(ramp.astype(np.uint16) * 257), "PNG")
    if mode in ("F", "I"):
        return encoded(PIL.Image.fromarray(ramp.astype(np.float32 if mode == "F" else np.int32)), "TIFF")
    grey = PIL.Image.fromarray(ramp)
    if mode in ("CMYK", "YCbCr"):
        return encoded(grey.convert("RGB").convert(mode), "JPEG")
    return encoded(grey.convert(mode), "PNG")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "YCbCr", "F", "I"])
def test_every_mode_shows_the_same_brightness(mode):
    ramp = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[np.newaxis], 32, axis=0)
    got = open_value(stored_as(mode, ramp)).pixels[..., :3].astype(int)
    assert got.shape == (32, 64, 3)
    black_or_white = mode == "1"
    assert np.abs(got.mean(axis=(0, 2)) - ramp[0]).max() < (130 if black_or_white else 4)
    assert np.abs(got[..., 0] - got[..., 2]).max() < 4


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped():
    deep = np.linspace(0, 65_535, 256).astype(np.uint16).reshape(16, 16)
    value = open_value(encoded(PIL.Image.fromarray(deep), "PNG"))
    assert np.abs(value.pixels[..., 0].astype(int).ravel() - np.arange(256)).max() <= 1


def test_sixteen_bits_of_colour_open():
    deep = picture(32, 24).pixels.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    assert difference(open_value(png(32, 24, rows, depth=16)).pixels, picture(32, 24).pixels) < 1


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_gives_its_first_frame(form):
    frames = [PIL.Image.fromarray(np.full((20, 30, 3), level, np.uint8)) for level in (40, 120, 200)]
    content = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    assert abs(int(open_value(content).pixels.mean()) - 40) < 3


def test_a_transparent_palette_becomes_alpha():
    stored = PIL.Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8)).convert("P")
    stored.putpalette([255, 0, 0, 0, 255, 0] + [0] * 762)
    value = open_value(encoded(stored, "GIF", transparency=0))
    assert value.pixels.shape[2] == 4
    assert sorted(value.pixels[..., 3].ravel()) == [0, 0, 255, 255]


def test_a_damaged_exif_block_costs_only_the_orientation():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    content = encoded(PIL.Image.fromarray(picture().pixels), "JPEG", exif=exif)
    at = content.index(b"Exif\0\0") + 6
    for damage in (b"\xff" * 8, b"II*\0\xff\xff\xff\x7f", b"MM\0*\0\0\0\1"):
        value = open_value(content[:at] + damage + content[at + 8 :])
        assert {value.width, value.height} == {64, 48}


def test_noise_behind_a_header_is_damaged_and_nothing_else():
    noise = np.random.default_rng(7).integers(0, 256, 3_000, np.uint8).tobytes()
    for head in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"II*\0", b"MM\0*", b"RIFF\xb8\x0b\0\0WEBPVP8 "):
        with pytest.raises(InputError) as caught:
            open_value(head + noise)
        assert isinstance(caught.value, CorruptMedia) or "pixels" in str(caught.value)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 3), (4, 0, 3)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(InputError, match="uint8"):
        Image(np.zeros(shape, np.uint8))
    with pytest.raises(InputError, match="float64"):
        Image(np.zeros((4, 4, 3)))


def test_one_pixel_goes_through_every_format(tmp_path):
    dot = Image(np.full((1, 1, 3), 200, np.uint8))
    for suffix in IMAGE_FORMATS:
        assert difference(open_value(save(dot, tmp_path / f"a.{suffix}")).pixels, dot.pixels) < 4

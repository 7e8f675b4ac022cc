"""Colours, brightness and faces, on plain colours, drawings and real photographs."""

import av
import cv2
import numpy as np
import pytest

from vivavoce.engines.see.appearance import (
    brightness_word,
    count_faces,
    is_blurred,
    is_colourless,
    looks_drawn,
    main_colours,
)


def plain(*rgb, height=40, width=60):
    return np.full((height, width, 3), rgb, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "english", "chinese"),
    [
        ((250, 5, 10), "red", "红色"),
        ((10, 20, 240), "blue", "蓝色"),
        ((255, 255, 255), "white", "白色"),
        ((3, 3, 3), "black", "黑色"),
        ((128, 128, 128), "grey", "灰色"),
        ((30, 150, 50), "green", "绿色"),
        ((250, 220, 10), "yellow", "黄色"),
        ((110, 70, 35), "brown", "棕色"),
        ((250, 130, 10), "orange", "橙色"),
        ((130, 20, 140), "purple", "紫色"),
    ],
)
def test_a_plain_colour_gets_its_name(rgb, english, chinese):
    assert main_colours(plain(*rgb), "en") == [english]
    assert main_colours(plain(*rgb), "zh") == [chinese]


def test_colours_come_most_frequent_first_and_slight_ones_are_left_out():
    pixels = plain(255, 255, 255, height=100, width=100)
    pixels[:30] = (200, 20, 20)
    pixels[-3:] = (20, 20, 200)
    assert main_colours(pixels, None) == ["white", "red"]


def test_no_more_than_three_colours_are_named():
    pixels = np.concatenate(
        [plain(255, 0, 0), plain(0, 0, 255), plain(0, 0, 0), plain(255, 255, 255), plain(0, 190, 0)]
    )
    assert len(main_colours(pixels, "en")) == 3


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9000, 3), (9000, 1, 3), (7, 7, 4)])
def test_odd_sizes_work(shape):
    pixels = np.full(shape, 255, np.uint8)
    assert main_colours(pixels, "en") == ["white"]
    assert brightness_word(pixels, "en") == "very bright"
    assert count_faces(pixels) == 0


def test_brightness_follows_lightness():
    words = [brightness_word(plain(v, v, v), "en") for v in (0, 50, 120, 190, 255)]
    assert words == ["very dark", "dark", "moderately bright", "bright", "very bright"]
    assert brightness_word(plain(0, 0, 0), "zh") == "很暗"


@pytest.mark.data
def test_colours_of_photographs(photograph):
    assert "dark green" in main_colours(photograph(525891), "en")  # a bush
    assert main_colours(photograph(174375), "en")[0] == "orange"  # a clay court
    assert "light grey" in main_colours(photograph(126107), "en")  # an overcast sky


@pytest.mark.data
def test_a_face_is_counted_once(photograph):
    assert count_faces(photograph(229358)) == 1
    assert count_faces(photograph(442450)) == 1


@pytest.mark.data
def test_a_speaker_on_video_has_a_face(data):
    for name in ("bbaf2n", "lbax4n", "pwij3p"):
        with av.open(data / "grid" / f"{name}.mpg") as film:
            frame = next(film.decode(video=0)).to_ndarray(format="rgb24")
        assert count_faces(frame) == 1, name


@pytest.mark.data
@pytest.mark.parametrize("quarter_turns", [0, 2])
def test_photographs_without_a_face_turned_to_the_camera_have_none(photograph, quarter_turns):
    without = [
        62554,
        78499,
        99053,
        114174,
        159269,
        177977,
        196393,
        205401,
        212679,
        255165,
        397133,
        475678,
        568290,
    ]
    found = {n: count_faces(np.rot90(photograph(n), quarter_turns)) for n in without}
    assert found == dict.fromkeys(without, 0)


@pytest.mark.data
def test_photographs_do_not_look_drawn(data, photograph):
    numbers = [int(path.stem) for path in sorted((data / "coco").glob("*.jpg"))]
    assert numbers
    assert [n for n in numbers if looks_drawn(photograph(n))] == []


@pytest.mark.parametrize("ground", ["white", "#101820", "#f7f0e2"])
def test_pages_look_drawn_even_as_jpeg(page, ground):
    pixels = page("A line of text.\n" * 14, ground=ground, ink="grey")
    squeezed = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 70])[1], cv2.IMREAD_COLOR)
    assert looks_drawn(pixels)
    assert looks_drawn(np.asarray(squeezed))


@pytest.mark.data
def test_only_a_blurred_photograph_is_called_blurred(data, photograph):
    for path in sorted((data / "coco").glob("*.jpg"))[::4]:
        pixels = photograph(int(path.stem))
        assert not is_blurred(pixels), path.name
        assert is_blurred(cv2.GaussianBlur(pixels, (0, 0), 3)), path.name


@pytest.mark.data
def test_a_black_and_white_photograph_is_colourless(photograph):
    assert is_colourless(photograph(205401))
    assert not is_colourless(photograph(174375))

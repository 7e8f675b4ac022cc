import re

import pytest

from vivavoce.engines.watch.describe import SceneDescriber
from vivavoce.media.gateway import open_value


@pytest.fixture(scope="module")
def describe():
    with SceneDescriber().open("cpu") as function:
        yield function


def test_each_scene_has_a_timed_line_with_its_colour(describe, three_scenes):
    text = describe(three_scenes, None)
    assert text.language == "en" and len(text.segments) == 3
    for segment, colour in zip(text.segments, ("red", "blue", "green"), strict=True):
        assert re.search(colour, segment.text)
    assert [s.end_s for s in text.segments[:-1]] == [s.start_s for s in text.segments[1:]]
    assert "no movement" in text.segments[0].text and "no movement" not in text.segments[2].text


def test_it_says_that_it_is_basic_and_what_the_video_is(describe, three_scenes):
    text = describe(three_scenes, "en").text
    assert text.startswith("Basic description")
    assert "without sound, 0:40 long, 320 × 180 pixels, 3 scenes" in text


def test_chinese_is_chinese_throughout(describe, three_scenes):
    text = describe(three_scenes, "zh")
    assert text.language == "zh"
    assert not re.search("[A-Za-z]", text.text)
    assert "红色" in text.segments[0].text and "蓝色" in text.segments[1].text and "无声" in text.text


def test_other_languages_get_english(describe, three_scenes):
    assert describe(three_scenes, "fr") == describe(three_scenes, "en")


@pytest.mark.data
def test_the_face_in_a_real_video_is_seen(describe, data):
    files = sorted((data / "grid").glob("*.mpg"))
    texts = [describe(open_value(file), "en").text for file in files[:4]]
    assert texts and all("with sound" in text for text in texts)
    assert sum("one face" in text for text in texts) >= 3

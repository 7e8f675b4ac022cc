import re

import pytest

from vivavoce.engines.watch.notes import SceneNotes
from vivavoce.media.text import Segment, Text

SAID = [
    Segment("Welcome.", 0.5, 2.0),
    Segment("This is red.", 2.2, 9.0),
    Segment("Now it is blue.", 10.5, 14.0),
    Segment("A long pause came before this.", 19.5, 22.0),
    Segment("And green at last.", 26.5, 38.0),
]


@pytest.fixture(scope="module")
def notes():
    with SceneNotes().open("cpu") as function:
        yield function


def sections(text):
    return dict(re.findall(r"^## (\S+)\n\n(.*?)(?=\n\n## |\Z)", text, re.DOTALL | re.MULTILINE))


def test_headings_stand_at_scenes_and_long_pauses(notes, three_scenes):
    found = sections(notes(three_scenes, Text.from_segments(SAID, "en")).text)
    assert list(found) == ["0:00:00", "0:00:10", "0:00:19", "0:00:25"]


def test_everything_said_stands_once_under_its_heading(notes, three_scenes):
    found = sections(notes(three_scenes, Text.from_segments(SAID, "en")).text)
    assert "Welcome. This is red." in found["0:00:00"]
    assert "A long pause came before this." in found["0:00:19"]
    assert all("\n".join(found.values()).count(segment.text) == 1 for segment in SAID)


def test_the_picture_is_described_only_where_it_changed(notes, three_scenes):
    found = sections(notes(three_scenes, Text.from_segments(SAID, "en")).text)
    assert [time for time, text in found.items() if "*Picture: " in text] == ["0:00:00", "0:00:10", "0:00:25"]
    assert "red" in found["0:00:00"].split("*")[1]


def test_chinese_notes_are_in_chinese(notes, three_scenes):
    said = [Segment("这是红色。", 1.0, 5.0), Segment("这是蓝色。", 11.0, 15.0)]
    text = notes(three_scenes, Text.from_segments(said, None))
    assert text.language == "zh"
    assert text.text.startswith("# 视频笔记 (0:40)")
    assert not re.search("[A-Za-z]", text.text)


def test_a_silent_video_still_has_its_scenes(notes, three_scenes):
    assert list(sections(notes(three_scenes, Text("")).text)) == ["0:00:00", "0:00:10", "0:00:25"]


def test_sections_are_not_shorter_than_asked_for(three_scenes):
    with SceneNotes(shortest_s=20.0).open("cpu") as notes:
        found = sections(notes(three_scenes, Text.from_segments(SAID, "en")).text)
    assert list(found) == ["0:00:00", "0:00:25"]
    assert "A long pause came before this." in found["0:00:00"]

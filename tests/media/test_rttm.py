import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import CorruptMedia
from vivavoce.media.rttm import from_rttm, to_diarized_json, to_rttm, with_names
from vivavoce.media.text import Segment, Text

TURNS = [Segment("Hello.", 0.5, 2.25, speaker="S1"), Segment("你好。", 2.25, 3.0, speaker="Mrs Li")]


def test_rttm_has_a_line_a_turn_with_start_and_duration():
    assert to_rttm(TURNS, "my talk") == (
        "SPEAKER my_talk 1 0.500 1.750 <NA> <NA> S1 <NA> <NA>\n"
        "SPEAKER my_talk 1 2.250 0.750 <NA> <NA> Mrs_Li <NA> <NA>\n"
    )


times = st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000)


@given(st.lists(st.tuples(times, times, st.text("abc12", min_size=1)), max_size=5))
def test_what_is_written_as_rttm_is_read_again(rows):
    turns = [Segment("", start_s, start_s + seconds, speaker=speaker) for start_s, seconds, speaker in rows]
    read = from_rttm(to_rttm(turns, "x"))
    assert [turn.speaker for turn in read] == [turn.speaker for turn in turns]
    for ours, theirs in zip(read, turns, strict=True):
        assert (ours.start_s, ours.end_s) == pytest.approx((theirs.start_s, theirs.end_s), abs=0.002)


def test_fields_may_be_parted_by_tabs_and_nobody_may_be_named():
    lines = "SPEAKER\tx\t1\t0.5\t2\t<NA>\t<NA>\tS1\t<NA>\n SPEAKER x 1 3 1 <NA> <NA> <NA> <NA>\n"
    assert from_rttm(lines) == [Segment("", 0.5, 2.5, speaker="S1"), Segment("", 3.0, 4.0)]


def test_other_lines_of_rttm_are_passed_over():
    assert from_rttm(";; a comment\nSPKR-INFO x 1 <NA> <NA> <NA> unknown S1 <NA>\n\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "SPEAKER x 1 0.5",
        "SPEAKER x 1 a b <NA> <NA> S1 <NA>",
        "SPEAKER x 1 -1 2 <NA> <NA> S1 <NA>",
        "SPEAKER x 1 0 inf <NA> <NA> S1 <NA>",
        "SPEAKER x 1 nan 1 <NA> <NA> S1 <NA>",
    ],
)
def test_a_damaged_line_is_named(line):
    with pytest.raises(CorruptMedia, match="is no RTTM"):
        from_rttm(line)


def test_diarized_json_has_the_fields_of_the_openai_api():
    record = json.loads(to_diarized_json(TURNS, 3.5))
    assert record["task"] == "transcribe" and record["duration"] == 3.5
    assert record["text"] == "S1: Hello.\nMrs Li: 你好。"
    assert record["segments"][0] == {
        "type": "transcript.text.segment",
        "id": "seg_1",
        "start": 0.5,
        "end": 2.25,
        "speaker": "S1",
        "text": "Hello.",
    }


def test_names_stand_before_what_is_said():
    named = with_names(Text.from_segments([*TURNS, Segment("Bye.", 3, 4)], "en"))
    assert [segment.text for segment in named.segments] == ["S1: Hello.", "Mrs Li: 你好。", "Bye."]
    assert [segment.start_s for segment in named.segments] == [0.5, 2.25, 3]

import pytest

from vivavoce.media.speakers import attribute
from vivavoce.media.text import Segment, Text, Word

TURNS = [Segment("", 0, 2, speaker="S1"), Segment("", 2, 4, speaker="S2"), Segment("", 4, 5, speaker="S1")]


def words(*timed):
    return tuple(Word(text, start_s, end_s) for text, start_s, end_s in timed)


def speakers(text):
    return [(segment.speaker, segment.text) for segment in text.segments]


def test_a_segment_goes_to_who_speaks_longest_during_it():
    text = Text.from_segments([Segment("one", 0, 1), Segment("two", 1.5, 3.9), Segment("three", 0.5, 5)], "en")
    assert speakers(attribute(text, TURNS)) == [("S1", "one"), ("S2", "two"), ("S1", "three")]


@pytest.mark.parametrize(("start_s", "speaker"), [(6, "S1"), (100, "S1")])
def test_a_segment_in_which_nobody_speaks_goes_to_the_nearest_turn(start_s, speaker):
    text = Text.from_segments([Segment("x", start_s, start_s + 1)], "en")
    assert speakers(attribute(text, TURNS)) == [(speaker, "x")]


def test_a_segment_is_split_where_its_words_change_hands_and_keeps_its_marks():
    said = words(("Really", 1, 1.5), ("Yes", 2.1, 2.5), ("I", 2.5, 2.7), ("do", 2.7, 3), ("Good", 4.2, 4.6))
    text = Text.from_segments([Segment("Really? Yes, I do. Good!", 1, 4.6, said)], "en")
    split = attribute(text, TURNS)
    assert speakers(split) == [("S1", "Really?"), ("S2", "Yes, I do."), ("S1", "Good!")]
    assert [(s.start_s, s.end_s) for s in split.segments] == [(1, 1.5), (2.1, 3), (4.2, 4.6)]
    assert sum((s.words for s in split.segments), ()) == said and split.text == text.text


def test_chinese_words_that_do_not_spell_the_text_are_joined_without_spaces():
    said = words(("你", 1, 1.5), ("好", 1.5, 1.9), ("再", 2.1, 2.5), ("见", 2.5, 3))
    text = Text.from_segments([Segment("您好，再会。", 1, 3, said)], "zh")
    assert speakers(attribute(text, TURNS)) == [("S1", "你好"), ("S2", "再见")]


def test_without_turns_nothing_changes():
    text = Text.from_segments([Segment("one", 0, 1)], "en")
    assert attribute(text, []) is text

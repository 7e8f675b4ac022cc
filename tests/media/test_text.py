"""Text as a value."""

import pytest

from vivavoce.media.origin import Step
from vivavoce.media.text import Region, Segment, Text, Word, joiner


def test_segments_join_as_the_language_does():
    segments = [Segment("你好。", 0, 1), Segment("再见。", 1, 2)]
    assert Text.from_segments(segments, "zh").text == "你好。再见。"
    assert Text.from_segments(segments, "en").text == "你好。 再见。"
    assert joiner(None) == " "


def test_confidence_is_weighted_by_length():
    text = Text(
        "x", segments=(Segment("aaaa", 0, 1, confidence=1.0), Segment("b", 1, 2, confidence=0.5), Segment("cc", 2, 3))
    )
    assert text.confidence == pytest.approx(0.9)
    assert Text("x", regions=(Region("ab", (0, 0, 1, 1), 0.25),)).confidence == 0.25
    assert Text("x").confidence is None


def test_a_shift_moves_words_too():
    moved = Segment("a", 1.0, 2.0, (Word("a", 1.25, 1.5),)).shifted(10.0)
    assert (moved.start_s, moved.end_s, moved.words[0].start_s) == (11.0, 12.0, 11.25)


def test_joined_texts_keep_segments_regions_language_and_origin():
    one = Text("a", None, (Segment("a", 0, 1),), origin=(Step(engine="e"),))
    two = Text("b", "zh", regions=(Region("b", (0, 0, 1, 1), 1.0),))
    whole = Text.join([one, two])
    assert (whole.text, whole.language, whole.timed, len(whole.regions), len(whole.origin)) == ("ab", "zh", True, 1, 1)


def test_the_digest_counts_the_times():
    assert Text("a", segments=(Segment("a", 0, 1),)).digest() != Text("a", segments=(Segment("a", 0, 2),)).digest()

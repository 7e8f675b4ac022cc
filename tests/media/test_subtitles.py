"""Subtitles: read as players read them, written so that they can be read."""

from dataclasses import replace

import pytest

from vivavoce.errors import CorruptMedia
from vivavoce.media.subtitles import clock, cues, from_json, read_subtitles, to_json, to_srt, to_tsv, to_vtt
from vivavoce.media.text import Segment, Text, Word

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello,
<i>world</i>

2
00:00:03,000 --> 00:00:04,000
{\\an8}42

"""
VTT = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE a remark

intro
00:01.000 --> 00:02.500 align:start position:0%
<v.loud Ann Lee>Hello, &lt;b&gt; <c.x>world</c>&amp;</v>

01:00:03.000 --> 01:00:04.000
<00:00:03.500>two
lines
"""


def test_subrip_is_read():
    text = read_subtitles(SRT, "srt")
    assert text.segments == (Segment("Hello, world", 1.0, 2.5), Segment("42", 3.0, 4.0))
    assert text.text == "Hello, world 42"


def test_webvtt_is_read():
    text = read_subtitles(VTT, "vtt")
    assert text.segments == (
        Segment("Hello, <b> world&", 1.0, 2.5, speaker="Ann Lee"),
        Segment("two lines", 3603.0, 3604.0),
    )


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("1\n00:00:01.5 --> 00:00:02.0\nhi", "hi"),
        ("0:00:01,000-->0:00:02,000\nhi", "hi"),
        ("\n\n  1  \n 00:00:01,000 --> 00:00:02,000  X1:40 X2:600\nhi\nthere", "hi there"),
        ("1\n00:00:01,000 --> 00:00:02,000\n你好，\n世界", "你好，世界"),
        ("1\n00:00:01,000 --> 00:00:02,000\none\n\ntwo", "one two"),
        ("1\n00:00:01,000 --> 00:00:02,000\n5 < 6 & {laughs} <smile>", "5 < 6 & {laughs} <smile>"),
        ("1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n", "42"),
    ],
)
def test_unusual_subrip_loses_no_words(cue, text):
    assert read_subtitles(cue, "srt").text == text


def test_cues_out_of_order_are_sorted_and_never_end_before_they_begin():
    text = read_subtitles("00:00:05,000 --> 00:00:04,000\nb\n\n00:00:01,000 --> 00:00:02,000\na", "srt")
    assert [(s.text, s.start_s, s.end_s) for s in text.segments] == [("a", 1.0, 2.0), ("b", 5.0, 5.0)]


@pytest.mark.parametrize(
    "words", ["a < b & c --> d", "line\n\nbreak", "42", "<i>", "&amp;", "-->", "{x}", "  spaced  out ", "\u2028x"]
)
def test_webvtt_keeps_any_words(words):
    text = Text.from_segments([Segment(words, 1.0, 2.0), Segment("end", 3.0, 4.0)])
    assert [s.text for s in read_subtitles(to_vtt(text), "vtt").segments] == [" ".join(words.split()), "end"]


def test_a_short_cue_stays_up_for_a_second_unless_another_follows():
    text = Text.from_segments([Segment("a", 0.0, 0.2), Segment("b", 0.5, 0.6)])
    assert "00:00:00,000 --> 00:00:00,500" in to_srt(text)
    assert "00:00:00,500 --> 00:00:01,500" in to_srt(text)


def test_long_segments_are_cut_at_words_and_pauses_and_lose_none():
    words = tuple(
        Word(f"word{n}", n * 0.3 + (5 if n > 30 else 0), n * 0.3 + 0.2 + (5 if n > 30 else 0)) for n in range(60)
    )
    segment = Segment(" ".join(w.text for w in words), 0.0, 25.0, words)
    cut = cues(Text.from_segments([segment], "en"))
    assert " ".join(c.text for c in cut) == segment.text
    assert max(len(c.text) for c in cut) <= 84
    assert any(c.words[-1].text == "word30" for c in cut)
    assert all(a.end_s <= b.start_s for a, b in zip(cut, cut[1:], strict=False))


def test_words_without_letters_do_not_make_it_slow():
    words = tuple(Word("", n / 10, n / 10) for n in range(100_000))
    assert [c.text for c in cues(Text.from_segments([Segment("all", 0.0, 1.0, words)], "zh"))] == ["all"]


def test_tab_separated_values_have_the_columns_of_whisper():
    text = Text.from_segments([Segment("a\tb\nc", 0.5, 1.25)])
    assert to_tsv(text) == "start\tend\ttext\n500\t1250\ta b c\n"


def test_json_keeps_speaker_confidence_and_words():
    text = Text(
        "hi", "en", (Segment("hi", 0.5, 1.0, (Word("hi", 0.5, 1.0, 0.5), Word("there", 1.0, 1.5)), 0.75, "Ann"),)
    )
    import json

    assert from_json(json.loads(to_json(text))) == text


def test_no_cue_at_all_is_an_error():
    for form in ("srt", "vtt"):
        with pytest.raises(CorruptMedia, match="holds no cue"):
            read_subtitles("WEBVTT\n\nhello", form)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00:00.000"),
        (3661.0015, "01:01:01.002"),
        (360_000, "100:00:00.000"),
        (-1, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
    ],
)
def test_clock_rounds_to_the_millisecond(seconds, text):
    assert clock(seconds) == text


def test_cues_keep_the_marks_that_words_lack():
    words = tuple(Word(text, n / 2, n / 2 + 0.4) for n, text in enumerate("Good morning How are you".split()))
    text = Text.from_segments([Segment("Good morning! How are you?", 0.0, 2.5, words)], "en")
    assert [cue.text for cue in cues(text)] == ["Good morning! How are you?"]
    later = tuple(replace(word, start_s=word.start_s + 5, end_s=word.end_s + 5) for word in words[2:])
    apart = replace(text.segments[0], words=(*words[:2], *later))
    assert [cue.text for cue in cues(Text.from_segments([apart], "en"))] == ["Good morning!", "How are you?"]


def test_words_that_are_not_in_the_text_are_joined_as_they_are():
    words = (Word("gut", 0.0, 0.4), Word("morgen", 0.5, 0.9))
    text = Text.from_segments([Segment("Good morning!", 0.0, 1.0, words)], "en")
    assert [cue.text for cue in cues(text)] == ["gut morgen"]


def test_cues_keep_the_marks_of_chinese():
    words = tuple(Word(text, n, n + 0.9) for n, text in enumerate(["你好", "世界"]))
    text = Text.from_segments([Segment("你好，世界。", 0.0, 2.0, words)], "zh")
    assert [cue.text for cue in cues(text)] == ["你好，世界。"]

"""Text files: the right encoding, and the right kind of text."""

import time

import pytest

from media.makers import CHINESE, TRANSCRIPT, content_of
from vivavoce.errors import CorruptMedia, EmptyInput, InputError, OutputError, UnsupportedFormat
from vivavoce.media.gateway import open_value, save
from vivavoce.media.limits import DEFAULT_LIMITS
from vivavoce.media.table import Table
from vivavoce.media.text import Segment, Text
from vivavoce.media.text_files import decode, read_text

SIMPLIFIED = "春天来了，公园里的花都开了。我们去散步吧！"
TRADITIONAL = "春天來了，公園裡的花都開了。我們去散步吧！"
FRENCH = "Où êtes-vous ? Le café est déjà fermé à cette heure."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *(
            (text, encoding)
            for text in (SIMPLIFIED, TRADITIONAL, FRENCH, "plain", "🎤 voilà")
            for encoding in (
                "utf-8",
                "utf-8-sig",
                "utf-16",
                "utf-32",
                "gb18030" if text in (SIMPLIFIED, "plain") else "utf-8",
            )
        ),
        (SIMPLIFIED, "gbk"),
        ("你好世界", "gb18030"),
        ("我们", "gb2312"),
        (TRADITIONAL, "big5"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        ("Schöne Grüße aus München", "latin-1"),
        ("El niño comió piña mañana", "latin-1"),
        ("こんにちは、世界。今日はいい天気ですね。", "shift_jis"),
        ("안녕하세요 여러분 오늘은 날씨가 좋습니다", "euc_kr"),
        ("Привет, мир. Сегодня хорошая погода.", "cp1251"),
    ],
)
def test_common_encodings_are_recognised(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_utf16_mark_is_honoured_in_either_order(mark, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(("\ufeff" + SIMPLIFIED).encode(mark))
    assert open_value(path).text == SIMPLIFIED


def test_a_wide_character_in_two_halves_is_joined():
    assert decode(b"a\xed\xa0\xbd\xed\xb8\x80b") == "a😀b"


def test_line_ends_become_one_kind():
    assert decode(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_control_characters_and_zeros_are_no_text():
    for content in (b"a\0b", b"\x01\x02\x03\x04" * 50, b"\x7f" * 100):
        with pytest.raises(UnsupportedFormat, match="neither text nor a known format"):
            decode(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Hello, world, again\nHello, world, again"),
        ("a.md", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("a", "Dear Sir, I write to you, at last.\nYours, truly, me, I hope."),
        ("a", "[link](http://x) and { braces }"),
        ("a", "{}"),
        ("a", "[1]"),
        ("a", "MZ is a record label"),
        ("a", "BM was here, and ID3 tags, PK, too"),
        ("a", "BMW,12\nFiat,13 and a half, no, four"),
        ("a", "WEBVT"),
        ("a", "1\n2\n3"),
    ],
)
def test_prose_stays_prose(name, content):
    value = read_text(content.encode(), name, DEFAULT_LIMITS)
    assert isinstance(value, Text)
    assert value.text == content
    assert not value.segments


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "a\n1"),
        ("a", "name,price\ntea,1.5\ncoffee,2"),
        ("a", "名称;价格\n茶;1.5\n咖啡;2"),
        ("a", "name\tprice\ntea\t1.5"),
        ("a", "name|price\ntea|1.5"),
        ("a", '[{"name": "tea", "price": 1.5}]'),
        ("a.json", '{"name": ["tea"], "price": [1.5]}'),
    ],
)
def test_tables_are_tables(name, content):
    value = read_text(content.encode(), name, DEFAULT_LIMITS)
    assert isinstance(value, Table)
    assert value.rows


@pytest.mark.parametrize("suffix", ["srt", "vtt", "json"])
@pytest.mark.parametrize("transcript", [TRANSCRIPT, CHINESE])
def test_transcripts_come_back(suffix, transcript, tmp_path):
    after = open_value(content_of(transcript, suffix, tmp_path))
    assert [(s.text, s.start_s) for s in after.segments] == [(s.text, s.start_s) for s in transcript.segments]
    if suffix == "json":
        assert after == Text(transcript.text, transcript.language, transcript.segments)


def test_plain_text_comes_back(tmp_path):
    for suffix in ("txt", "md"):
        assert open_value(save(Text("# 标题\n\nHello"), tmp_path / f"a.{suffix}")).text == "# 标题\n\nHello"
    assert open_value(save(Text("hello", "en"), tmp_path / "a.json")).language == "en"


WHISPER = """{"text": " Hello there. General!", "language": "en", "segments": [
{"id": 0, "seek": 0, "start": 0.0, "end": 1.5, "text": " Hello there.", "tokens": [50364], "temperature": 0.0,
"avg_logprob": -0.105, "compression_ratio": 1.2, "no_speech_prob": 0.01,
"words": [{"word": " Hello", "start": 0.0, "end": 0.6, "probability": 0.95},
{"word": " there.", "start": 0.6, "end": 1.5, "probability": 0.85}]},
{"id": 1, "start": 1.5, "end": 2.0, "text": " General!"}]}"""


def test_the_json_of_whisper_is_read():
    text = open_value(WHISPER.encode())
    assert (text.text, text.language) == ("Hello there. General!", "en")
    first, second = text.segments
    assert (first.text, first.start_s, first.end_s, second.text) == ("Hello there.", 0.0, 1.5, "General!")
    assert first.confidence == pytest.approx(0.9, abs=0.001)
    assert [(w.text, w.end_s, w.confidence) for w in first.words] == [("Hello", 0.6, 0.95), ("there.", 1.5, 0.85)]
    assert second.confidence is None


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "a", "segments": [{"start": 0}]}',
        '{"text": "a", "segments": [{"start": "x", "end": 1, "text": "a"}]}',
        '{"text": "a", "segments": [{"start": NaN, "end": 1, "text": "a"}]}',
        '{"text": "a", "segments": [{"start": -1, "end": 1, "text": "a"}]}',
        '{"text": "a", "segments": [{"start": 0, "end": 1e400, "text": "a"}]}',
        '{"text": "a", "segments": 5}',
        '{"text": "a", "segments": ["b"]}',
        '{"text": "a", "segments": {"b": 1}}',
        '{"text": "a", "segments": [{"start": 0, "end": 1, "text": "a", "words": [{"word": "a"}]}]}',
    ],
)
def test_a_transcript_with_wrong_fields_says_which(content):
    with pytest.raises(CorruptMedia, match="this JSON is no transcript"):
        open_value(content.encode())


def test_json_that_is_neither_transcript_nor_table(tmp_path):
    path = tmp_path / "a.json"
    for content, error in (
        ("{]", CorruptMedia),
        ('{"a": 1}', UnsupportedFormat),
        ("[1, 2]", UnsupportedFormat),
        ("[" * 100_000, CorruptMedia),
        ("1" * 10_000, CorruptMedia),
    ):
        path.write_text(content)
        with pytest.raises(error):
            open_value(path)


def test_a_subtitle_file_without_a_cue_is_damaged(tmp_path):
    for suffix in ("srt", "vtt"):
        path = tmp_path / f"a.{suffix}"
        path.write_text("this is no subtitle")
        with pytest.raises(CorruptMedia, match="holds no cue with times"):
            open_value(path)
        path.write_text("1\n00:00:01,000 --> 00:00:02,000\n\n")
        with pytest.raises(EmptyInput, match="hold no text"):
            open_value(path)


def test_lone_surrogates_are_refused_wherever_they_hide():
    for make in (
        lambda: Text("a\ud800"),
        lambda: Text("a", segments=(Segment("\udfff", 0, 1),)),
        lambda: Table(("a",), (("\ud800",),)),
        lambda: Table(("\ud800",), ()),
    ):
        with pytest.raises(InputError, match="lone surrogate"):
            make()


def test_subtitles_need_times(tmp_path):
    with pytest.raises(OutputError, match=r"can't be written as \.srt; write \.txt, or transcribe"):
        save(Text("hi"), tmp_path / "a.srt")


@pytest.mark.parametrize(
    "unit",
    [
        b",",
        b"<",
        b"{",
        b"[",
        b'"',
        b"\n",
        b" ",
        b"1",
        b"-->",
        b"&",
        b"a,b\n",
        b"\xff",
        b"\xc4\xe3",
        b"\xe9 ",
        b'{"a":',
        b"00:00:00,000 --> ",
        b"a\r",
    ],
)
@pytest.mark.parametrize("name", ["a", "a.csv", "a.srt", "a.vtt", "a.json"])
def test_a_megabyte_of_anything_is_settled_quickly(unit, name):
    content = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    begun = time.process_time()
    try:
        read_text(content, name, DEFAULT_LIMITS)
    except InputError:
        pass
    assert time.process_time() - begun < 2

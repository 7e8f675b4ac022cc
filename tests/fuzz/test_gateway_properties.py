"""Whatever comes in, the gateway returns a value or raises one of our own errors, soon."""

import csv
import functools
import io
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.makers import TRAIL, TRANSCRIPT, film, melody, picture, wav, xlsx
from vivavoce.errors import VivavoceError
from vivavoce.media import completeness, subtitles, table_files, text_files
from vivavoce.media.formats import sniff
from vivavoce.media.gateway import open_value, save
from vivavoce.media.limits import Limits
from vivavoce.media.origin import Step, from_json, to_json
from vivavoce.media.table import parse_number, unique_names
from vivavoce.media.text import Segment, Text
from vivavoce.media.video import Video

LIMITS = Limits(max_pixels=1_000_000, max_samples=4_000_000, max_frames=200, max_cells=10_000, max_characters=100_000)
BOUNDED = settings(max_examples=60, deadline=5_000, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = settings(BOUNDED, max_examples=300)
TEXTS = st.text(max_size=300)
MARKED_TEXTS = st.lists(
    st.sampled_from(
        [
            "\n",
            "1",
            "00:00:01,000",
            " --> ",
            "00:00:02.500",
            "WEBVTT",
            "<i>",
            "{",
            "[",
            ",",
            '"',
            "\t",
            ";",
            "你",
            "&lt;",
            "NaN",
            ":",
        ]
    )
    | st.text(max_size=4),
    max_size=60,
).map("".join)

SAMPLES = {
    **dict.fromkeys(("wav", "flac", "mp3", "ogg", "m4a", "weba"), lambda: melody(0.4, 8_000, origin=TRAIL)),
    **dict.fromkeys(("mp4", "webm", "mkv"), lambda: film(6, audio=melody(0.3), subtitles=TRANSCRIPT, origin=TRAIL)),
    **dict.fromkeys(("png", "jpg", "webp", "gif", "bmp", "tiff"), lambda: picture(24, 16)),
    **dict.fromkeys(("srt", "vtt", "json"), lambda: TRANSCRIPT),
}


@functools.cache
def sample(suffix):
    if suffix == "xlsx":
        return xlsx("".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 9)), shared=["x"])
    with tempfile.TemporaryDirectory() as folder:
        return save(SAMPLES[suffix](), Path(folder) / f"a.{suffix}").read_bytes()


def opens_or_says_why(content):
    try:
        value = open_value(content, limits=LIMITS)
        if isinstance(value, Video):
            for _ in value.source.frames():
                pass
            list(value.source.frames_at([0.0, 0.1, 5.0]))
            value.source.sound(16_000, mono=True)
    except VivavoceError as error:
        assert str(error)
        assert "\n" not in str(error)


@MANY
@given(st.binary(max_size=400))
def test_random_bytes(content):
    opens_or_says_why(content)


HEADS = [
    b"fLaC\0\0\0\x22",
    b"OggS\0",
    b"ID3\x04\0\0\0\0\0\0",
    b"\xff\xfb\x90\x64",
    b"\x1a\x45\xdf\xa3",
    b"\0\0\0\x18ftypmp42",
    b"RIFF\xff\0\0\0WAVEfmt ",
    b"RIFF\xff\0\0\0AVI LIST",
    b"RIFF\xff\0\0\0WEBPVP8 ",
    b"\0\0\x01\xba",
    b"\xff\xf1\x50\x80",
    b"FORM\0\0\1\0AIFFCOMM",
    b"PK\x03\x04",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
]


@MANY
@given(st.sampled_from(HEADS), st.binary(max_size=600))
def test_random_bytes_behind_a_real_head(head, content):
    opens_or_says_why(head + content)


@pytest.mark.parametrize("suffix", [*SAMPLES, "xlsx"])
@BOUNDED
@given(data=st.data())
def test_real_files_with_some_bytes_changed(suffix, data):
    content = bytearray(sample(suffix))
    changes = data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=12)
    )
    for at, byte in changes:
        content[at] = byte
    opens_or_says_why(bytes(content))


@pytest.mark.parametrize("suffix", [*SAMPLES, "xlsx"])
@settings(BOUNDED, max_examples=25)
@given(data=st.data())
def test_real_files_with_a_stretch_cut_or_doubled(suffix, data):
    content = sample(suffix)
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    opens_or_says_why(content[:first] + content[second:])
    opens_or_says_why(content[:second] + content[first:])


@MANY
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**16 - 1),
    st.sampled_from([1, 3, 6, 7, 0xFFFE, 85]),
    st.integers(0, 2**32 - 1),
)
def test_any_wav_header(rate_hz, channels, bits, kind, data_bytes):
    opens_or_says_why(wav(b"\x01\x80" * 2_000, rate_hz, channels, bits, kind, data_bytes))


@MANY
@given(st.binary(max_size=300))
def test_any_first_bytes_are_told_or_refused(head):
    try:
        assert sniff(head).family in ("av", "image", "mesh", "xlsx", "text")
    except VivavoceError:
        pass


@MANY
@given(st.sampled_from(sorted(completeness.MEASURES)), st.binary(max_size=300))
def test_lengths_are_read_from_anything(demuxer, content):
    for head in (b"", b"RIFF", b"OggS\0", b"ID3\x04\0\0", b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\0\0\0\x10ftyp"):
        try:
            completeness.check_whole(io.BytesIO(head + content), demuxer)
        except VivavoceError:
            pass


@MANY
@given(
    TEXTS | MARKED_TEXTS,
    st.sampled_from(["utf-8", "utf-16", "gb18030", "latin-1"]),
    st.sampled_from(["a", "a.txt", "a.csv", "a.srt", "a.vtt", "a.json"]),
)
def test_any_text_in_any_encoding_under_any_name(text, encoding, name):
    try:
        text_files.read_text(text.encode(encoding, "ignore"), name, LIMITS)
    except VivavoceError:
        pass


@MANY
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])))
def test_utf8_is_always_decoded_as_it_is(text):
    assert text_files.decode(text.encode()) == text.removeprefix("\ufeff")


@MANY
@given(TEXTS | MARKED_TEXTS)
def test_numbers_are_finite_or_none(text):
    number = parse_number(text)
    assert number is None or math.isfinite(number)


@MANY
@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_that_we_write_are_read(number):
    if len(str(number)) <= 64:
        assert parse_number(str(number)) == number


@MANY
@given(TEXTS | MARKED_TEXTS)
def test_any_text_may_be_read_as_a_table(text):
    table_files.looks_like_table(text)
    try:
        table = table_files.read_delimited(text, LIMITS)
    except VivavoceError:
        return
    assert len(set(table.columns)) == len(table.columns)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Nd"]), min_size=1, max_size=8)


@BOUNDED
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=6))
def test_three_columns_of_words_come_back_from_csv(rows):
    content = io.StringIO()
    csv.writer(content).writerows(rows)
    table = table_files.read_delimited(content.getvalue(), LIMITS)
    assert [[str(c).lower() for c in row] for row in table.rows] == [[c.lower() for c in row] for row in rows[1:]]


@MANY
@given(st.lists(TEXTS, max_size=10))
def test_names_of_columns_are_unique_and_not_empty(names):
    unique = unique_names(names)
    assert len(set(unique)) == len(unique) == len(names)
    assert all(unique)


TIMES = st.floats(0, 90_000).map(lambda seconds: round(seconds, 3))
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(lambda s: s.split())


@BOUNDED
@given(st.lists(st.tuples(LINES, TIMES), min_size=1, max_size=8))
def test_webvtt_and_json_give_back_every_word(spoken):
    spoken = sorted(spoken, key=lambda pair: pair[1])
    text = Text.from_segments([Segment(line, start_s, start_s + 1.0) for line, start_s in spoken])
    for again in (
        subtitles.read_subtitles(subtitles.to_vtt(text), "vtt"),
        text_files.read_text(subtitles.to_json(text).encode(), "a.json", LIMITS),
    ):
        assert ["".join(s.text.split()) for s in again.segments] == ["".join(line.split()) for line, _ in spoken]
        assert [s.start_s for s in again.segments] == pytest.approx([start_s for _, start_s in spoken], abs=0.002)


PLAIN_LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Nd"], exclude_characters="<>{}"), min_size=1
).filter(lambda s: s.split())


@BOUNDED
@given(st.lists(st.tuples(PLAIN_LINES, TIMES), min_size=1, max_size=8))
def test_subrip_gives_back_every_word_that_is_no_markup(spoken):
    spoken = sorted(spoken, key=lambda pair: pair[1])
    text = Text.from_segments([Segment(line, start_s, start_s + 1.0) for line, start_s in spoken])
    again = subtitles.read_subtitles(subtitles.to_srt(text), "srt")
    assert ["".join(s.text.split()) for s in again.segments] == ["".join(line.split()) for line, _ in spoken]


@MANY
@given(st.text(), st.dictionaries(st.text(), st.text()), st.floats(allow_nan=False), st.lists(st.text()))
def test_any_trail_comes_back(words, parameters, seconds, inputs):
    trail = (Step(engine=words, failure=words, parameters=parameters, seconds=seconds, inputs=tuple(inputs)),)
    again = from_json(to_json(trail))
    assert again == trail or seconds == 0.0

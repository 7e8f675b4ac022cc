"""Rows 7 to 9 of the threats: small files that unpack into much, and headers that lie about it."""

import io
import struct
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from media.makers import content_of, film, melody, opened_elsewhere, picture, png, wav, xlsx
from vivavoce.errors import CorruptMedia, TooLarge, VivavoceError
from vivavoce.media.gateway import look, open_value, save
from vivavoce.media.limits import DEFAULT_LIMITS, UPLOAD_LIMITS, Limits

SIDE = 65_535


def gif_header(side):
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", side, side, 0xF0, 0, 0)
        + b"\0" * 6
        + (b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x4c\x01\x00;")
    )


def bmp_header(side):
    return b"BM" + struct.pack("<IHHI", 1_000, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, *[0] * 6)


def webp_header(side):
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + (side - 1).to_bytes(3, "little") * 2
    body += b"ALPH" + struct.pack("<I", 2) + b"\0\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff_header(side):
    entries = [
        (256, 4, side),
        (257, 4, side),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (279, 4, 9),
    ]
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + table + struct.pack("<I", 0) + b"\0" * 99


def jpeg_header(side, folder):
    content = bytearray(content_of(picture(), "jpg", folder))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(content)


def bomb(kind, folder):
    makers = {"gif": gif_header, "bmp": bmp_header, "webp": webp_header, "tiff": tiff_header}
    if kind == "png":
        return png(SIDE, SIDE)
    return jpeg_header(SIDE, folder) if kind == "jpg" else makers[kind](SIDE)


@pytest.mark.parametrize("kind", ["png", "bmp", "gif", "webp", "tiff", "jpg"])
def test_a_picture_header_of_four_gigapixels_is_refused_without_memory(kind, tmp_path):
    path = tmp_path / f"bomb.{kind}"
    path.write_bytes(bomb(kind, tmp_path))
    with pytest.raises(TooLarge):
        open_value(path)
    outcome, growth_mb = opened_elsewhere(path, save(picture(), tmp_path / f"harmless.{kind}"))
    assert outcome == "TooLarge"
    assert growth_mb < 50


def silence(path, muxer, codec, layout, seconds, options=None):
    """Write silence, which packs best; a second's frame is encoded again and again."""
    with av.open(str(path), "w", muxer) as container:
        stream = container.add_stream(codec, rate=48_000, layout=layout, options=options or {})
        channels = stream.layout.nb_channels
        for second in range(seconds):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000 * channels), np.int16), format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = 48_000, second * 48_000, Fraction(1, 48_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("muxer", "codec", "layout", "seconds"),
    [
        pytest.param("flac", "flac", "7.1", 600, marks=pytest.mark.slow),  # 921 MB as float32
        pytest.param("ogg", "libopus", "mono", 3_590, marks=pytest.mark.slow),  # 689 MB as float32
    ],
)
def test_a_sound_bomb_is_refused_with_little_memory(muxer, codec, layout, seconds, tmp_path):
    path = silence(tmp_path / "bomb", muxer, codec, layout, seconds)
    assert path.stat().st_size < 2_500_000
    outcome, growth_mb = opened_elsewhere(path, save(melody(0.5), tmp_path / "harmless.flac"))
    assert outcome == "TooLarge"
    assert growth_mb < 300


@pytest.mark.parametrize(("muxer", "codec", "layout"), [("flac", "flac", "7.1"), ("ogg", "libopus", "mono")])
def test_samples_are_counted_while_decoding(muxer, codec, layout, tmp_path):
    path = silence(tmp_path / "bomb", muxer, codec, layout, 10)
    assert open_value(path).duration_s == pytest.approx(10, abs=0.03)
    with pytest.raises(TooLarge, match="unpacks to more than 400,000 samples"):
        open_value(path, limits=replace(UPLOAD_LIMITS, max_samples=400_000))


def test_a_long_recording_at_a_low_rate_fits_where_the_whole_does_not(tmp_path):
    path = silence(tmp_path / "long", "flac", "flac", "stereo", 10)
    limits = replace(UPLOAD_LIMITS, max_samples=200_000)
    assert open_value(path, limits=limits, rate_hz=16_000, mono=True).duration_s == pytest.approx(10)


@pytest.mark.parametrize(
    ("rate_hz", "error"),
    [
        (655_350, TooLarge),
        (4_294_967_295, VivavoceError),
        (0, VivavoceError),
        (1, CorruptMedia),
        (3_999, CorruptMedia),
        (384_001, TooLarge),
    ],
)
def test_forged_sample_rates_are_refused(rate_hz, error):
    with pytest.raises(error):
        open_value(wav(b"\0" * 16_000, rate_hz=rate_hz, channels=8))


def test_a_forged_rate_in_a_flac_header_does_not_win_over_its_frames(tmp_path):
    content = bytearray(content_of(melody(0.5), "flac", tmp_path))
    content[18:21] = (655_350 << 4).to_bytes(3, "big")  # 20 bits of STREAMINFO hold the rate
    assert open_value(bytes(content)).rate_hz == 16_000


def test_forged_lengths_promise_nothing(tmp_path):
    content = bytearray(content_of(melody(0.5), "flac", tmp_path))
    content[22:26] = b"\xff\xff\xff\xff"  # 69 gigasamples
    with pytest.raises(VivavoceError, match="lasts|cut short"):
        open_value(bytes(content))


def test_bytes_are_limited_for_paths_bytes_and_streams(tmp_path):
    limits = Limits(max_bytes=1_000)
    path = save(melody(0.5), tmp_path / "a.wav")
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        with pytest.raises(TooLarge, match="over 1,000 bytes"):
            open_value(source, limits=limits)


def test_an_endless_stream_is_read_no_further_than_the_limit():
    class Endless:
        given = 0

        def read(self, size):
            self.given += size
            return b"a" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        open_value(stream, limits=Limits(max_bytes=3_000_000))
    assert stream.given == 3_000_001


def test_seconds_are_limited_in_sound_and_video(tmp_path):
    limits = Limits(max_duration_s=1.0)
    for path in (save(melody(2.0), tmp_path / "a.mp3"), save(film(50), tmp_path / "a.mp4")):
        with pytest.raises(TooLarge, match="lasts 2 s and the limit is 1 s"):
            open_value(path, limits=limits)


def test_frames_and_their_pixels_are_limited(tmp_path):
    path = save(film(20), tmp_path / "a.mp4")
    assert len(list(open_value(path).source.frames())) == 20
    with pytest.raises(TooLarge, match="more than 10 frames"):
        list(open_value(path, limits=Limits(max_frames=10)).source.frames())
    with pytest.raises(TooLarge, match="64 × 48 pixels"):
        open_value(path, limits=Limits(max_pixels=3_000))


@pytest.mark.parametrize("muxer", ["matroska", "mp4", "avi"])
def test_a_film_of_enormous_frames_is_refused_with_little_memory(muxer, tmp_path):
    path = tmp_path / "bomb"
    with av.open(str(path), "w", muxer) as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 12_288, 8_192, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(12_288, 8_192, "yuv420p")))
        container.mux(stream.encode(None))
    assert path.stat().st_size < 500_000
    outcome, growth_mb = opened_elsewhere(path, save(film(3), tmp_path / "harmless.mkv"))
    assert outcome == "TooLarge"
    assert growth_mb < 100


def test_pixels_of_a_picture_are_limited(tmp_path):
    path = save(picture(100, 50), tmp_path / "a.png")
    with pytest.raises(TooLarge, match="100 × 50 pixels is over the limit of 4,999"):
        open_value(path, limits=Limits(max_pixels=4_999))


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n" + b"1,2\n" * 100,
        b"a,b\n" + b"1\n" * 10 + b"1," * 60 + b"\n",  # a wide row makes all of them wide
        b"[" + b",".join(b'{"k%d": 1}' % n for n in range(20)) + b"]",  # each row brings a column
        b'{"a": [' + b"1," * 99 + b'1], "b": [' + b"1," * 99 + b"1]}",
        b"[[1], " + b"[" + b"1," * 99 + b"1]]",
        xlsx("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="B{n}"><v>2</v></c></row>' for n in range(1, 80))),
        xlsx('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'),
        xlsx("<row>" + "<c><v>1</v></c>" * 60 + "</row>" + "<row><c><v>1</v></c></row>" * 3),
    ],
)
def test_cells_are_limited_gaps_included(content, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    open_value(path)
    with pytest.raises(TooLarge, match="cells and the limit is 100"):
        open_value(path, limits=Limits(max_cells=100))


def test_characters_are_limited():
    limits = Limits(max_characters=100)
    assert open_value(b"a " * 50, limits=limits).text
    for content in (b"a " * 60, "你".encode() * 101, b"a " * 1_000):
        with pytest.raises(TooLarge, match="limit"):
            open_value(content, limits=limits)


def test_a_text_repeated_through_a_workbook_counts_each_time():
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 200))
    book = xlsx(cells, shared=["x" * 30_000])
    assert len(book) < 20_000
    with pytest.raises(TooLarge, match="over 2,000,000 characters"):
        open_value(book, limits=UPLOAD_LIMITS)


def test_a_workbook_that_unpacks_to_much_is_refused():
    book = xlsx("<row>" + " " * 30_000_000 + "</row>")
    assert len(book) < 200_000
    with pytest.raises(TooLarge, match="unpacks to over"):
        open_value(book, limits=replace(UPLOAD_LIMITS, max_cells=100_000))


def test_the_default_limits_let_two_hours_of_speech_through():
    assert DEFAULT_LIMITS.max_samples > 2 * 3600 * 48_000
    assert DEFAULT_LIMITS.max_duration_s >= 2 * 3600


def test_looking_decodes_nothing(tmp_path):
    path = silence(tmp_path / "long", "flac", "flac", "stereo", 10)
    assert look(path, limits=replace(UPLOAD_LIMITS, max_samples=1)).duration_s == pytest.approx(10)

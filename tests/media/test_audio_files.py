"""Sound: what is written comes back, whatever the format, the rate, the depth and the layout."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from media.makers import TRAIL, content_of, melody, similarity, wav
from vivavoce.errors import CorruptMedia, EmptyInput, InputError, OutputError, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.formats import AUDIO_FORMATS
from vivavoce.media.gateway import open_value, save

RATES_HZ = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000)


@pytest.mark.parametrize("suffix", AUDIO_FORMATS)
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_every_format_keeps_length_and_sound_at_every_rate(suffix, rate_hz, tmp_path):
    before = melody(0.7, rate_hz)
    after = open_value(save(before, tmp_path / f"a.{suffix}"))
    likeness, shift_s = similarity(before, after)
    assert after.duration_s == pytest.approx(before.duration_s, abs=0.001)
    assert likeness > 0.97
    assert abs(shift_s) < 0.002
    if suffix in ("wav", "flac"):
        assert after.rate_hz == rate_hz
        assert np.abs(after.samples - before.samples).max() < 2**-14


@pytest.mark.parametrize("suffix", AUDIO_FORMATS)
def test_stereo_stays_stereo(suffix, tmp_path):
    before = melody(0.7, 48_000, channels=2)
    after = open_value(save(before, tmp_path / f"a.{suffix}"))
    assert after.channels == 2
    for side in range(2):
        ours, theirs = (Audio(x.samples[:, side], 48_000) for x in (before, after))
        assert similarity(ours, theirs)[0] > 0.97


@pytest.mark.parametrize("suffix", AUDIO_FORMATS)
def test_origin_comes_back(suffix, tmp_path):
    assert open_value(save(melody(0.3, origin=TRAIL), tmp_path / f"a.{suffix}")).origin == TRAIL


@pytest.mark.parametrize(
    ("bits", "kind", "dtype"), [(8, 1, "u1"), (16, 1, "<i2"), (32, 1, "<i4"), (32, 3, "<f4"), (64, 3, "<f8")]
)
def test_wav_of_every_depth_has_the_same_samples(bits, kind, dtype):
    wanted = melody(0.2, 8_000).samples[:, 0]
    top = {1: 2 ** (bits - 1), 3: 1}[kind]
    stored = np.round(wanted * top) + (128 if bits == 8 else 0) if kind == 1 else wanted
    value = open_value(wav(stored.astype(dtype).tobytes(), bits=bits, kind=kind))
    assert np.abs(value.samples[:, 0] - wanted).max() <= 1.01 / min(top if kind == 1 else 2**23, 2**23)


def test_wav_of_24_bits_has_the_same_samples():
    wanted = melody(0.2, 8_000).samples[:, 0]
    stored = np.round(wanted * 2**23).astype("<i4").view("u1").reshape(-1, 4)[:, :3]
    value = open_value(wav(stored.tobytes(), bits=24))
    assert np.abs(value.samples[:, 0] - wanted).max() < 2**-22


def test_surround_is_mixed_so_that_the_centre_is_on_both_sides_and_nothing_clips():
    frames = np.zeros((4_000, 6), "<i2")
    frames[:, 2] = 32_000  # FL FR FC LFE BL BR
    centre = open_value(wav(frames.tobytes(), channels=6))
    assert centre.channels == 2
    assert centre.samples[100, 0] == centre.samples[100, 1] > 0.2
    frames[:] = 32_767
    assert np.abs(open_value(wav(frames.tobytes(), channels=6)).samples).max() <= 1.0
    frames[:] = 0
    frames[:, 0] = 32_000
    left = open_value(wav(frames.tobytes(), channels=6)).samples
    assert left[100, 0] > 0.3
    assert left[100, 1] == 0


@pytest.mark.parametrize("channels", [3, 4, 7, 8, 16])
def test_any_number_of_channels_opens(channels):
    value = open_value(wav(b"\x00\x10" * 800 * channels, channels=channels))
    assert value.channels == 2
    assert value.samples[100] == pytest.approx(0.125, abs=1e-3)


@pytest.mark.parametrize(("codec", "muxer"), [("libopus", "ogg"), ("aac", "ipod"), ("flac", "flac")])
def test_eight_channels_of_any_codec_open(codec, muxer, tmp_path):
    path = tmp_path / "surround"
    with av.open(str(path), "w", muxer) as container:
        stream = container.add_stream(codec, rate=48_000, layout="7.1")
        for number in range(20):
            tone = 0.3 * np.sin(np.arange(4_800 * 8) // 8 * 0.05).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="flt", layout="7.1")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 4_800, Fraction(1, 48_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    value = open_value(path)
    assert value.channels == 2
    assert value.duration_s == pytest.approx(2.0, abs=0.03)
    assert 0.2 < np.abs(value.samples).max() < 0.5


@pytest.mark.parametrize("to_hz", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("mono", [True, False])
def test_resampling_while_decoding_equals_resampling_after(to_hz, mono, tmp_path):
    path = save(melody(1.3, 22_050, channels=2), tmp_path / "a.flac")
    on_the_way = open_value(path, rate_hz=to_hz, mono=mono)
    after = open_value(path)
    after = (after.mono() if mono else after).resampled(to_hz)
    assert on_the_way.samples.shape == after.samples.shape
    assert np.abs(on_the_way.samples - after.samples).max() < 1e-3


def test_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path):
    loud = Audio(np.full(8_000, 3.0, np.float32), 8_000)
    assert open_value(save(loud, tmp_path / "a.wav")).samples.min() > 0.99


def test_more_than_two_channels_are_written_as_their_mean(tmp_path):
    samples = np.stack([np.full(4_000, level, np.float32) for level in (0.0, 0.3, 0.6)], axis=1)
    value = open_value(save(Audio(samples, 8_000), tmp_path / "a.wav"))
    assert value.channels == 1
    assert value.samples[100, 0] == pytest.approx(0.3, abs=1e-3)


def test_no_samples_at_all_are_an_error_both_ways(tmp_path):
    with pytest.raises(EmptyInput, match="no samples"):
        open_value(wav(b""))
    with pytest.raises(EmptyInput, match="no samples"):
        save(Audio(np.zeros((0, 1), np.float32), 8_000), tmp_path / "a.wav")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(value):
    samples = np.zeros(800, "<f4")
    samples[5] = value
    with pytest.raises(CorruptMedia, match="1 of 800 samples are NaN or infinite"):
        open_value(wav(samples.tobytes(), bits=32, kind=3))


def test_doubles_beyond_single_precision_are_refused():
    samples = np.full(800, 1e300, "<f8")
    with pytest.raises(CorruptMedia, match="800 of 800 samples are NaN or infinite"):
        open_value(wav(samples.tobytes(), bits=64, kind=3))


def test_huge_but_finite_samples_are_kept():
    samples = np.full(800, 3e38, "<f4")
    assert open_value(wav(samples.tobytes(), bits=32, kind=3)).samples.max() == np.float32(3e38)


def test_a_wav_of_unknown_length_from_a_pipe_opens():
    streamed = bytearray(wav(b"\0\x10" * 800))
    streamed[4:8] = b"\xff" * 4
    streamed[40:44] = b"\xff" * 4
    assert len(open_value(bytes(streamed)).samples) == 800


def test_a_second_logical_stream_in_an_ogg_file_is_read_too(tmp_path):
    first, second = (content_of(melody(seconds), "ogg", tmp_path) for seconds in (0.5, 0.7))
    assert open_value(first + second).duration_s == pytest.approx(1.2, abs=0.03)


def test_a_gap_in_the_clock_is_filled_with_silence(tmp_path):
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w", "matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8_000, layout="mono")
        for start in (0, 16_000):  # a second of sound, a second of nothing, a second of sound
            frame = av.AudioFrame.from_ndarray(np.full((1, 8_000), 8_192, np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8_000, start, Fraction(1, 8_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    value = open_value(path)
    assert value.duration_s == pytest.approx(3.0, abs=0.01)
    assert np.abs(value.samples[9_000:15_000]).max() == 0
    assert value.samples[20_000, 0] == pytest.approx(0.25)


def test_damaged_packets_in_the_middle_keep_the_rest_in_time(tmp_path):
    content = bytearray(content_of(melody(10.0), "mp3", tmp_path))
    middle = len(content) // 2
    content[middle : middle + 600] = b"\x55" * 600
    value = open_value(bytes(content))
    assert value.duration_s == pytest.approx(10.0, abs=0.2)


def test_much_damage_is_an_error(tmp_path):
    content = bytearray(content_of(melody(4.0), "flac", tmp_path))
    for at in range(len(content) // 4, len(content), 400):
        content[at : at + 80] = b"\x55" * 80
    with pytest.raises(CorruptMedia, match="damaged|cut short"):
        open_value(bytes(content))


@pytest.mark.parametrize("rate_hz", [0, -1, 100, 10_000_000])
def test_an_impossible_rate_to_resample_to_is_refused(rate_hz):
    with pytest.raises(UsageError, match="choose a rate"):
        open_value(wav(), rate_hz=rate_hz)


def test_a_very_long_wav_gets_a_header_that_can_say_so(tmp_path):
    path = save(melody(0.1), tmp_path / "a.wav")
    assert struct.unpack("<I", path.read_bytes()[4:8])[0] == path.stat().st_size - 8


@pytest.mark.parametrize("shape", [(2, 3, 4), (10, 0)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(InputError, match="frames, channels"):
        Audio(np.zeros(shape, np.float32), 8_000)


def test_subtitles_cannot_be_asked_of_sound(tmp_path):
    with pytest.raises(UsageError, match="can't be written as a.srt"):
        save(melody(0.1), tmp_path / "a.srt")
    with pytest.raises(OutputError, match="does not exist"):
        save(melody(0.1), tmp_path / "nowhere" / "a.wav")

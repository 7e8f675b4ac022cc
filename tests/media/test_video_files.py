"""Videos read from files: lazy, in time, upright, with their sound and subtitles."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from media.makers import CHINESE, TRAIL, TRANSCRIPT, content_of, film, level, melody, picture, similarity
from vivavoce.errors import EmptyInput, InputError, UnsupportedFormat
from vivavoce.media.formats import VIDEO_FORMATS
from vivavoce.media.gateway import open_value, save
from vivavoce.media.limits import DEFAULT_LIMITS
from vivavoce.media.video import Video


def grey(frame):
    return float(frame.pixels.mean())


def written(path, codec, muxer, frames, rate=25, sound=None, turn=None, ratio=None, times=None, options=None):
    """Write a video with PyAV itself; `sound` is (first sample, samples)."""
    with av.open(str(path), "w", muxer) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if turn is not None:
            stream.set_display_matrix(turn)
        if ratio is not None:
            stream.codec_context.sample_aspect_ratio = ratio
        track = container.add_stream("aac", rate=16_000, layout="mono") if sound else None
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round((times[number] if times else number / rate) * 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if track is not None:
            first, samples = sound
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16_000, first, Fraction(1, 16_000)
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return path


def plain(number, width=64, height=48):
    return np.full((height, width, 3), level(number), np.uint8)


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize("audible", [True, False])
def test_frames_come_in_order_and_in_time(suffix, audible, tmp_path):
    before = film(40, audio=melody(1.6) if audible else None)
    video = open_value(save(before, tmp_path / f"a.{suffix}"))
    assert video.duration_s == pytest.approx(1.6, abs=0.07)  # AAC pads its last frame
    frames = list(video.source.frames())
    assert len(frames) == 40
    assert [f.time_s for f in frames] == pytest.approx([n / 25 for n in range(40)], abs=0.002)
    assert np.abs(np.array([grey(f) for f in frames]) - [level(n) for n in range(40)]).max() < 3


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_frames_at_gives_what_is_shown_then(suffix, tmp_path):
    video = open_value(save(film(90, fps=10), tmp_path / f"a.{suffix}"))
    times_s = [0.0, 0.05, 0.1, 0.19, 1.0, 1.001, 4.55, 8.9, 20.0]
    shown = [0, 0, 1, 1, 10, 10, 45, 89, 89]
    frames = list(video.source.frames_at(times_s))
    assert [round(f.time_s * 10) for f in frames] == shown
    assert np.abs(np.array([grey(f) for f in frames]) - [level(n) for n in shown]).max() < 3


@pytest.fixture
def counted(monkeypatch):
    """Return the list of the times of all frames that are decoded from now on."""
    from vivavoce.media import video_files

    times = []
    real = video_files.decoded

    def counting(container, stream):
        for frame in real(container, stream):
            times.append(frame.time)
            yield frame

    monkeypatch.setattr(video_files, "decoded", counting)
    return times


def test_frames_at_seeks_in_a_long_video_rather_than_decode_all(counted, tmp_path):
    video = open_value(save(film(3_000, fps=10), tmp_path / "a.mp4"))
    counted.clear()
    frames = list(video.source.frames_at([10.0, 150.0, 290.0]))
    assert [f.time_s for f in frames] == pytest.approx([10.0, 150.0, 290.0], abs=0.11)
    assert len(counted) < 900


@pytest.mark.parametrize("muxer", ["mp4", "matroska", "avi"])
def test_frames_at_does_not_begin_anew_for_each_time_where_there_is_one_key_frame(muxer, counted, tmp_path):
    path = written(tmp_path / "a", "libx264", muxer, [plain(n) for n in range(500)], options={"g": "9999"})
    video = open_value(path)
    counted.clear()
    frames = list(video.source.frames_at([2.5 * n for n in range(8)]))
    assert [f.time_s for f in frames] == pytest.approx([2.5 * n for n in range(8)], abs=0.09)
    assert len(counted) < 1_100


def test_a_broadcast_clock_that_does_not_start_at_zero_is_counted_from_the_start(tmp_path):
    times = [100 + n / 25 for n in range(25)]
    path = written(tmp_path / "a.mkv", "libx264", "matroska", [plain(n) for n in range(25)], times=times)
    video = open_value(path)
    assert [f.time_s for f in video.source.frames()] == pytest.approx([n / 25 for n in range(25)], abs=0.002)
    assert next(video.source.frames_at([0.5])).time_s == pytest.approx(0.48, abs=0.03)


def test_sound_that_begins_later_than_the_picture_keeps_its_time(tmp_path):
    tone = (0.5 * np.sin(np.arange(16_000) * 0.3)).astype(np.float32)
    path = written(tmp_path / "a.mp4", "libx264", "mp4", [plain(n) for n in range(75)], sound=(16_000, tone))
    sound = open_value(path).source.sound()
    loud = np.flatnonzero(np.abs(sound.samples[:, 0]) > 0.1)
    assert loud[0] / sound.rate_hz == pytest.approx(1.0, abs=0.08)
    assert loud[-1] / sound.rate_hz == pytest.approx(2.0, abs=0.08)


ONE = 1 << 16
MATRICES = {  # as cameras write them: clockwise by 0, 90, 180, 270 degrees
    0: (ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30),
    1: (0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30),
    2: (-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30),
    3: (0, -ONE, 0, ONE, 0, 0, 0, 0, 1 << 30),
}


@pytest.mark.parametrize("quarters", MATRICES)
def test_a_film_from_a_turned_camera_is_upright(quarters, tmp_path):
    upright = picture(96, 64).pixels
    stored = np.ascontiguousarray(np.rot90(upright, quarters))
    path = written(tmp_path / "a.mp4", "libx264", "mp4", [stored] * 5, turn=MATRICES[quarters])
    video = open_value(path)
    assert (video.width, video.height) == (96, 64)
    assert np.abs(next(video.source.frames()).pixels.astype(int) - upright).mean() < 12


def test_pixels_that_are_not_square_are_made_so(tmp_path):
    path = written(tmp_path / "a.mkv", "libx264", "matroska", [plain(n) for n in range(5)], ratio=Fraction(2))
    video = open_value(path)
    assert (video.width, video.height) == (128, 48)
    assert next(video.source.frames()).pixels.shape == (48, 128, 3)


@pytest.mark.parametrize(
    ("codec", "muxer"),
    [
        ("mpeg4", "avi"),
        ("mjpeg", "avi"),
        ("mpeg1video", "mpeg"),
        ("mpeg2video", "mpeg"),
        ("libx265", "mp4"),
        ("libvpx", "webm"),
        ("libsvtav1", "mp4"),
        ("libx264", "mov"),
    ],
)
def test_common_codecs_are_read(codec, muxer, tmp_path):
    if codec not in av.codecs_available:
        pytest.skip(f"this FFmpeg cannot write {codec}")
    path = written(tmp_path / "a", codec, muxer, [plain(n, 128, 96) for n in range(25)])
    video = open_value(path)
    frames = list(video.source.frames())
    assert len(frames) == 25
    assert np.abs(np.array([grey(f) for f in frames]) - [level(n) for n in range(25)]).max() < 6
    assert frames[-1].time_s == pytest.approx(0.96, abs=0.05)


def test_codecs_off_the_list_are_refused_with_a_remedy(tmp_path):
    path = written(tmp_path / "a.mkv", "ffv1", "matroska", [plain(n) for n in range(5)])
    with pytest.raises(UnsupportedFormat, match="coded as ffv1, which is not read here; convert it"):
        open_value(path)


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize("transcript", [TRANSCRIPT, CHINESE])
@pytest.mark.parametrize("audible", [True, False])
def test_subtitles_come_back_with_their_times_and_language(suffix, transcript, audible, tmp_path):
    before = film(60, subtitles=transcript, audio=melody(2.4) if audible else None)
    text = open_value(save(before, tmp_path / f"a.{suffix}")).subtitles
    assert text.language == transcript.language
    assert [s.text for s in text.segments] == [s.text for s in transcript.segments]
    for after, before in zip(text.segments, transcript.segments, strict=True):
        assert (after.start_s, after.end_s) == pytest.approx((before.start_s, before.end_s), abs=0.002)


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_reading_subtitles_does_not_disturb_frames_and_sound(suffix, tmp_path):
    sound = melody(2.0)
    video = open_value(save(film(50, audio=sound, subtitles=TRANSCRIPT), tmp_path / f"a.{suffix}"))
    assert len(list(video.source.frames())) == 50
    assert similarity(sound, video.source.sound())[0] > 0.95


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_origin_comes_back(suffix, tmp_path):
    assert open_value(save(film(5, origin=TRAIL), tmp_path / f"a.{suffix}")).origin == TRAIL


def test_advanced_substation_subtitles_are_read_as_plain_text(tmp_path):
    script = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontsize\nStyle: Default,20\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:00.20,0:00:00.70,Default,,0,0,0,,{\\i1}Hello{\\i0}, you\\Nthere\n"
    )
    path = tmp_path / "a.mkv"
    with av.open(io.BytesIO(script.encode()), format="ass") as titles, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        track = container.add_stream_from_template(titles.streams.subtitles[0])
        for number in range(25):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plain(number), format="rgb24")))
        container.mux(stream.encode(None))
        for packet in titles.demux():
            if packet.pts is not None:
                packet.stream = track
                container.mux(packet)
    segment = open_value(path).subtitles.segments[0]
    assert (segment.text, segment.start_s, segment.end_s) == ("Hello, you there", 0.2, 0.7)


def test_a_silent_video_has_no_sound(tmp_path):
    video = open_value(save(film(10), tmp_path / "a.mp4"))
    assert not video.audible
    assert video.source.sound() is None
    assert list(video.source.sound_blocks()) == []


def test_sound_may_be_taken_in_blocks_and_resampled(tmp_path):
    sound = melody(3.0, 44_100, channels=2)
    source = open_value(save(film(75, audio=sound), tmp_path / "a.mp4")).source
    blocks = list(source.sound_blocks())
    assert len(blocks) > 3
    assert sum(len(b.samples) for b in blocks) / blocks[0].rate_hz == pytest.approx(3.0, abs=0.05)
    heard = source.sound(16_000, mono=True)
    assert (heard.rate_hz, heard.channels) == (16_000, 1)
    assert similarity(sound, heard)[0] > 0.95


def test_a_browser_recording_without_a_length_gets_one(tmp_path):
    content = bytearray(content_of(film(50), "webm", tmp_path))
    at = content.index(b"\x44\x89\x88")  # the element Duration, eight bytes of float
    content[at : at + 3] = b"\xec\x80\xec"  # Void elements instead
    content[at + 2 : at + 4] = b"\xec\x87"
    video = open_value(bytes(content))
    assert video.duration_s == pytest.approx(2.0, abs=0.05)
    assert len(list(video.source.frames())) == 50


def test_a_video_of_which_no_picture_can_be_read_is_an_error(tmp_path):
    content = bytearray(written(tmp_path / "a.avi", "mjpeg", "avi", [picture(64, 48).pixels]).read_bytes())
    at = content.index(b"\xff\xd8\xff")
    content[at : at + 600] = b"\0" * 600
    with pytest.raises(EmptyInput, match="the video has no pictures"):
        open_value(bytes(content))


def test_damage_in_the_middle_costs_some_frames_and_not_the_film(tmp_path):
    path = written(tmp_path / "a.avi", "mjpeg", "avi", [picture(64, 48).pixels] * 200)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = b"\x00" * 200
    frames = list(open_value(bytes(content)).source.frames())
    assert 190 <= len(frames) <= 200


def test_the_digest_tells_files_apart(tmp_path):
    one, other = (open_value(save(film(5, origin=o), tmp_path / f"{n}.mkv")) for n, o in enumerate(((), TRAIL)))
    assert one.digest() != other.digest()
    assert one.digest() == open_value(tmp_path / "0.mkv").digest()


@pytest.mark.parametrize("wrong", [{"width": 0}, {"height": -1}, {"fps": 0}, {"fps": float("nan")}, {"duration_s": -1}])
def test_an_impossible_video_is_refused(wrong):
    fields = {"source": None, "width": 4, "height": 4, "fps": 25.0, "duration_s": 1.0, "audible": False} | wrong
    with pytest.raises(InputError, match="needs a size, a frame rate and a length"):
        Video(**fields)


def test_opening_reads_little(tmp_path):
    from vivavoce.media.video_files import read_video

    path = save(film(500), tmp_path / "a.mp4")

    class Counting:
        read_bytes = 0

        def __init__(self):
            self.file = path.open("rb")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def read(self, size=-1):
            content = self.file.read(size)
            Counting.read_bytes += len(content)
            return content

        def seek(self, *at):
            return self.file.seek(*at)

        def tell(self):
            return self.file.tell()

    video = read_video(Counting, "mp4", DEFAULT_LIMITS)
    assert video.duration_s == pytest.approx(20.0)
    assert Counting.read_bytes < 0.9 * path.stat().st_size + 40_000

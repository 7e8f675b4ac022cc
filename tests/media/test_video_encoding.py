"""Videos written to files: steady, interleaved, flat in memory, and in the right colours."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import av
import numpy as np
import pytest

from media.makers import CHINESE, PEAK_MB, Drawn, film, melody, picture, similarity
from vivavoce.errors import EmptyInput
from vivavoce.media.formats import VIDEO_FORMATS
from vivavoce.media.gateway import open_value, save
from vivavoce.media.video import Frame, Video

NTSC = 30_000 / 1_001


@dataclass(frozen=True)
class Listed(Drawn):
    """Given frames."""

    count: int = 0
    given: tuple[Frame, ...] = ()

    def frames(self) -> Iterator[Frame]:
        yield from self.given


def showing(frames, fps=10.0, duration_s=1.0, width=64, height=48):
    source = Listed(given=tuple(frames))
    return Video(source=source, width=width, height=height, fps=fps, duration_s=duration_s, audible=False)


def flat(level, time_s, width=64, height=48):
    return Frame(np.full((height, width, 3), level, np.uint8), time_s)


def greys(video):
    return [round(float(f.pixels.mean())) for f in video.source.frames()]


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize("fps", [10.0, 24.0, NTSC, 29.97, 60.0, 0.5])
def test_frame_rate_and_length_come_back(suffix, fps, tmp_path):
    count = max(2, round(fps))
    video = open_value(save(film(count, fps=fps), tmp_path / f"a.{suffix}"))
    assert video.fps == pytest.approx(fps, rel=0.001)
    assert video.duration_s == pytest.approx(count / fps, rel=0.05, abs=0.002)
    assert len(list(video.source.frames())) == count


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize(("width", "height"), [(65, 47), (2, 2), (1, 1), (3, 200), (641, 361)])
def test_odd_sizes_lose_a_row_at_most(suffix, width, height, tmp_path):
    video = open_value(save(film(3, width=width, height=height), tmp_path / f"a.{suffix}"))
    assert (video.width, video.height) == (max(2, width // 2 * 2), max(2, height // 2 * 2))
    assert greys(video)[0] == pytest.approx(20, abs=3)


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 96_000])
def test_sound_keeps_its_length_and_place(suffix, rate_hz, tmp_path):
    sound = melody(2.0, rate_hz)
    video = open_value(save(film(50, audio=sound), tmp_path / f"a.{suffix}"))
    heard = video.source.sound()
    likeness, shift_s = similarity(sound, heard)
    assert heard.duration_s == pytest.approx(2.0, abs=0.06)
    assert likeness > 0.95
    assert abs(shift_s) < 0.03


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
@pytest.mark.parametrize(("picture_s", "sound_s"), [(1.0, 3.0), (3.0, 1.0)])
def test_sound_and_picture_may_differ_in_length(suffix, picture_s, sound_s, tmp_path):
    video = open_value(save(film(round(25 * picture_s), audio=melody(sound_s)), tmp_path / f"a.{suffix}"))
    assert video.duration_s == pytest.approx(3.0, abs=0.1)
    assert len(list(video.source.frames())) == 25 * picture_s
    heard = video.source.sound()
    assert heard.duration_s == pytest.approx(sound_s, abs=0.06)


def test_a_still_source_is_held_until_the_next_frame_and_the_end(tmp_path):
    video = showing([flat(50, 0.0), flat(100, 0.3), flat(150, 0.7)])
    got = greys(open_value(save(video, tmp_path / "a.mp4")))
    assert np.abs(np.array(got) - ([50] * 3 + [100] * 4 + [150] * 3)).max() <= 2


def test_an_unsteady_source_becomes_steady_and_stays_in_time(tmp_path):
    rng = np.random.default_rng(5)
    times = np.sort(rng.uniform(0, 4, 150))
    video = showing([flat(int(20 + 50 * t), float(t)) for t in times], fps=20.0, duration_s=4.0)
    after = open_value(save(video, tmp_path / "a.mp4"))
    frames = list(after.source.frames())
    assert len(frames) == 80
    for frame in frames[5:]:
        assert float(frame.pixels.mean()) == pytest.approx(20 + 50 * frame.time_s, abs=14)


def test_a_forged_clock_does_not_fill_the_disk(tmp_path):
    video = showing([flat(50, 0.0), flat(100, 1e9), flat(150, 2e9)], duration_s=1.0)
    assert len(greys(open_value(save(video, tmp_path / "a.mp4")))) <= 12


def test_frames_of_changing_size_are_scaled_to_the_first(tmp_path):
    frames = [flat(50, 0.0), flat(100, 0.1, 128, 96), flat(150, 0.2, 20, 10), flat(200, 0.3, 640, 20)]
    after = open_value(save(showing(frames, duration_s=0.4), tmp_path / "a.mp4"))
    assert [f.pixels.shape for f in after.source.frames()] == [(48, 64, 3)] * 4
    assert greys(after) == pytest.approx([50, 100, 150, 200], abs=3)


def test_transparent_frames_lose_only_their_alpha(tmp_path):
    frames = [Frame(picture(64, 48, alpha=True).pixels, 0.0)]
    after = open_value(save(showing(frames, duration_s=0.1), tmp_path / "a.mp4"))
    assert np.abs(next(after.source.frames()).pixels.astype(int) - picture(64, 48).pixels).mean() < 12


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_colours_are_not_shifted(suffix, tmp_path):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 120, 40)]
    frames = [Frame(np.full((48, 64, 3), colour, np.uint8), n / 10) for n, colour in enumerate(colours)]
    after = open_value(save(showing(frames, duration_s=0.7), tmp_path / f"a.{suffix}"))
    for frame, colour in zip(after.source.frames(), colours, strict=True):
        assert np.abs(frame.pixels.mean(axis=(0, 1)) - colour).max() < 6


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_a_video_without_frames_is_refused_and_leaves_nothing(suffix, tmp_path):
    with pytest.raises(EmptyInput, match="no frames to write"):
        save(showing([]), tmp_path / f"a.{suffix}")
    assert not list(tmp_path.iterdir())


def test_a_source_that_fails_half_way_leaves_nothing(tmp_path):
    class Failing(Drawn):
        def frames(self):
            for number, frame in enumerate(super().frames()):
                if number == 20:
                    raise RuntimeError("the engine broke")
                yield frame

    target = tmp_path / "a.mp4"
    target.write_bytes(b"the old content")
    video = replace(film(50, audio=melody(2.0)), source=Failing(50, audio=melody(2.0)))
    with pytest.raises(RuntimeError, match="the engine broke"):
        save(video, target, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert target.read_bytes() == b"the old content"


def test_sound_without_samples_is_left_out(tmp_path):
    from vivavoce.media.audio import Audio

    empty = Audio(np.zeros((0, 1), np.float32), 16_000)
    assert not open_value(save(film(5, audio=empty), tmp_path / "a.mp4")).audible


@pytest.mark.parametrize("suffix", VIDEO_FORMATS)
def test_picture_and_sound_lie_near_each_other_in_the_file(suffix, tmp_path):
    path = save(film(750, audio=melody(30.0), subtitles=CHINESE), tmp_path / f"a.{suffix}")
    with av.open(str(path)) as container:
        packets = sorted(
            (p.pos, p.stream.type, float(p.pts * p.time_base)) for p in container.demux() if p.pts is not None and p.pos
        )
    latest = {"video": 0.0, "audio": 0.0}
    for _, kind, time_s in packets:
        if kind in latest:
            latest[kind] = max(latest[kind], time_s)
            assert abs(latest["video"] - latest["audio"]) < 2.5


def test_a_film_can_be_saved_in_the_place_of_its_own_source(tmp_path):
    path = save(film(25, audio=melody(1.0)), tmp_path / "a.mkv")
    save(replace(open_value(path), subtitles=CHINESE), path, overwrite=True)
    after = open_value(path)
    assert [s.text for s in after.subtitles.segments] == [s.text for s in CHINESE.segments]
    assert 25 <= len(list(after.source.frames())) <= 27  # the last is held while AAC pads its own


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_the_index_comes_first_so_that_a_browser_can_start(suffix, tmp_path):
    content = save(film(25), tmp_path / f"a.{suffix}").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


LONG = (
    PEAK_MB
    + """
import sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from media.makers import film, melody
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save

def filmed(minutes):
    return film(60 * minutes, fps=1, audio=Audio(np.tile(melody(1.0, 8_000).samples, (60 * minutes, 1)), 8_000))

save(open_value(save(filmed(1), sys.argv[1] + "/short.mp4")), sys.argv[1] + "/short.mkv")  # loads the libraries
long = filmed(30)
before = peak_mb()
save(long, sys.argv[1] + "/long.mp4")
written = peak_mb()
save(open_value(sys.argv[1] + "/long.mp4"), sys.argv[1] + "/long.mkv")
print(round(written - before), round(peak_mb() - written))
"""
)


@pytest.mark.slow
def test_memory_stays_flat_for_a_video_of_half_an_hour(tmp_path, request):
    done = subprocess.run(
        [sys.executable, "-c", LONG, str(tmp_path), str(request.path.parents[1])],
        capture_output=True,
        text=True,
        check=True,
    )
    writing_mb, copying_mb = map(int, done.stdout.split())
    assert writing_mb < 30
    assert copying_mb < 30

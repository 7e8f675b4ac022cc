import numpy as np
import pytest

from vivavoce.engines.film.waveform import CaptionedWaveform, loudness
from vivavoce.engines.options import THEMES
from vivavoce.engines.typesetting import PALETTES
from vivavoce.errors import InputError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def film():
    with CaptionedWaveform().open("cpu") as function:
        yield function


def at(video, time_s):
    return next(iter(video.source.frames_at([time_s]))).pixels


def coloured(picture, colour):
    return int((np.abs(picture.astype(int) - colour).sum(axis=2) < 12).sum())


def test_the_saved_video_has_sound_subtitles_and_every_frame(film, talk, small, tmp_path):
    video = film(talk, talk.transcript, small())
    again = open_value(save(video, tmp_path / "talk.mp4"))
    assert (again.width, again.height, again.audible) == (640, 360, True)
    assert again.duration_s == pytest.approx(talk.duration_s, abs=0.15)
    assert again.subtitles.text.split() == talk.transcript.text.split()
    assert abs(len(list(again.source.frames())) - talk.duration_s * 10) <= 1
    assert np.abs(again.source.sound(16_000, mono=True).samples).max() > 0.2


@pytest.mark.parametrize("theme", THEMES)
def test_the_heard_part_grows_in_the_accent_colour(film, talk, small, theme):
    video = film(talk, talk.transcript, small(theme=theme, subtitles="none"))
    accent = PALETTES[theme].accent
    heard = [coloured(at(video, share * talk.duration_s), accent) for share in (0.0, 0.3, 0.6, 0.95)]
    assert heard[0] < heard[1] < heard[2] < heard[3]


@pytest.mark.parametrize(
    ("subtitles", "burnt", "soft"),
    [("burnt", True, False), ("soft", False, True), ("both", True, True), ("none", False, False)],
)
def test_captions_go_where_they_are_asked_for(film, talk, small, subtitles, burnt, soft):
    video = film(talk, talk.transcript, small(subtitles=subtitles))
    ink = PALETTES["dark"].ink
    assert (coloured(at(video, 0.5), ink) > 100) is burnt
    assert (video.subtitles is not None) is soft


def test_few_pictures_are_drawn(film, talk, small):
    frames = list(film(talk, talk.transcript, small(fps=50)).source.frames())
    changes = sum(a.pixels is not b.pixels for a, b in zip(frames, frames[1:], strict=False))
    assert len(frames) > 300
    assert 5 * talk.duration_s < changes < 9 * talk.duration_s


def test_unequal_pictures_mean_unequal_looks(film, talk, small):
    video = film(talk, talk.transcript, small())
    shown = {}
    for frame in video.source.frames():
        key = video.source.look(frame.time_s)
        assert np.array_equal(shown.setdefault(key, frame.pixels), frame.pixels)


def test_a_long_recording_turns_pages(talk, small):
    with CaptionedWaveform(page_s=2.0).open("cpu") as film:
        video = film(talk, talk.transcript, small(subtitles="none"))
    accent = PALETTES["dark"].accent
    heard = [coloured(at(video, time_s), accent) for time_s in np.arange(0, talk.duration_s, 0.4)]
    assert sum(after < before / 2 for before, after in zip(heard, heard[1:], strict=False)) == talk.duration_s // 2


@pytest.mark.slow
def test_captions_can_be_read_off_the_picture(film, talk, chinese_talk, small):
    from rapidocr import RapidOCR

    read = RapidOCR(params={"Global.log_level": "error"})
    for spoken, words in ((talk, "Then comes another one, which is longer."), (chinese_talk, "我们一起去公园散步吧")):
        video = film(spoken, spoken.transcript, small(width=1280, height=720))
        picture = at(video, spoken.transcript.segments[1].start_s + 0.3)
        assert words in " ".join(read(np.ascontiguousarray(picture[..., ::-1])).txts)


def test_chinese_is_drawn(film, chinese_talk, small):
    assert coloured(at(film(chinese_talk, chinese_talk.transcript, small()), 1.0), PALETTES["dark"].ink) > 100


@pytest.mark.parametrize("size", [(33, 33), (360, 641), (1921, 301)])
def test_odd_and_tiny_sizes_are_drawn_in_even_ones(film, talk, small, size):
    video = film(talk, talk.transcript, small(width=size[0], height=size[1]))
    assert video.width % 2 == video.height % 2 == 0
    assert at(video, 1.0).shape == (video.height, video.width, 3)


@pytest.mark.parametrize(
    "samples", [np.zeros((0, 1)), np.zeros((1, 1)), np.zeros((16_000, 2)), np.full((16_000, 1), 1e-6)]
)
def test_silence_and_nothing_at_all_are_drawn_as_dots(film, small, samples):
    video = film(Audio(samples.astype(np.float32), 16_000), Text(""), small())
    waiting = at(video, 0.0)
    rows = np.nonzero((waiting != waiting[0, 0]).any(axis=2).sum(axis=1) > 200)[0]
    assert 0 < len(rows) <= 6


def test_louder_speech_has_higher_bars():
    ramp = np.linspace(0, 0.5, 48_000, dtype=np.float32) * np.sign(np.sin(np.arange(48_000)))
    levels = loudness(Audio(ramp.astype(np.float32), 16_000), 1, 40)[0]
    assert (np.diff(levels[:-1]) > 0).all()
    assert levels.max() == 1.0


def test_words_without_times_are_an_error(film, talk, small):
    with pytest.raises(InputError, match="no times"):
        film(talk, Text("words without times"), small())


def test_the_digest_tells_films_apart(film, talk, small):
    one, same, other = (film(talk, talk.transcript, small(theme=theme)) for theme in ("dark", "dark", "light"))
    assert one.digest() == same.digest() != other.digest()

import numpy as np
import pytest

from vivavoce.engines.film.waveform import CaptionedWaveform
from vivavoce.engines.options import FilmOptions
from vivavoce.engines.unpack.soundtrack import SoundTrack
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value, save
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def unpack():
    with SoundTrack().open("cpu") as function:
        yield function


@pytest.fixture(scope="module")
def stereo_film(tmp_path_factory):
    tone = 0.4 * np.sin(np.arange(48_000) * 440 * 2 * np.pi / 48_000)
    sound = Audio(np.stack([tone, tone * 0.5], axis=1).astype(np.float32), 48_000)
    with CaptionedWaveform().open("cpu") as film:
        video = film(sound, Text(""), FilmOptions(width=64, height=64, fps=5))
    return open_value(save(video, tmp_path_factory.mktemp("film") / "tone.mp4"))


def test_the_sound_comes_as_it_is(unpack, stereo_film):
    sound = unpack(stereo_film, None)
    assert (sound.channels, sound.rate_hz) == (2, 48_000)
    assert np.std(sound.samples[10_000:40_000], axis=0) == pytest.approx([0.4 / 2**0.5, 0.2 / 2**0.5], abs=0.03)


def test_a_rate_makes_it_mono(unpack, stereo_film):
    sound = unpack(stereo_film, 16_000)
    assert (sound.channels, sound.rate_hz) == (1, 16_000)
    spectrum = np.abs(np.fft.rfft(sound.samples[:16_000, 0]))
    assert np.argmax(spectrum) * 16_000 / 16_000 == pytest.approx(440, abs=3)


def test_a_silent_video_is_an_error(unpack, stereo_film):
    from dataclasses import replace

    class Silent:
        def sound(self, rate_hz=None, mono=False):
            return None

    with pytest.raises(NothingFound, match="no sound track"):
        unpack(replace(stereo_film, source=Silent()), None)


@pytest.mark.data
def test_a_real_video_speaks(unpack, data):
    sound = unpack(open_value(next((data / "grid").glob("*.mpg"))), 16_000)
    assert sound.duration_s == pytest.approx(3.0, abs=0.2)
    assert np.abs(sound.samples).max() > 0.05

from shutil import which

import numpy as np
import pyloudnorm
import pytest

from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.flite import Flite
from vivavoce.engines.speak.loudness import PEAK_DBFS, Leveller, limited, loudness_lufs
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

TEXT = "The old bridge was built of stone. Every evening many people walk across it. Yes. Is it not a lovely sight?"


def spoken(engine, text=TEXT):
    with engine.open("cpu") as speak:
        return list(speak(Text(text, "en"), Voice()))


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 48_000])
def test_loudness_is_that_of_the_standard(rate_hz):
    speech = Audio.join(spoken(Espeak())).at(rate_hz)
    meter = pyloudnorm.Meter(rate_hz, filter_class="DeMan")
    assert loudness_lufs(speech, rate_hz) == pytest.approx(meter.integrated_loudness(speech), abs=0.1)


def test_a_sine_of_1_khz_at_full_scale_has_minus_3_lufs():
    sine = np.sin(2 * np.pi * 997 * np.arange(48_000) / 48_000).astype(np.float32)
    assert loudness_lufs(sine, 48_000) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(
    "engine",
    [Espeak(), pytest.param(Flite(), marks=pytest.mark.skipif(which("flite") is None, reason="needs flite"))],
)
@pytest.mark.parametrize("gain", [0.1, 0.3, 1.0])
def test_speech_in_parts_comes_out_at_minus_16_lufs_without_clipping(engine, gain):
    parts = spoken(engine)
    level = Leveller(parts[0].rate_hz)
    sound = np.concatenate([level(part.samples[:, 0] * np.float32(gain)) for part in parts])
    meter = pyloudnorm.Meter(parts[0].rate_hz)
    assert meter.integrated_loudness(sound) == pytest.approx(-16, abs=1)
    assert np.abs(sound).max() <= 10 ** (PEAK_DBFS / 20) + 1e-4


def test_a_clip_shorter_than_a_block_is_measured_by_what_it_has():
    sine = (0.1 * np.sin(2 * np.pi * 997 * np.arange(2400) / 24_000)).astype(np.float32)
    assert loudness_lufs(sine, 24_000) == pytest.approx(-23, abs=1)
    assert loudness_lufs(Leveller(24_000)(sine), 24_000) == pytest.approx(-17, abs=1.5)


def test_silence_and_no_sound_at_all_stay_as_they_are():
    level = Leveller(16_000)
    assert not level(np.zeros(8000, np.float32)).any()
    assert len(level(np.zeros(0, np.float32))) == 0


def test_a_breath_before_the_first_word_is_not_blown_up():
    breath = (1e-3 * np.random.default_rng(0).normal(size=2400)).astype(np.float32)
    assert np.abs(Leveller(16_000)(breath)).max() < 3 * np.abs(breath).max()


def test_the_limiter_bends_what_is_too_loud_and_leaves_the_rest():
    quiet = (0.2 * np.sin(np.arange(24_000) / 9)).astype(np.float32)
    assert limited(quiet, 24_000) is quiet
    burst = quiet.copy()
    burst[12_000:12_100] *= 10
    held = limited(burst, 24_000)
    assert np.abs(held).max() <= 10 ** (PEAK_DBFS / 20)
    assert np.allclose(held[:10_000], burst[:10_000], atol=1e-6)


@pytest.mark.parametrize("peak_at", [15_900, 16_100])
def test_the_limiter_makes_no_step_between_parts(peak_at):
    """A tone with one burst close to the seam: what comes out over what goes in is the gain."""
    tone = 0.3 * np.sin(2 * np.pi * 3000 * (np.arange(32_000) + 0.5) / 16_000).astype(np.float32)
    tone[peak_at - 80 : peak_at + 80] *= 15
    level = Leveller(16_000)
    joined = np.concatenate([level(tone[:16_000]), level(tone[16_000:])])
    gain_db = 20 * np.log10(np.abs(joined / tone))
    around = gain_db[15_990:16_010]
    assert np.abs(np.diff(around)).max() < 0.5
    assert gain_db[15_800:16_200].min() < gain_db[:8000].mean() - 1
    assert np.abs(joined).max() <= 10 ** (PEAK_DBFS / 20)


def test_the_gain_glides_between_parts():
    tone = np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000).astype(np.float32)
    level = Leveller(16_000)
    joined = np.concatenate([level(0.05 * tone), level(0.15 * tone), level(0.01 * tone)])
    steps = np.abs(np.diff(joined))
    ordinary = 2 * np.pi * 300 / 16_000 * 1.1
    assert steps[15_990:16_050].max() < ordinary

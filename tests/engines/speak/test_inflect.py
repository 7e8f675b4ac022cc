import numpy as np
import pytest

from vivavoce.engines.options import EMOTIONS, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.inflect import Inflection, inflected, inflection_of, speed_of, world
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def speech():
    with Espeak().open("cpu") as speak:
        sound = Audio.join(
            list(speak(Text("Nobody ever wondered where the yellow lion was lying.", "en"), Voice(pitch=75)))
        )
    return sound.at(16_000)


def pitch_hz(samples):
    track, _ = world().harvest(samples.astype(np.float64), 16_000)
    return track[track > 0]


@pytest.mark.parametrize("factor", [0.6, 0.8, 1.3, 1.8])
def test_pitch_is_moved_by_the_factor_asked_for(speech, factor):
    moved = inflected(speech, 16_000, Inflection(pitch=factor))
    assert np.median(pitch_hz(moved)) / np.median(pitch_hz(speech)) == pytest.approx(factor, rel=0.05)
    assert len(moved) == pytest.approx(len(speech), rel=0.02)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_speed_keeps_the_pitch(speech, factor):
    moved = inflected(speech, 16_000, Inflection(speed=factor))
    assert len(moved) == pytest.approx(len(speech) / factor, rel=0.02)
    assert np.median(pitch_hz(moved)) == pytest.approx(np.median(pitch_hz(speech)), rel=0.06)


def test_liveliness_widens_the_melody(speech):
    def spread(how):
        low, high = np.percentile(np.log(pitch_hz(inflected(speech, 16_000, how))), [20, 80])
        return high - low  # a few frames are heard an octave off, which would rule a standard deviation

    assert spread(Inflection(liveliness=1.6)) > 1.3 * spread(Inflection(liveliness=0.5))


def test_a_plain_voice_passes_untouched(speech):
    assert inflected(speech, 16_000, inflection_of(Voice(), own_speed=True)) is speech
    assert inflected(speech, 16_000, inflection_of(Voice(rate=2), own_speed=True)) is speech


def test_intensity_goes_from_nothing_to_all():
    for emotion in EMOTIONS:
        assert inflection_of(Voice(emotion=emotion, intensity=0), own_speed=True) == Inflection()
    little, much = (inflection_of(Voice(emotion="happy", intensity=part), own_speed=False) for part in (0.2, 1))
    assert 1 < little.pitch < much.pitch == pytest.approx(1.25)
    assert speed_of(Voice(emotion="sad", intensity=1)) < 1 < speed_of(Voice(emotion="angry", intensity=1))


@pytest.mark.parametrize("how", [Inflection(pitch=0.5, speed=0.25), Inflection(pitch=2, speed=4, tilt_db=3)])
@pytest.mark.parametrize("length", [0, 1, 50, 4000])
def test_extremes_of_settings_and_of_length_give_sound(speech, how, length):
    moved = inflected(speech[4000 : 4000 + length], 16_000, how)
    assert np.isfinite(moved).all()
    assert len(moved) <= max(1, length / how.speed + 1) or length < 160

import numpy as np
import pytest

from vivavoce.engines.detect_speech.silero import SileroVad
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def detect_speech():
    with SileroVad().open("cpu") as ability:
        yield ability


def silence(seconds, rate_hz=16_000):
    return Audio(np.zeros((int(seconds * rate_hz), 1), np.float32), rate_hz)


@pytest.mark.parametrize("seconds", [0, 0.001, 5])
def test_silence_holds_no_speech(detect_speech, seconds):
    assert detect_speech(silence(seconds)) == []


def test_noise_holds_no_speech(detect_speech):
    noise = np.random.default_rng(0).normal(0, 0.05, (80_000, 1)).astype(np.float32)
    assert detect_speech(Audio(noise, 16_000)) == []


@pytest.mark.data
def test_speech_between_silences_is_found_where_it_is(detect_speech, data):
    speech = open_value(data / "librispeech/1688-142285-0000.opus").mono().resampled(16_000)
    spans = detect_speech(Audio.join([silence(3), speech, silence(3)]))
    assert 3.0 < spans[0].start_s < 4.0
    assert spans[-1].end_s < 3 + speech.duration_s + 0.2
    assert all(a.end_s <= b.start_s for a, b in zip(spans, spans[1:], strict=False))


def test_any_rate_and_channels_give_the_same_spans(detect_speech):
    with Espeak().open("cpu") as speak:
        mono = next(speak(Text("Is there anybody who can hear me speak?", "en"), Voice()))
    stereo = Audio(np.repeat(mono.resampled(48_000).samples, 2, axis=1), 48_000)
    ours, theirs = detect_speech(mono), detect_speech(stereo)
    assert len(ours) == len(theirs) > 0
    assert ours[0].start_s == pytest.approx(theirs[0].start_s, abs=0.07)

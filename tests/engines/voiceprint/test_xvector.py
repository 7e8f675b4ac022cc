"""On a checkpoint with random weights, and real or synthetic speech: voices mean nothing; the wiring is tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny.hear import xvector
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.voiceprint.speech import opened_speech
from vivavoce.engines.voiceprint.xvector import engines
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return xvector(tmp_path_factory.mktemp("xvector"))


@pytest.fixture(scope="module")
def voiceprint(folder):
    (engine,) = engines(Checkpoint(alias="tiny", engine="xvector", folder=str(folder)))
    with engine.open("cpu") as ability:
        yield ability


@pytest.fixture(scope="module")
def talk():
    with Espeak().open("cpu") as speak:
        return next(speak(Text("Is there anybody who can hear me speak?", "en"), Voice())).resampled(RATE_HZ)


def reference(folder, samples):
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    model = transformers.WavLMForXVector.from_pretrained(folder)
    with torch.inference_mode():
        inputs = extractor(samples, sampling_rate=RATE_HZ, return_tensors="pt")
        found = model(inputs["input_values"]).embeddings[0].numpy()
    return found / np.linalg.norm(found)


def spoken(audio):
    with opened_speech() as speech:
        return speech(audio, RATE_HZ)


def test_a_voiceprint_is_that_of_the_bare_model_over_the_speech(folder, voiceprint, talk):
    found = voiceprint(talk)
    assert found.shape == (24,) and np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    assert np.allclose(found, reference(folder, spoken(talk)), atol=1e-5)


def test_long_speech_is_the_mean_of_its_windows(folder, voiceprint, talk):
    long = Audio.join([talk] * 6)
    speech = spoken(long)
    window = 10 * RATE_HZ
    parts = [reference(folder, speech[:window]), reference(folder, speech[-window:])]
    assert window < len(speech) <= 2 * window
    mean = np.mean(parts, axis=0)
    assert np.allclose(voiceprint(long), mean / np.linalg.norm(mean), atol=1e-5)


def test_silence_has_no_voice(voiceprint):
    with pytest.raises(NothingFound, match="no speech"):
        voiceprint(Audio(np.zeros((16_000, 1)), RATE_HZ))

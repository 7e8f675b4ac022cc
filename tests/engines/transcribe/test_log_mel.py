import numpy as np
import pytest

from vivavoce.engines.transcribe.log_mel import RATE_HZ, log_mel


def sound(kind: str):
    rng = np.random.default_rng(0)
    at_s = np.arange(30 * RATE_HZ) / RATE_HZ
    return {
        "noise over the whole window": rng.normal(0, 0.1, 30 * RATE_HZ),
        "a chirp": np.sin(2 * np.pi * (100 + 120 * at_s[: 7 * RATE_HZ]) * at_s[: 7 * RATE_HZ]),
        "longer than the window": rng.normal(0, 0.3, 31 * RATE_HZ),
        "one sample": np.array([0.5]),
        "nothing": np.zeros(0),
    }[kind].astype(np.float32)


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize(
    "kind", ["noise over the whole window", "a chirp", "longer than the window", "one sample", "nothing"]
)
def test_features_equal_those_of_transformers(bands, kind):
    from transformers import WhisperFeatureExtractor

    samples = sound(kind)
    extractor = WhisperFeatureExtractor(feature_size=bands)
    padded = np.pad(samples, (0, max(0, 30 * RATE_HZ - len(samples))))  # it divides by zero samples
    expected = extractor(padded, sampling_rate=RATE_HZ, return_tensors="np")["input_features"][0]
    found = log_mel(samples, bands, 3000)
    assert found.shape == expected.shape == (bands, 3000)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_trimmed_window_is_the_beginning_of_the_whole_one():
    samples = sound("a chirp")
    whole, trimmed = log_mel(samples, 80, 3000), log_mel(samples, 80, 704)
    np.testing.assert_allclose(trimmed, whole[:, :704], atol=1e-6)
    assert np.ptp(whole[:, 704:]) == 0

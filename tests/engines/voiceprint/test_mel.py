import numpy as np
import pytest

from vivavoce.engines.voiceprint.mel import mel_power


@pytest.mark.parametrize("frames", [400, 16_000, 25_600])
def test_it_is_the_mel_spectrogram_of_librosa(frames):
    librosa = pytest.importorskip("librosa")
    samples = np.random.default_rng(0).normal(0, 0.1, frames).astype(np.float32)
    theirs = librosa.feature.melspectrogram(y=samples, sr=16_000, n_fft=400, hop_length=160, n_mels=40).T
    ours = mel_power(samples)
    assert ours.shape == theirs.shape == (frames // 160 + 1, 40)
    assert np.allclose(ours, theirs, atol=1e-6)

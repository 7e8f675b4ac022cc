from importlib.util import find_spec

import numpy as np
import pytest

from vivavoce.engines.voiceprint.ge2e import VoiceEncoder, opened_encoder
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value


@pytest.fixture(scope="module")
def prints():
    return opened_encoder()


@pytest.fixture(scope="module")
def voiceprint():
    with VoiceEncoder().open("cpu") as ability:
        yield ability


def noises(count, frames=25_600):
    return list(np.random.default_rng(0).normal(0, 0.1, (count, frames)).astype(np.float32))


@pytest.mark.slow
def test_it_is_the_network_of_resemblyzer(prints):
    torch, librosa = pytest.importorskip("torch"), pytest.importorskip("librosa")
    resemblyzer = find_spec("resemblyzer")
    if resemblyzer is None:
        pytest.skip("needs the weights of resemblyzer; run: pip install --no-deps resemblyzer==0.1.4")
    weights = f"{resemblyzer.submodule_search_locations[0]}/pretrained.pt"
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = torch.nn.LSTM(40, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    lstm.load_state_dict({name[5:]: value for name, value in state.items() if name.startswith("lstm.")})
    linear.load_state_dict({name[7:]: value for name, value in state.items() if name.startswith("linear.")})
    pieces = noises(5)
    mels = [librosa.feature.melspectrogram(y=p, sr=16_000, n_fft=400, hop_length=160, n_mels=40).T for p in pieces]
    with torch.no_grad():
        hidden = lstm(torch.from_numpy(np.stack(mels)[:, :160]))[1][0][-1]
        expected = torch.nn.functional.normalize(torch.relu(linear(hidden))).numpy()
    assert np.allclose(prints(pieces), expected, atol=2e-3)  # half precision on disk
    assert (prints(pieces) * expected).sum(axis=1).min() > 0.9999


def test_a_batch_is_the_same_as_one_by_one(prints, monkeypatch):
    monkeypatch.setattr("vivavoce.engines.voiceprint.ge2e.BATCH", 4)
    pieces = [*noises(5, 2000), *noises(2)]
    assert np.allclose(prints(pieces), np.concatenate([prints([piece]) for piece in pieces]), atol=1e-5)
    assert np.allclose(np.linalg.norm(prints(pieces), axis=1), 1, atol=1e-5)


def test_quiet_speech_has_the_voice_of_loud_speech(prints):
    (piece,) = noises(1)
    assert np.allclose(prints([piece * 0.1]), prints([piece * 0.01]), atol=1e-4)


def test_no_pieces_and_silent_ones_are_no_failure(prints):
    assert prints([]).shape == (0, 256)
    assert np.isfinite(prints([np.zeros(1, np.float32), np.zeros(25_600, np.float32)])).all()


@pytest.mark.parametrize("frames", [0, 1, 80_000])
def test_silence_has_no_voice(voiceprint, frames):
    with pytest.raises(NothingFound, match="no speech"):
        voiceprint(Audio(np.zeros((frames, 1)), 16_000))


@pytest.mark.data
def test_the_same_person_is_nearer_than_another(voiceprint, data):
    names = ["1688-142285", "2033-164914", "2609-156975"]
    first = [voiceprint(open_value(data / f"librispeech/{name}-0000.opus")) for name in names]
    second = [voiceprint(open_value(data / f"librispeech/{name}-0003.opus")) for name in names]
    likeness = np.stack(first) @ np.stack(second).T
    assert (likeness.argmax(axis=1) == np.arange(3)).all()
    assert np.diag(likeness).min() > 0.7 and np.linalg.norm(first[0]) == pytest.approx(1, abs=1e-5)


@pytest.mark.data
def test_any_rate_and_channels_give_the_same_voice(voiceprint, data):
    audio = open_value(data / "librispeech/1688-142285-0000.opus").mono()
    stereo = Audio(np.repeat(audio.resampled(44_100).samples, 2, axis=1), 44_100)
    assert voiceprint(stereo) @ voiceprint(audio) > 0.98

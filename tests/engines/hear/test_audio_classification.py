"""On checkpoints with random weights: what they hear means nothing; wiring, windows and labels are tested."""

import warnings

import numpy as np
import pytest
import torch
import transformers

from tiny.hear import EMOTIONS, EVENTS, ast, wav2vec2_classifier
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.hear.audio_classification import engines
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio

RATE_HZ = 16_000
AST_WINDOW = 128 * 160  # samples: its 128 frames of 10 ms


def noise(frames, rate_hz=RATE_HZ, channels=1, seed=0):
    samples = np.random.default_rng(seed).normal(0, 0.1, (frames, channels))
    return Audio(samples * np.linspace(0.1, 1, max(1, frames))[:frames, None], rate_hz)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = ast(tmp_path_factory.mktemp("ast"))
    (engine,) = engines(Checkpoint(alias="tiny", engine="audio-classification", folder=str(folder)))
    with engine.open("cpu") as ability:
        yield ability, folder


@pytest.fixture(scope="module")
def emotions(tmp_path_factory):
    folder = wav2vec2_classifier(tmp_path_factory.mktemp("wav2vec2"))
    (engine,) = engines(Checkpoint(alias="tiny", engine="audio-classification", folder=str(folder)))
    with engine.open("cpu") as ability:
        yield ability, folder


def reference(folder, samples):
    with warnings.catch_warnings(action="ignore"):
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    model = transformers.AutoModelForAudioClassification.from_pretrained(folder)
    with torch.inference_mode():
        return model(**extractor(samples, sampling_rate=RATE_HZ, return_tensors="pt")).logits[0].numpy()


def by_label(scores):
    return {score.label: score.probability for score in scores}


def test_events_are_rated_each_for_itself_as_the_bare_model_rates_them(events):
    hear, folder = events
    audio = noise(AST_WINDOW)
    expected = 1 / (1 + np.exp(-reference(folder, audio.samples[:, 0])))
    heard = by_label(hear(audio, []))
    assert heard == pytest.approx({EVENTS[n]: float(p) for n, p in enumerate(expected)}, abs=1e-5)


def test_one_emotion_out_of_several_is_rated_as_the_bare_model_rates_it(emotions):
    hear, folder = emotions
    audio = noise(3 * RATE_HZ)
    logits = reference(folder, audio.samples[:, 0])
    expected = np.exp(logits) / np.exp(logits).sum()
    heard = by_label(hear(audio, []))
    assert heard == pytest.approx({EMOTIONS[n]: float(p) for n, p in enumerate(expected)}, abs=1e-5)
    assert sum(heard.values()) == pytest.approx(1, abs=1e-5)


def test_an_event_counts_where_it_is_loudest_in_a_long_sound(events):
    hear, _ = events
    parts = [noise(AST_WINDOW, seed=seed) for seed in range(3)]
    each = [by_label(hear(part, [])) for part in parts]
    whole = by_label(hear(Audio.join(parts), []))
    assert whole == pytest.approx({label: max(one[label] for one in each) for label in whole}, abs=1e-5)


def test_a_property_of_the_voice_is_the_mean_over_a_long_sound(emotions):
    hear, _ = emotions
    parts = [noise(20 * RATE_HZ, seed=seed) for seed in range(2)]
    each = [by_label(hear(part, [])) for part in parts]
    whole = by_label(hear(Audio.join(parts), []))
    assert whole == pytest.approx({label: np.mean([one[label] for one in each]) for label in whole}, abs=1e-5)


def test_scores_come_best_first_and_labels_choose_among_them(events):
    hear, _ = events
    scores = hear(noise(8000), [])
    assert [s.probability for s in scores] == sorted((s.probability for s in scores), reverse=True)
    assert {score.label for score in hear(noise(8000), ["rain", " sea waves"])} == {"Rain", "Sea waves"}


def test_a_label_that_it_does_not_know_is_refused_with_some_that_it_does(events):
    with pytest.raises(UsageError, match="“thunder”; choose among its 3, such as Dog, Rain"):
        events[0](noise(8000), ["dog", "thunder"])


@pytest.mark.parametrize("frames", [0, 1, 399, 16_000])
@pytest.mark.parametrize("kind", ["events", "emotions"])
def test_short_and_silent_sounds_are_rated_too(kind, frames, request):
    hear, _ = request.getfixturevalue(kind)
    assert all(0 <= score.probability <= 1 for score in hear(Audio(np.zeros((frames, 1)), RATE_HZ), []))


def test_any_rate_and_channels_sound_alike(emotions):
    hear, _ = emotions
    slow = Audio(np.sin(np.arange(32_000) / 20)[:, None] * 0.1, RATE_HZ)
    stereo = Audio(np.repeat(slow.resampled(48_000).samples, 2, axis=1), 48_000)
    assert by_label(hear(stereo, [])) == pytest.approx(by_label(hear(slow, [])), abs=1e-3)

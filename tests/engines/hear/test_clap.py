"""On a checkpoint with random weights: what it hears means nothing; wiring, windows and labels are tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny.hear import clap
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.hear.clap import engines
from vivavoce.errors import UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.text import Text

RATE_HZ = 48_000
WINDOW = RATE_HZ  # of the tiny model: one second


def noise(frames, seed=0):
    return Audio(np.random.default_rng(seed).normal(0, 0.1, (frames, 1)), RATE_HZ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return clap(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def both(folder):
    found = {e.card.ability: e for e in engines(Checkpoint(alias="tiny", engine="clap", folder=str(folder)))}
    with found[Ability.HEAR].open("cpu") as hear, found[Ability.EMBED].open("cpu") as embed:
        yield hear, embed


def plain(folder, audio, sentences):
    """Return the bare model's vectors of a sound of one window and of sentences, and its logits."""
    model = transformers.ClapModel.from_pretrained(folder)
    extractor = transformers.ClapFeatureExtractor.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    features = extractor([audio.samples[:, 0]], sampling_rate=RATE_HZ, return_tensors="pt")
    words = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.inference_mode():
        out = model(input_features=features["input_features"], **words)
    return out.audio_embeds.numpy(), out.text_embeds.numpy(), out.logits_per_audio[0].numpy()


def test_labels_are_rated_as_the_bare_model_rates_their_sentences(folder, both):
    audio = noise(WINDOW)
    logits = plain(folder, audio, ["This is a sound of dog.", "This is a sound of heavy rain."])[2]
    expected = np.exp(logits) / np.exp(logits).sum()
    heard = {score.label: score.probability for score in both[0](audio, ["dog", "heavy rain"])}
    assert heard == pytest.approx({"dog": float(expected[0]), "heavy rain": float(expected[1])}, abs=1e-4)


def test_vectors_of_sounds_and_words_are_those_of_the_bare_model_in_the_order_given(folder, both):
    audio = noise(WINDOW)
    sound, words, _ = plain(folder, audio, ["a dog", "rain on a roof"])
    rows = both[1]([Text("a dog"), audio, Text("rain on a roof")])
    assert np.allclose(rows, np.stack([words[0], sound[0], words[1]]), atol=1e-5)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_long_sound_is_the_mean_of_its_windows(both):
    parts = [noise(WINDOW, seed) for seed in range(3)]
    each = both[1](parts)
    mean = each.mean(axis=0) / np.linalg.norm(each.mean(axis=0))
    assert np.allclose(both[1]([Audio.join(parts)])[0], mean, atol=1e-5)


def test_a_long_text_is_the_mean_of_its_parts_and_not_cut(both):
    embed = both[1]
    long = "a dog barks at the rain " * 20
    assert not np.allclose(embed([Text(long)]), embed([Text(long[:62])]), atol=1e-4)
    assert np.allclose(embed([Text(long), Text("dog")])[0], embed([Text(long)])[0], atol=1e-5)


@pytest.mark.parametrize("frames", [0, 1, 100])
def test_the_shortest_sounds_are_heard(both, frames):
    assert len(both[0](Audio(np.zeros((frames, 1)), 8000), ["dog", "cat"])) == 2
    assert both[1]([Audio(np.zeros((frames, 1)), 8000)]).shape == (1, 24)


def test_no_values_give_no_vectors_and_pictures_are_refused(both):
    assert both[1]([]).shape == (0, 24)
    with pytest.raises(UsageError, match="speech / text only"):
        both[1]([Image(np.zeros((2, 2, 3), np.uint8))])


def test_labels_are_needed_and_must_be_english(both):
    with pytest.raises(UsageError, match="--labels"):
        both[0](noise(1000), [" "])
    with pytest.raises(UnsupportedLanguage, match="狗叫"):
        both[0](noise(1000), ["dog", "狗叫"])


def test_the_same_label_twice_counts_once(both):
    assert [score.probability for score in both[0](noise(1000), ["dog", " dog"])] == pytest.approx([1.0])


def test_both_abilities_share_one_model_in_memory(tmp_path, monkeypatch):
    from vivavoce.engines.embed import clap as embed_clap

    loads, real = [], embed_clap._load
    monkeypatch.setattr(embed_clap, "_load", lambda folder, device: loads.append(folder) or real(folder, device))
    listener, embedder = engines(Checkpoint(alias="tiny", engine="clap", folder=str(clap(tmp_path))))
    with listener.open("cpu") as hear, embedder.open("cpu") as embed:
        assert hear(noise(1000), ["dog"]) and len(embed([Text("dog")])) == 1
    assert len(loads) == 1

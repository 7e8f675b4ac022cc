import json

import numpy as np
import pytest

from tiny.hear import ast
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.hear.audio_classification import engines
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import save


@pytest.fixture
def clip(tmp_path, tmp_path_factory, monkeypatch):
    """A sound, and a converter whose only listener is a tiny one."""
    from vivavoce.apps import abilities
    from vivavoce.apps.converter import Converter
    from vivavoce.engines.catalog import catalog

    folder = ast(tmp_path_factory.mktemp("ast"))
    listener = engines(Checkpoint(alias="tiny-ear", engine="audio-classification", folder=str(folder), quality=1.0))
    converter = Converter(engines=catalog().adding(listener))
    monkeypatch.setattr(abilities, "default_converter", lambda: converter)
    return save(Audio(np.random.default_rng(0).normal(0, 0.1, (16_000, 1)), 16_000), tmp_path / "clip.wav")


def test_labels_are_printed_best_first_with_their_probability(viva, clip):
    done = viva("hear", clip)
    assert done.code == 0, done.err
    shares = [float(line.split("%")[0]) for line in done.out.splitlines()]
    assert len(shares) == 3 and shares == sorted(shares, reverse=True)


def test_json_holds_only_the_labels_asked_for(viva, clip):
    record = json.loads(viva("hear", clip, "--labels", "rain，dog", "--model", "tiny-ear", "--json").out)
    assert {entry["label"] for entry in record} == {"Rain", "Dog"}
    assert all(0 <= entry["probability"] <= 1 for entry in record)
    assert len(json.loads(viva("hear", clip, "--top", 1, "--json").out)) == 1


def test_an_unknown_label_and_what_is_no_sound_are_wrong_usage(viva, clip, tmp_path):
    done = viva("hear", clip, "--labels", "thunder")
    assert done.code == 2 and "“thunder”" in done.err
    (tmp_path / "note.txt").write_text("hello")
    assert viva("hear", "note.txt").code == 2

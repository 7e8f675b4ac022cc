"""On a checkpoint with random weights: what it answers means nothing; wiring and errors are tested."""

import numpy as np
import pytest

from tiny.see import blip
from vivavoce.engines.catalog import catalog
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.see.blip import engines
from vivavoce.errors import NotReady
from vivavoce.media.image import Image
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    folder = blip(tmp_path_factory.mktemp("blip"))
    (engine,) = engines(Checkpoint(alias="tiny", engine="blip", folder=str(folder)))
    with engine.open("cpu") as ability:
        yield ability


@pytest.mark.parametrize("shape", [(1, 1, 3), (50, 60, 3), (300, 20, 4)])
def test_any_picture_and_question_get_an_answer_of_known_words(answer, shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    reply = answer([Image(pixels)], Text("what is this ?", "en"))
    assert set(reply.text.replace("?", " ").split()) <= set("what is this a dog cat red [DEC] [ENC] [UNK]".split())
    assert reply.language == "en"


def test_a_question_of_a_thousand_words_is_cut_to_what_the_model_reads(answer):
    image = Image(np.zeros((10, 10, 3), np.uint8))
    assert answer([image], Text("what is this " * 300, "en")).language == "en"


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    with pytest.raises(NotReady, match="viva models pull blip-vqa"), catalog()["blip-vqa"].open("cpu"):
        pass

"""On checkpoints with random weights: likeness means nothing; wiring, order, batches and limits are tested."""

import numpy as np
import pytest
import torch
import transformers

from tiny import embed as tiny
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.embed import clip_model
from vivavoce.engines.embed.clip import engines
from vivavoce.engines.embed.clip_model import PROCESSORS
from vivavoce.errors import UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.image import Image
from vivavoce.media.text import Text

KINDS = ("clip", "siglip", "siglip2", "chinese_clip")
PHRASES = ("A red cat", "一只狗在河边", "a dog on a very long walk")


def picture(height, width, channels=3, seed=0):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8))


@pytest.fixture(scope="module", params=KINDS)
def opened(request, tmp_path_factory):
    folder = getattr(tiny, request.param)(tmp_path_factory.mktemp(request.param))
    engine, _ = engines(Checkpoint(alias="tiny", engine="clip", folder=str(folder)))
    with engine.open("cpu") as ability:
        yield ability, folder, request.param


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_vectors_are_those_of_the_bare_model(opened):
    embed, folder, kind = opened
    model = transformers.AutoModel.from_pretrained(folder)
    processor = getattr(transformers, PROCESSORS[kind]).from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    image = picture(48, 60)
    for text in PHRASES:
        if kind.startswith("siglip"):
            filled = {"padding": "max_length", "max_length": 64, "padding_side": "right"}
            words = tokenizer([text.lower()], **filled, return_tensors="pt")
            words = {"input_ids": words["input_ids"]}
        else:
            words = tokenizer([text], return_tensors="pt", return_token_type_ids=False)
        with torch.inference_mode():
            read = model.get_text_features(**words).pooler_output.numpy()
            seen = model.get_image_features(**processor(images=image.pillow(), return_tensors="pt")).pooler_output
        rows = embed([Text(text), image])
        assert np.allclose(rows, unit(np.concatenate([read, seen.numpy()])), atol=1e-5)


def test_a_batch_is_the_same_as_one_by_one_in_the_order_given(opened):
    embed, _, _ = opened
    values = [Text("a cat"), picture(40, 33), Text("a dog in the river by the bank " * 2), picture(64, 20, 4, 1)]
    values += [Text(""), *(Text("x" * n) for n in (1, 30, 8))]
    together = embed(values)
    assert np.allclose(together, np.concatenate([embed([value]) for value in values]), atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5) and together.dtype == np.float32


@pytest.mark.parametrize("size", [(1, 1), (20_000, 3), (2, 20_000), (3000, 2000)])
def test_pictures_of_any_size_get_a_vector(opened, size):
    assert np.linalg.norm(opened[0]([picture(*size)])) == pytest.approx(1, abs=1e-5)


def test_a_long_text_is_not_cut(opened):
    embed, _, _ = opened
    start = "猫狗" * 60 if opened[2] == "chinese_clip" else "ab" * 60
    assert not np.allclose(embed([Text(start + "红 c" * 40)]), embed([Text(start)]), atol=1e-4)


def test_nothing_gives_no_rows_and_sound_is_refused(opened):
    embed, _, _ = opened
    assert embed([]).shape == (0, embed([Text("a")]).shape[1])
    with pytest.raises(UsageError, match="tiny embeds image / text only"):
        embed([Text("a"), Audio(np.zeros((10, 1), np.float32), 16_000)])


def test_embedder_and_classifier_share_one_model_and_read_alike(tmp_path, monkeypatch):
    loads, load = [], clip_model.loaded
    monkeypatch.setattr(clip_model, "loaded", lambda *given: (loads.append(given), load(*given))[1])
    embedder, classifier = engines(Checkpoint(alias="tiny", engine="clip", folder=str(tiny.siglip(tmp_path))))
    with embedder.open("cpu") as embed, classifier.open("cpu") as classify:
        assert len(loads) == 1
        assert np.allclose(*embed([Text("A Cat"), Text("a cat")]), atol=1e-6)
        shares = {score.label: score.probability for score in classify(picture(40, 30), ["A CAT", "a cat"])}
        assert shares["A CAT"] == pytest.approx(shares["a cat"], abs=1e-6)

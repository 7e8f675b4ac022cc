"""On checkpoints with random weights, against the library whose folder layout it reads."""

import json
import shutil

import numpy as np
import pytest
import torch
import transformers

from tiny import embed as tiny
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.embed.sentence_transformers import engines, read_layout
from vivavoce.errors import EngineError, UsageError
from vivavoce.media.image import Image
from vivavoce.media.text import Text

SENTENCES = ["the cat", "the river bank is red , the dog is in the bank .", "", "money ?", "of a cat in the river"]
KINDS = ("sentence_bert", "sentence_qwen3")


@pytest.fixture(scope="module", params=KINDS)
def folder(request, tmp_path_factory):
    return getattr(tiny, request.param)(tmp_path_factory.mktemp(request.param))


def opened(folder):
    (engine,) = engines(Checkpoint(alias="tiny", engine="sentence-transformers", folder=str(folder)))
    return engine.open("cpu")


@pytest.fixture(scope="module")
def embed(folder):
    with opened(folder) as ability:
        yield ability


def texts(*sentences):
    return [Text(sentence) for sentence in sentences]


@pytest.mark.slow
def test_vectors_are_those_of_the_sentence_transformers_library(embed, folder):
    library = pytest.importorskip("sentence_transformers")
    theirs = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    expected = theirs.encode(SENTENCES, normalize_embeddings=True)
    assert np.allclose(embed(texts(*SENTENCES)), expected, atol=1e-5)


def test_a_vector_is_pooled_from_the_tokens_as_its_folder_says(embed, folder):
    model = transformers.AutoModel.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.inference_mode():
        tokens = model(**tokenizer([SENTENCES[1]], return_tensors="pt")).last_hidden_state[0]
    expected = (tokens.mean(dim=0) if read_layout(folder).pooling == "mean" else tokens[-1]).numpy()
    assert np.allclose(embed(texts(SENTENCES[1]))[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_padding_changes_nothing(embed):
    together = embed(texts(*SENTENCES))
    assert np.allclose(together, np.concatenate([embed(texts(one)) for one in SENTENCES]), atol=1e-5)


def test_a_text_over_the_limit_is_the_mean_of_its_parts(folder, embed):
    limit = read_layout(folder).longest
    special = 2 if "bert" in folder.name else 1
    words = ["cat", "dog"] if special == 2 else ["c", "d"]
    join = " " if special == 2 else ""
    halves = [join.join([word] * (limit - special)) for word in words]
    each = embed(texts(*halves))
    mean = each.mean(axis=0) / np.linalg.norm(each.mean(axis=0))
    assert np.allclose(embed(texts(join.join(halves)))[0], mean, atol=1e-5)


def test_no_texts_give_no_rows_and_pictures_are_refused(embed):
    assert embed([]).shape == (0, 32)
    with pytest.raises(UsageError, match="text only"):
        embed([Image(np.zeros((1, 1, 3), np.uint8))])


def copied(folder, target, name, content):
    shutil.copytree(folder, target)
    (target / name).write_text(json.dumps(content))
    return target


def test_e5_models_see_the_prefix_that_they_were_trained_with(tmp_path):
    plain = tiny.sentence_bert(tmp_path / "minilm")
    e5 = shutil.copytree(plain, tmp_path / "multilingual-e5-small")
    with opened(plain) as without, opened(e5) as prefixed:
        assert np.allclose(prefixed(texts("the cat")), without(texts("query: the cat")), atol=1e-6)
        assert not np.allclose(prefixed(texts("the cat")), without(texts("the cat")), atol=1e-4)


def test_the_default_prompt_of_a_folder_goes_before_each_text(tmp_path):
    plain = tiny.sentence_bert(tmp_path / "plain")
    config = {"prompts": {"query": "what is "}, "default_prompt_name": "query"}
    prompted = copied(plain, tmp_path / "prompted", "config_sentence_transformers.json", config)
    with opened(plain) as without, opened(prompted) as with_prompt:
        assert np.allclose(with_prompt(texts("the cat")), without(texts("what is the cat")), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("modules.json", [{"type": "evil.module.Dense", "path": "x"}], "module Dense"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pooling_mode_max_tokens"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "mean, cls"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(tmp_path, name, content, match):
    folder = copied(tiny.sentence_bert(tmp_path / "plain"), tmp_path / "other", name, content)
    with pytest.raises(EngineError, match=match):
        read_layout(folder)


@pytest.mark.parametrize("content", ["{", "[{}]", '["a"]', '{"a": 1}', "3"])
def test_a_broken_file_is_named(tmp_path, content):
    folder = tiny.sentence_bert(tmp_path / "broken")
    (folder / "modules.json").write_text(content)
    with pytest.raises(EngineError, match=r"modules\.json can't be read|needs the module \?"):
        read_layout(folder)

"""On checkpoints with random weights, against the library's own sums on the same weights."""

import numpy as np
import pytest

from tiny import see
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.embed.clip_model import PROCESSORS
from vivavoce.engines.see import clip_classifier
from vivavoce.engines.see.clip_classifier import SENTENCES, classifiers
from vivavoce.errors import UsageError
from vivavoce.media.image import Image

KINDS = ("clip", "siglip", "siglip2", "chinese_clip")

LABELS = ["dog", "a red car", "猫"]


def picture(seed, height=40, width=50):
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def folder(kind, tmp_path_factory):
    return getattr(see, kind)(tmp_path_factory.mktemp(kind))


@pytest.fixture(scope="module")
def classify(folder):
    (engine,) = classifiers(Checkpoint(alias="tiny", engine="clip", folder=str(folder)))
    assert (engine.card.name, engine.card.ability) == ("tiny/classify", Ability.CLASSIFY)
    with engine.open("cpu") as ability:
        yield ability


def by_label(scores):
    return {score.label: score.probability for score in scores}


def test_one_sentence_a_label_gives_what_the_library_gives(kind, folder, monkeypatch):
    """The whole model in one call, which compares pictures and texts itself."""
    import torch
    import transformers

    monkeypatch.setattr(clip_classifier, "SENTENCES", {"en": ("{label}",), "zh": ("{label}",)})
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pixels = getattr(transformers, PROCESSORS[kind]).from_pretrained(folder)(
        images=[picture(0).pillow()], return_tensors="pt"
    )
    sigmoid = kind.startswith("siglip")
    shape = {"padding": "max_length", "max_length": 64, "padding_side": "right"} if sigmoid else {"padding": True}
    words = tokenizer(LABELS, return_tensors="pt", **shape)
    taken = {name: words[name] for name in (["input_ids"] if sigmoid else ["input_ids", "attention_mask"])}
    with torch.inference_mode():
        logits = model(**taken, **pixels).logits_per_image[0]
    wanted = logits.sigmoid() if sigmoid else logits.softmax(dim=0)
    (engine,) = classifiers(Checkpoint(alias="tiny", engine="clip", folder=str(folder)))
    with engine.open("cpu") as classify:
        found = by_label(classify(picture(0), LABELS))
    assert [found[label] for label in LABELS] == pytest.approx(wanted.tolist(), abs=1e-5)


def test_the_best_comes_first_and_each_label_once(classify):
    scores = classify(picture(1), [*LABELS, " dog ", "", "猫"])
    assert sorted(score.label for score in scores) == sorted(LABELS)
    assert scores == sorted(scores, key=lambda score: -score.probability)
    assert all(0 <= score.probability <= 1 for score in scores)


def test_probabilities_of_clip_add_up_to_one(kind, classify):
    total = sum(score.probability for score in classify(picture(1), LABELS))
    if not kind.startswith("siglip"):
        assert total == pytest.approx(1)
    else:
        alone = by_label(classify(picture(1), LABELS[:1]))
        assert alone["dog"] == pytest.approx(by_label(classify(picture(1), LABELS))["dog"], abs=1e-5)


def test_the_picture_decides_and_not_the_order_of_labels(classify):
    forward, backward = classify(picture(2), LABELS), classify(picture(2), LABELS[::-1])
    assert by_label(forward) == pytest.approx(by_label(backward), abs=1e-5)
    assert by_label(forward) != pytest.approx(by_label(classify(picture(3), LABELS)), abs=1e-5)


def test_the_sentences_are_in_the_language_of_the_label(folder, monkeypatch):
    (engine,) = classifiers(Checkpoint(alias="tiny", engine="clip", folder=str(folder)))
    with engine.open("cpu") as classify:
        before = classify(picture(0), ["dog", "cat"]), classify(picture(0), ["狗", "猫"])
        monkeypatch.setitem(SENTENCES, "zh", ("{label}",))
        after = classify(picture(0), ["cat", "dog"]), classify(picture(0), ["猫", "狗"])
    assert by_label(before[0]) == pytest.approx(by_label(after[0]), abs=1e-6)
    assert by_label(before[1]) != pytest.approx(by_label(after[1]), abs=1e-6)


@pytest.mark.parametrize("labels", [[], ["", "  "]])
def test_without_labels_it_says_that_it_has_none(classify, labels):
    with pytest.raises(UsageError, match="tiny/classify has no labels of its own"):
        classify(picture(0), labels)


def test_a_label_longer_than_the_model_reads_is_cut(classify):
    assert len(classify(picture(0), ["word " * 500, "dog"])) == 2


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 5000)])
def test_pictures_of_any_shape(classify, shape):
    assert len(classify(picture(0, *shape), LABELS)) == 3

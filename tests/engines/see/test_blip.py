"""On a checkpoint with random weights: what it answers means nothing; wiring and errors are tested."""

import numpy as np
import pytest

from tiny.see import blip, blip_captioner
from vivavoce.engines.catalog import catalog
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.contract import Ability
from vivavoce.engines.see.blip import engines
from vivavoce.errors import EngineError, NotReady, OutOfMemory, UnsupportedLanguage
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


@pytest.fixture(scope="module")
def captioner(tmp_path_factory):
    folder = blip_captioner(tmp_path_factory.mktemp("captioner"))
    (engine,) = engines(Checkpoint(alias="tiny", engine="blip", folder=str(folder)))
    return engine


@pytest.fixture(scope="module")
def describe(captioner):
    with captioner.open("cpu") as ability:
        yield ability


def test_what_a_checkpoint_does_is_told_by_its_configuration(captioner):
    assert captioner.card.ability is Ability.DESCRIBE
    assert captioner.card.into == ("en",)


def test_a_published_captioner_is_told_by_the_languages_it_writes():
    (captions,) = engines(Checkpoint(alias="captions", engine="blip", repository="x/y", into=("en",)))
    (answers,) = engines(Checkpoint(alias="answers", engine="blip", repository="x/y"))
    assert (captions.card.ability, answers.card.ability) == (Ability.DESCRIBE, Ability.ANSWER)


def test_a_folder_without_a_configuration_is_an_error_of_ours(tmp_path):
    with pytest.raises(EngineError, match="does not say what the model does"):
        engines(Checkpoint(alias="tiny", engine="blip", folder=str(tmp_path)))


def test_a_caption_is_what_the_library_writes(captioner, describe):
    import torch
    from transformers import AutoTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil

    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    folder = captioner.model.folder
    model = BlipForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    shown = BlipImageProcessorPil.from_pretrained(folder)(images=Image(pixels).pillow(), return_tensors="pt")
    ids = model.generate(**shown, max_new_tokens=50)
    wanted = AutoTokenizer.from_pretrained(folder).decode(ids[0], skip_special_tokens=True).strip()
    assert describe(Image(pixels), None) == Text(wanted, "en")
    assert wanted


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_captions_are_in_english_alone(describe, language):
    with pytest.raises(UnsupportedLanguage, match=f"describes pictures in en, got {language}"):
        describe(Image(np.zeros((10, 10, 3), np.uint8)), language)


def test_what_does_not_fit_on_the_device_is_said_so(answer, describe, monkeypatch):
    import torch
    import transformers

    def full(*given, **settings):
        raise torch.OutOfMemoryError("CUDA out of memory")

    image = Image(np.zeros((10, 10, 3), np.uint8))
    for name in ("BlipForQuestionAnswering", "BlipForConditionalGeneration"):
        monkeypatch.setattr(getattr(transformers, name), "generate", full)
    with pytest.raises(OutOfMemory):
        answer([image], Text("what is this ?", "en"))
    with pytest.raises(OutOfMemory):
        describe(image, None)

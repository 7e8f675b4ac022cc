"""On a checkpoint with random weights: wiring, presets and errors."""

import json

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BarkModel

from tiny.speak import bark
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.bark import engines
from vivavoce.engines.speak.normalise import normalised
from vivavoce.errors import EmptyInput, EngineError, UnknownVoice, UnsupportedLanguage
from vivavoce.media.text import Text

PRESET = "v2/en_speaker_6"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return bark(tmp_path_factory.mktemp("bark"))


@pytest.fixture(scope="module")
def speak(folder):
    (engine,) = engines(Checkpoint(alias="tiny", engine="bark", folder=str(folder), languages=("en", "zh")))
    with engine.open("cpu") as ability:
        yield ability


def reference(folder, text, preset):
    model = BarkModel.from_pretrained(folder).eval()
    words = AutoTokenizer.from_pretrained(folder)(
        text,
        max_length=256,
        padding="max_length",
        add_special_tokens=False,
        return_token_type_ids=False,
        return_tensors="pt",
    )
    history = {
        name: torch.from_numpy(np.load(folder / f"{name}.npy"))
        for name in ("semantic_prompt", "coarse_prompt", "fine_prompt")
    }
    torch.manual_seed(3)
    return model.generate(**words, history_prompt=history if preset else None)[0].detach().numpy()


@pytest.mark.parametrize(("language", "preset"), [("en", True), ("zh", False)])
def test_it_says_what_transformers_says_with_the_preset_of_the_language(folder, speak, language, preset):
    torch.manual_seed(3)
    (take,) = speak.say(normalised("hello there", language), Voice())
    assert np.allclose(take.samples, reference(folder, "hello there", preset), atol=1e-5)


def test_a_clause_longer_than_the_model_takes_is_said_in_parts(speak, folder):
    long = " ".join(["abcdefgh"] * 40)  # 320 tokens, and 256 go in
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert len(tokenizer(long, add_special_tokens=False).input_ids) > 256
    (short,) = speak.say(normalised("hello there", "en"), Voice())
    (take,) = speak.say(normalised(long, "en"), Voice())
    assert take.written == long
    assert len(take.samples) >= 2 * len(short.samples) > 0


def test_each_part_has_the_words_of_the_text(speak):
    parts = list(speak(Text("Is it 5? Yes, it is.", "en"), Voice(name=PRESET)))
    assert [part.transcript.text for part in parts] == ["Is it 5?", "Yes, it is."]
    assert parts[0].rate_hz == 24_000


def test_unknown_presets_languages_and_empty_text_are_refused(speak):
    with pytest.raises(UnknownVoice, match=f"choose one of {PRESET}"):
        next(speak(Text("hello", "en"), Voice(name="v2/en_speaker_99")))
    with pytest.raises(UnsupportedLanguage):
        next(speak(Text("hej", "sv"), Voice()))
    with pytest.raises(EmptyInput):
        next(speak(Text("😀", "en"), Voice()))


def test_a_preset_outside_the_model_or_damaged_is_never_read(folder, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).symlink_to(path)
    listed = copy / "speaker_embeddings_path.json"
    listed.unlink()
    np.save(copy / "object.npy", np.array([{}], object), allow_pickle=True)
    good = {name: f"{name}.npy" for name in ("semantic_prompt", "coarse_prompt", "fine_prompt")}
    voices = {
        "outside": {**good, "coarse_prompt": "../../etc/passwd"},
        "absolute": {**good, "coarse_prompt": "/etc/passwd"},
        "pickle": {**good, "coarse_prompt": "object.npy"},
        "missing": {**good, "coarse_prompt": "nothing.npy"},
        "shape": {**good, "coarse_prompt": "semantic_prompt.npy"},
        "empty": {},
    }
    listed.write_text(json.dumps(voices))
    (engine,) = engines(Checkpoint(alias="tiny", engine="bark", folder=str(copy)))
    with engine.open("cpu") as speak:
        for name in voices:
            with pytest.raises(EngineError, match="get the model again"):
                next(speak(Text("hello", "en"), Voice(name=name)))

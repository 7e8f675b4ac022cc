"""On a checkpoint with random weights and voiceprints made here: wiring, consent and errors."""

import numpy as np
import pytest
import torch
from transformers import SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5Tokenizer

from tiny.speak import speecht5
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak import voiceprints
from vivavoce.engines.speak.normalise import normalised
from vivavoce.engines.speak.speecht5 import engines
from vivavoce.errors import EmptyInput, EngineError, NotReady, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

WIDTH = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return speecht5(tmp_path_factory.mktemp("speecht5"), WIDTH)


@pytest.fixture(scope="module")
def speak(folder):
    (engine,) = engines(Checkpoint(alias="tiny", engine="speecht5", folder=str(folder), languages=("en",)))
    with engine.open("cpu") as ability:
        yield ability


@pytest.fixture(autouse=True)
def people(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path))
    keep("ann", np.ones(WIDTH, np.float32))
    keep("bob", np.arange(WIDTH, dtype=np.float32))
    keep("wide", np.ones(3, np.float32))


def keep(name, vector):
    record = voiceprints.Consent(
        name=name,
        phrase="",
        date="",
        sample_digest="",
        consent_digest="",
        voiceprint="",
        word_error=0,
        similarity=1,
    )
    voiceprints._keep(voiceprints.voices_folder() / name, vector, record)


def test_it_says_what_transformers_says_for_the_same_voiceprint(folder, speak):
    model = SpeechT5ForTextToSpeech.from_pretrained(folder).eval()
    vocoder = SpeechT5HifiGan.from_pretrained(folder / "vocoder").eval()
    ids = SpeechT5Tokenizer.from_pretrained(folder)("twenty-five of them", return_tensors="pt").input_ids
    who = torch.ones(1, WIDTH) / np.sqrt(WIDTH)
    torch.manual_seed(3)
    expected = model.generate_speech(ids, who, vocoder=vocoder).detach().numpy()
    torch.manual_seed(3)
    (take,) = speak.say(normalised("25 of them", "en"), Voice(name="ann"))
    assert take.samples.shape == expected.shape
    assert np.allclose(take.samples, expected, atol=1e-6)
    assert take.written == "25 of them"


def test_a_clause_longer_than_the_model_takes_is_said_whole(speak, monkeypatch):
    long = "9" * 120  # said digit by digit: three times the letters that the model takes
    heard = []
    generate = SpeechT5ForTextToSpeech.generate_speech

    def listening(model, ids, *rest, **more):
        heard.append(ids.shape[1])
        return generate(model, ids, *rest, **more)

    monkeypatch.setattr(SpeechT5ForTextToSpeech, "generate_speech", listening)
    (take,) = speak.say(normalised(long, "en"), Voice(name="ann"))
    assert take.written == long
    assert max(heard) <= 200
    assert sum(heard) >= len(" ".join(["nine"] * 120)) - len(heard)


def test_each_sentence_has_its_transcript(speak):
    sound = Audio.join(list(speak(Text("Good morning. How are you?", "en"), Voice(name="bob"))))
    assert [segment.text for segment in sound.transcript.segments] == ["Good morning.", "How are you?"]
    assert sound.rate_hz == 16_000


def test_nobody_is_spoken_for_without_being_enrolled(speak):
    with pytest.raises(UnknownVoice, match="none was named; choose one of ann, bob"):
        next(speak(Text("hello", "en"), Voice()))
    with pytest.raises(UnknownVoice, match="nobody called “eve” is enrolled"):
        next(speak(Text("hello", "en"), Voice(name="eve")))


def test_a_voice_that_was_forgotten_is_gone_from_an_open_engine(speak):
    next(speak(Text("hello", "en"), Voice(name="ann")))
    voiceprints.forget("ann")
    with pytest.raises(UnknownVoice, match="ann"):
        next(speak(Text("hello", "en"), Voice(name="ann")))


def test_a_voiceprint_of_another_width_is_refused(speak):
    with pytest.raises(EngineError, match="has 3 numbers, and tiny takes 8"):
        next(speak(Text("hello", "en"), Voice(name="wide")))


def test_text_without_words_and_other_languages_are_refused(speak):
    with pytest.raises(EmptyInput):
        next(speak(Text("?!", "en"), Voice(name="ann")))
    with pytest.raises(UnsupportedLanguage):
        next(speak(Text("你好", "zh"), Voice(name="ann")))


def test_a_missing_vocoder_is_named_with_the_command(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (bare / path.name).symlink_to(path)
    (engine,) = engines(Checkpoint(alias="tiny", engine="speecht5", folder=str(bare)))
    with pytest.raises(NotReady, match="viva models pull microsoft/speecht5_hifigan"), engine.open("cpu"):
        pass

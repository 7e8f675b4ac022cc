"""On checkpoints with random weights: what is said means nothing; it must be what transformers says."""

import json

import numpy as np
import pytest
import torch
from transformers import VitsConfig, VitsModel, VitsTokenizer

from tiny.speak import vits
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.units import FIRST_PART_S
from vivavoce.engines.speak.vits import decoder_context, engines
from vivavoce.errors import EmptyInput, EngineError, NotReady, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

SENTENCE = "about nine hundred people walk home"


def opened(folder, **known):
    (engine,) = engines(Checkpoint(alias="tiny", engine="vits", folder=str(folder), **known))
    return engine.open("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return vits(tmp_path_factory.mktemp("vits"))


@pytest.fixture(scope="module")
def speak(folder):
    with opened(folder, languages=("en",)) as ability:
        yield ability


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    folder = vits(tmp_path_factory.mktemp("several"), speakers=3)
    with opened(folder) as ability:
        yield folder, ability


def reference(folder, text, **settings):
    model = VitsModel.from_pretrained(folder).eval()
    ids = VitsTokenizer.from_pretrained(folder)(text, return_tensors="pt").input_ids
    torch.manual_seed(3)
    with torch.inference_mode():
        return model(ids, **settings).waveform[0].numpy()


def takes(speak, text, **voice):
    from vivavoce.engines.speak.normalise import normalised

    torch.manual_seed(3)
    return list(speak.say(normalised(text, "en"), Voice(**voice)))


def whole(speak, text, language="en", **voice):
    return Audio.join(list(speak(Text(text, language), Voice(**voice))))


@pytest.mark.parametrize("text", [SENTENCE, "hi", "it's"])
def test_the_parts_together_are_what_transformers_says(folder, speak, text):
    parts = takes(speak, text)
    assert np.allclose(np.concatenate([part.samples for part in parts]), reference(folder, text), atol=1e-5)


def test_the_rate_is_the_speaking_rate_of_the_model(folder, speak):
    parts = takes(speak, SENTENCE, rate=2.0)
    expected = reference(folder, SENTENCE, speaking_rate=2.0)
    assert np.allclose(np.concatenate([part.samples for part in parts]), expected, atol=1e-5)


def test_a_speaker_of_several_is_chosen_by_number(several):
    folder, speak = several
    said = np.concatenate([part.samples for part in takes(speak, SENTENCE, name="2")])
    assert np.allclose(said, reference(folder, SENTENCE, speaker_id=2), atol=1e-3)  # a loud model rounds more
    assert not np.allclose(said[:1000], reference(folder, SENTENCE, speaker_id=1)[:1000], atol=1e-3)


def test_the_first_part_is_short_and_carries_the_words_that_begin_in_it(speak):
    parts = takes(speak, SENTENCE)
    assert len(parts) > 2
    assert len(parts[0].samples) / parts[0].rate_hz == pytest.approx(FIRST_PART_S, abs=0.02)
    assert parts[0].written.strip() == "about"
    assert "".join(part.written for part in parts) == SENTENCE


def test_words_are_timed_by_the_durations_of_the_model(speak):
    sound = whole(speak, f"{SENTENCE}, 25 of them at once.")
    words = [word for segment in sound.transcript.segments for word in segment.words]
    assert [word.text for word in words] == [*SENTENCE.split()[:-1], "home,", *"25 of them at once.".split()]
    assert all(0 <= word.start_s < word.end_s <= sound.duration_s for word in words)
    starts = [word.start_s for word in words]
    assert starts[1:] == sorted(starts[1:])
    assert sound.transcript.text == f"{SENTENCE}, 25 of them at once."


def test_numbers_are_said_in_letters_and_written_in_digits(speak):
    torch.manual_seed(0)
    digits = whole(speak, "it is 25% of it")
    torch.manual_seed(0)
    letters = whole(speak, "it is twenty-five percent of it")
    assert digits.duration_s == pytest.approx(letters.duration_s)
    assert digits.transcript.text == "it is 25% of it"


def test_a_deeper_decoder_needs_more_around_a_frame():
    full = VitsConfig()
    assert decoder_context(full) == 14
    assert decoder_context(VitsConfig(resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1]])) < 14


def test_a_vits_of_phonemes_is_spoken_by_our_espeak(tmp_path):
    with opened(vits(tmp_path, phonemize=True)) as speak:
        assert whole(speak, "Good evening to you all.").transcript.text == "Good evening to you all."


def test_a_script_that_needs_romanising_names_the_library(tmp_path, monkeypatch):
    monkeypatch.setattr("vivavoce.engines.contract.importlib.import_module", refuse("uroman"))
    with opened(vits(tmp_path, uroman=True)) as speak:
        assert whole(speak, "hello").duration_s > 0.1
        with pytest.raises(NotReady, match="uroman"):
            whole(speak, "안녕하세요", "ko")


def refuse(name):
    import importlib

    real = importlib.import_module

    def import_module(module, package=None):
        if module == name:
            raise ImportError(module)
        return real(module, package)

    return import_module


@pytest.mark.parametrize("text", ["", "?!…", "😀", "\x00", "你好世界"])
def test_text_without_a_letter_that_the_model_knows_is_refused(several, text):
    with pytest.raises(EmptyInput):
        whole(several[1], text, None)


def test_long_and_odd_text_is_spoken(speak):
    assert whole(speak, "a" * 1000).duration_s > 5
    assert whole(speak, "OK 😀 hello 世界 ok\x00yes", rate=4.0).duration_s > 0.2


def test_pitch_and_emotion_come_with_the_same_words(speak):
    sound = whole(speak, SENTENCE, pitch=80, emotion="sad", intensity=1)
    words = [word.text for segment in sound.transcript.segments for word in segment.words]
    assert words == SENTENCE.split()
    assert np.isfinite(sound.samples).all()


def test_voices_and_languages_that_are_not_there_are_refused(speak, several):
    with pytest.raises(UnsupportedLanguage, match="tiny does not speak zh, but en"):
        whole(speak, "你好", "zh")
    with pytest.raises(UnknownVoice, match="has one voice"):
        whole(speak, "hello", name="nobody")
    with pytest.raises(UnknownVoice, match="choose one of 0, 1, 2"):
        whole(several[1], "hello", name="3")


def test_a_folder_without_weights_is_named(tmp_path):
    (vits(tmp_path) / "model.safetensors").unlink()
    with pytest.raises(EngineError, match="holds no VitsModel"), opened(tmp_path):
        pass


def test_code_in_a_model_is_refused(tmp_path):
    config = vits(tmp_path) / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "auto_map": {"AutoModel": "evil.Evil"}}))
    with pytest.raises(EngineError, match="code of its own"), opened(tmp_path):
        pass

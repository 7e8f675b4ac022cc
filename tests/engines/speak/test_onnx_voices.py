"""Kokoro and Piper on models that hum as long as their input asks for: wiring, ids, settings and errors."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tiny.speak import kokoro, piper
from vivavoce.engines.checkpoint import Checkpoint
from vivavoce.engines.options import Voice
from vivavoce.engines.speak import kokoro as kokoro_back_end
from vivavoce.engines.speak import piper as piper_back_end
from vivavoce.engines.speak.normalise import normalised
from vivavoce.errors import EmptyInput, EngineError, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

TEXT = "Every evening, about 25% of them walk home. Is it late?"
BACK_ENDS = {"kokoro": kokoro_back_end, "piper": piper_back_end}


def opened(back_end, folder, **known):
    (engine,) = BACK_ENDS[back_end].engines(Checkpoint(alias="tiny", engine=back_end, folder=str(folder), **known))
    return engine.open("cpu")


@pytest.fixture(scope="module", params=["kokoro", "piper"])
def speak(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    with opened(request.param, {"kokoro": kokoro, "piper": piper}[request.param](folder)) as ability:
        yield ability


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    folder = piper(tmp_path_factory.mktemp("crowd"), speakers=3)
    piper(folder, language="zh_CN")
    with opened("piper", folder) as ability:
        yield ability


def whole(speak, text=TEXT, language="en", **voice):
    return Audio.join(list(speak(Text(text, language), Voice(**voice))))


def test_the_transcript_is_the_words_of_the_text(speak):
    parts = list(speak(Text(TEXT, "en"), Voice()))
    assert [part.transcript.text for part in parts] == [
        "Every evening,",
        "about 25% of them walk home.",
        "Is it late?",
    ]
    assert all(part.transcript.segments[0].end_s == pytest.approx(part.duration_s) for part in parts)
    assert Audio.join(parts).transcript.text == TEXT


def test_numbers_are_spoken_in_words(speak):
    digits, words = whole(speak, "about 25% of it"), whole(speak, "about twenty-five percent of it")
    assert digits.duration_s == pytest.approx(words.duration_s)


def test_parts_join_without_a_click(speak):
    parts = list(speak(Text(TEXT, "en"), Voice()))
    assert all(abs(part.samples[0, 0]) < 1e-3 and abs(part.samples[-1, 0]) < 1e-3 for part in parts)


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_the_model_itself_keeps_to_the_rate(speak, rate):
    plain, other = whole(speak, "about them all"), whole(speak, "about them all", rate=rate)
    pause_s = 0.05
    assert (other.duration_s - pause_s) * rate == pytest.approx(plain.duration_s - pause_s, rel=0.02)


@pytest.mark.parametrize("rate", [0.25, 4.0])
def test_rates_beyond_those_of_the_model_are_kept_too(speak, rate):
    plain, other = whole(speak, "about them all"), whole(speak, "about them all", rate=rate)
    pause_s = 0.05
    assert (other.duration_s - pause_s) * rate == pytest.approx(plain.duration_s - pause_s, rel=0.03)


def test_kokoro_says_all_of_a_clause_that_is_longer_than_it_takes(tmp_path):
    with opened("kokoro", kokoro(tmp_path)) as speak:
        engine = speak.say.__self__
        clause = normalised("7" * 250, "en")
        tokens = len(engine.encoded(clause.said, "af_heart"))
        assert tokens > 2 * kokoro_back_end.MAX_TOKENS
        (take,) = speak.say(clause, Voice())
        assert take.written == "7" * 250
        assert len(take.samples) / 600 == pytest.approx(tokens, rel=0.05)


@pytest.mark.parametrize("voice", [{"rate": 4.0}, {"rate": 0.25}, {"pitch": 0}, {"pitch": 100, "emotion": "angry"}])
def test_extremes_of_the_settings_give_sound(speak, voice):
    assert np.abs(whole(speak, "well then", **voice).samples).max() > 0.01


@pytest.mark.parametrize("text", ["", "  \n ", "… !? —", "😀👍", "\x00\x00"])
def test_text_without_words_is_refused(speak, text):
    with pytest.raises(EmptyInput, match="there is nothing to say"):
        whole(speak, text)


@pytest.mark.parametrize("text", ["a" * 10_000, "hello\x00world", "OK 😀 fine", "我说 hello 你好", "é ñ ü"])
def test_odd_text_is_spoken(speak, text):
    assert whole(speak, text).duration_s > 0.1


def test_a_null_character_does_not_end_the_text(speak):
    assert whole(speak, "hello\x00there my friend").duration_s > whole(speak, "hello").duration_s + 0.2


def test_a_language_without_a_voice_is_refused_with_those_that_have_one(speak):
    with pytest.raises(UnsupportedLanguage, match="does not speak sv, but en"):
        whole(speak, "hej", "sv")


def test_an_unknown_voice_is_refused_with_some_that_there_are(speak):
    with pytest.raises(UnknownVoice, match="no voice “nobody”; choose one of"):
        whole(speak, name="nobody")


def test_a_voice_of_kokoro_is_chosen_by_name_or_language(tmp_path):
    with opened("kokoro", kokoro(tmp_path)) as speak:
        assert whole(speak, "bonjour", "fr").transcript.language == "fr"
        assert whole(speak, "hello", name="bf_emma").duration_s > 0.1
        engine = speak.say.__self__
    assert engine.encoded("day", "af_heart") != engine.encoded("day", "ff_siwis")


def test_kokoro_gets_the_style_for_the_length_of_the_text(tmp_path):
    path = kokoro(tmp_path) / "voices" / "af_heart.bin"
    styles = np.fromfile(path, "<f4").reshape(510, 256)
    assert np.array_equal(kokoro_back_end._style(path, 7), styles[7:8])
    assert np.array_equal(kokoro_back_end._style(path, 9999), styles[-1:])
    np.save(path.with_suffix(".npy"), styles)
    assert np.array_equal(kokoro_back_end._style(path.with_suffix(".npy"), 7), styles[7:8])


def test_a_voice_that_is_a_pickle_is_refused_and_never_loaded(tmp_path):
    folder = kokoro(tmp_path)
    np.save(folder / "voices" / "am_evil.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with opened("kokoro", folder) as speak, pytest.raises(EngineError, match="no voice of Kokoro"):
        whole(speak, "hello", name="am_evil")


def test_speakers_of_one_piper_file_are_chosen_by_name_or_number(crowd):
    def crossings(sound):
        samples = sound.samples[:, 0]
        return np.count_nonzero(np.diff(np.sign(samples[np.abs(samples) > 0.01]))) / sound.duration_s

    low, high = whole(crowd, name="speaker0"), whole(crowd, name="speaker2")
    assert crossings(high) > 2 * crossings(low)
    assert np.array_equal(whole(crowd, name="2").samples, high.samples)


def test_each_language_gets_the_piper_voice_that_speaks_it(crowd):
    assert whole(crowd, "今天25%的人走路回家。", "zh").transcript.text == "今天25%的人走路回家。"
    with pytest.raises(UnknownVoice, match="speaker1"):
        whole(crowd, name="speaker9")


def test_piper_ids_are_padded_between_marks_of_begin_and_end(tmp_path):
    config = json.loads((piper(tmp_path) / "en_US-tiny-low.onnx.json").read_text())
    ids = {sign: numbers[0] for sign, numbers in config["phoneme_id_map"].items()}
    voice = piper_back_end._Piper(tmp_path / "en_US-tiny-low.onnx.json", config, "cpu")
    expected = [ids["^"], ids["_"]]
    for sign in "hˈaɪ!":
        expected += [ids[sign], ids["_"]]
    assert voice.encoded("hi!") == [*expected, ids["$"]]


@pytest.mark.parametrize("damage", ["{}", "not json", '{"audio": 3}', "[]"])
def test_a_damaged_configuration_of_piper_is_named(tmp_path, damage):
    (piper(tmp_path) / "en_US-tiny-low.onnx.json").write_text(damage)
    with pytest.raises(EngineError, match="en_US-tiny-low.onnx.json"), opened("piper", tmp_path):
        pass


@pytest.mark.parametrize("back_end", ["kokoro", "piper"])
def test_a_folder_without_a_model_and_a_damaged_model_are_named(tmp_path, back_end):
    with pytest.raises(EngineError, match="holds no"), opened(back_end, tmp_path):
        pass
    folder = {"kokoro": kokoro, "piper": piper}[back_end](tmp_path)
    next(folder.rglob("*.onnx")).write_bytes(b"nothing")
    with pytest.raises(EngineError, match="is no ONNX model"), opened(back_end, folder) as speak:
        whole(speak)


def test_onnx_voices_need_no_torch(tmp_path):
    code = (
        "import sys; from vivavoce.engines.speak import piper; from vivavoce.engines.checkpoint import Checkpoint;"
        "from vivavoce.engines.options import Voice; from vivavoce.media.text import Text;"
        f"(e,) = piper.engines(Checkpoint(alias='t', engine='piper', folder={str(piper(tmp_path))!r}));"
        "s = e.open('cpu').__enter__(); print(len(list(s(Text('hello', 'en'), Voice()))), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]

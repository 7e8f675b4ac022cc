import pytest

from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.speak.phonemes import phonemes
from vivavoce.errors import UnknownVoice
from vivavoce.media.text import Text


def test_words_become_phonemes_and_punctuation_stays():
    assert phonemes("Hello, world! Is it?", "en-us") == "həlˈoʊ, wˈɜːld! ɪz ɪt?"
    assert phonemes("你好，世界。", "cmn").count(",") == 1


def test_marks_of_a_change_of_language_are_left_out():
    assert "(" not in phonemes("我说 hello 你好", "cmn")


@pytest.mark.parametrize("text", ["", " ", "…", "?!", "\n"])
def test_text_without_words_has_none(text):
    assert phonemes(text, "en-us") == ""


def test_an_unknown_voice_is_refused():
    with pytest.raises(UnknownVoice, match="nobody"):
        phonemes("hello", "nobody")


def test_speech_after_many_phonemes_still_times_its_first_word():
    with Espeak().open("cpu") as speak:
        for _ in range(40):
            phonemes("a" * 300, "en-us")
        first = next(speak(Text("The old bridge.", "en"), Voice()))
    assert [word.text for word in first.transcript.segments[0].words] == ["The", "old", "bridge"]

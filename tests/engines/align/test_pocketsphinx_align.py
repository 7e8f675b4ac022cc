import pytest

from vivavoce.engines.align.pocketsphinx import PocketSphinxAligner
from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.errors import NothingFound, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.text import Text

SENTENCE = (
    "there's iron they say in all our blood and a grain or two perhaps is good but his he makes me harshly feel "
    "has got a little too much of steel anon"
)


@pytest.fixture(scope="module")
def align():
    with PocketSphinxAligner().open("cpu") as ability:
        yield ability


@pytest.mark.data
def test_words_of_a_recording_are_found_in_order_inside_it(align, data):
    audio = open_value(data / "librispeech/1688-142285-0000.opus")
    words = [word for segment in align(audio, Text(SENTENCE, "en")).segments for word in segment.words]
    assert [word.text for word in words] == SENTENCE.split()
    assert all(0 <= a.start_s < a.end_s <= b.start_s + 0.011 for a, b in zip(words, words[1:], strict=False))
    assert words[-1].end_s <= audio.duration_s + 0.02


def test_times_agree_with_the_voice_that_spoke(align):
    text = Text("The library opens at nine in the morning, and closes at six.", "en")
    with Espeak().open("cpu") as speak:
        sound = Audio.join(list(speak(text, Voice(rate=0.8))))
    known = {word.text: word.start_s for segment in sound.transcript.segments for word in segment.words}
    found = {word.text: word.start_s for segment in align(sound, text).segments for word in segment.words}
    errors = sorted(abs(known[word] - found[word]) for word in known.keys() & found.keys())
    assert len(errors) >= 8
    assert errors[len(errors) // 2] < 0.1


def test_unknown_words_are_aligned_by_their_letters(align):
    with Espeak().open("cpu") as speak:
        sound = next(speak(Text("the zorblat sleeps", "en"), Voice()))
    found = align(sound, Text("The Zorblat sleeps.", "en"))
    assert [word.text for word in found.segments[0].words] == ["The", "Zorblat", "sleeps"]


def test_a_text_that_is_not_said_is_refused(align):
    with Espeak().open("cpu") as speak:
        sound = next(speak(Text("Yes.", "en"), Voice()))
    with pytest.raises(NothingFound, match="22 words"):
        align(sound, Text("one two three four five six seven eight nine ten eleven " * 2, "en"))


def test_other_languages_and_empty_texts_are_refused(align):
    with Espeak().open("cpu") as speak:
        sound = next(speak(Text("Yes.", "en"), Voice()))
    with pytest.raises(UnsupportedLanguage):
        align(sound, Text("你好", "zh"))
    with pytest.raises(NothingFound):
        align(sound, Text("…", "en"))

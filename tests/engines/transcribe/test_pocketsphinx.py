import jiwer
import numpy as np
import pytest

from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.transcribe.pocketsphinx import PocketSphinx
from vivavoce.errors import EngineError, NothingFound, UnsupportedLanguage, UsageError
from vivavoce.media.audio import Audio
from vivavoce.media.gateway import open_value
from vivavoce.media.text import Text

DIGITS = """#JSGF V1.0;
grammar digits;
public <digits> = (zero | one | two | three | four | five | six | seven | eight | nine)+;
"""


@pytest.fixture(scope="module")
def transcribe():
    with PocketSphinx().open("cpu") as ability:
        yield ability


def spoken(text, **voice):
    with Espeak().open("cpu") as speak:
        return Audio.join(list(speak(Text(text, "en"), Voice(**voice))))


def heard(transcribe, audio, **hints):
    return " ".join(segment.text for segment in transcribe(audio, Hints(**hints)))


@pytest.mark.data
def test_segments_and_words_lie_inside_the_audio_in_order(transcribe, data):
    audio = open_value(data / "librispeech/1688-142285-0000.opus")
    segments = list(transcribe(audio, Hints()))
    words = [word for segment in segments for word in segment.words]
    assert len(words) > 20
    assert all(0 <= word.start_s < word.end_s <= audio.duration_s for word in words)
    assert all(a.start_s < b.start_s for a, b in zip(words, words[1:], strict=False))


@pytest.mark.data
def test_real_speech_is_recognised_better_than_by_the_bare_library(transcribe, data):
    """The bare library with its defaults has .615 on all fifty; these ten keep the test short."""
    rows = [line.split("\t") for line in (data / "librispeech/transcripts.tsv").read_text().splitlines()][:10]
    said = [heard(transcribe, open_value(data / f"librispeech/{name}.opus")) for name, _ in rows]
    assert jiwer.wer([text for _, text in rows], said) < 0.75


def test_a_grammar_limits_what_can_be_heard(transcribe):
    said = heard(transcribe, spoken("three, five, nine.", rate=0.8), grammar=DIGITS)
    assert set(said.split()) <= set("zero one two three four five six seven eight nine".split())
    assert said.split()
    assert "zero" not in heard(transcribe, spoken("good morning everybody"))


def test_a_broken_grammar_is_wrong_usage(transcribe):
    with pytest.raises(UsageError, match="JSGF"):
        heard(transcribe, spoken("one"), grammar="public <a = b;")


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(1), np.zeros(80_000)], ids=["empty", "one sample", "silence"])
def test_silence_is_said_to_hold_no_speech(transcribe, audio):
    with pytest.raises(NothingFound, match="no speech"):
        heard(transcribe, Audio(audio.astype(np.float32), 16_000))


def test_other_languages_are_refused_with_the_model_to_pull(transcribe):
    with pytest.raises(UnsupportedLanguage, match="viva models pull"):
        heard(transcribe, spoken("hello"), language="zh")


def test_translation_is_refused_with_the_model_to_pull(transcribe):
    with pytest.raises(EngineError, match="viva models pull"):
        heard(transcribe, spoken("hello"), task="translate")


def test_the_first_segment_comes_before_the_whole_is_heard(transcribe):
    sentence = spoken("This is a rather long sentence about nothing at all.")
    pause = Audio(np.zeros((sentence.rate_hz, 1), np.float32), sentence.rate_hz)
    whole = Audio.join([sentence, pause] * 6)
    segments = transcribe(whole, Hints())
    assert next(segments).end_s < whole.duration_s / 2
    assert list(segments)


def test_any_rate_and_stereo_are_heard_alike(transcribe):
    mono = spoken("The weather was fine all morning.")
    wide = mono.resampled(48_000)
    stereo = Audio(np.repeat(wide.samples, 2, axis=1), 48_000)
    assert jiwer.wer(heard(transcribe, mono), heard(transcribe, stereo)) < 0.5

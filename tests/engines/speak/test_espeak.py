import threading
import time

import numpy as np
import pytest

from vivavoce.engines.options import Voice
from vivavoce.engines.speak.espeak import LANGUAGES, Espeak
from vivavoce.errors import EmptyInput, EngineError, UnknownVoice
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def speak():
    with Espeak().open("cpu") as ability:
        yield ability


def whole(speak, text, language="en", **voice):
    return Audio.join(list(speak(Text(text, language), Voice(**voice))))


def test_each_word_is_timed_inside_the_sound(speak):
    sound = whole(speak, "The old bridge was built of stone.")
    words = [word for segment in sound.transcript.segments for word in segment.words]
    assert [word.text for word in words] == ["The", "old", "bridge", "was", "built", "of", "stone"]
    assert all(0 <= word.start_s <= word.end_s <= sound.duration_s for word in words)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in zip(words, words[1:], strict=False))


def test_words_of_chinese_are_timed_too(speak):
    sound = whole(speak, "你好，世界。今天天气怎么样？", "zh")
    assert sound.transcript.text == "你好，世界。今天天气怎么样？"
    assert len(sound.transcript.segments) == 2
    assert sum(len(segment.words) for segment in sound.transcript.segments) >= 8


def test_sentences_come_one_by_one_and_the_first_at_once(speak):
    text = Text("This is the first sentence. " * 40, "en")
    began = time.perf_counter()
    parts = speak(text, Voice())
    first = next(parts)
    assert time.perf_counter() - began < 0.5
    assert first.transcript.text == "This is the first sentence."
    assert len(list(parts)) == 39


def test_a_higher_rate_is_shorter_and_a_higher_pitch_is_higher(speak):
    text = "Anybody can see how long this takes to say."
    assert whole(speak, text, rate=1.5).duration_s < 0.75 * whole(speak, text).duration_s
    assert dominant_hz(whole(speak, text, pitch=90)) > dominant_hz(whole(speak, text, pitch=10)) * 1.2


def dominant_hz(sound):
    """Return the fundamental by the highest peak of the autocorrelation between 60 and 400 Hz."""
    samples = sound.samples[:, 0]
    spectrum = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(spectrum)[: sound.rate_hz // 60]
    return sound.rate_hz / (np.argmax(correlation[sound.rate_hz // 400 :]) + sound.rate_hz // 400)


def test_an_emotion_moves_pitch_and_speed_and_keeps_the_words(speak):
    text = "Anybody can see how long this takes to say."
    plain, happy = whole(speak, text), whole(speak, text, emotion="happy", intensity=1)
    octaves = np.log2(dominant_hz(happy) / dominant_hz(plain))
    octaves -= round(octaves - np.log2(1.25))  # the estimate may be an octave off
    assert 2**octaves == pytest.approx(1.25, rel=0.15)
    assert happy.duration_s < plain.duration_s
    assert happy.transcript.text == text


def test_a_null_character_does_not_end_the_text(speak):
    assert whole(speak, "hello\x00there").transcript.text == "hello there"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_on_the_card_has_a_voice(speak, language):
    assert next(speak(Text("Hello 2", language), Voice())).duration_s > 0.1


def test_a_voice_can_be_named_and_an_unknown_one_is_refused(speak):
    assert whole(speak, "Hello there", name="en-gb-scotland").duration_s > 0.3
    with pytest.raises(UnknownVoice, match="no voice “nobody”"):
        whole(speak, "Hello", name="nobody")


def test_a_rate_out_of_reach_is_refused_with_the_range(speak):
    with pytest.raises(EngineError, match=r"0\.46–4\.00"):
        whole(speak, "Hello", rate=0.3)


def test_text_without_words_is_refused(speak):
    with pytest.raises(EmptyInput):
        whole(speak, "… !? —")


def test_callers_on_several_threads_get_their_own_words(speak):
    spoken = {}

    def run(number):
        spoken[number] = whole(speak, f"number {number}. " * 5).transcript.text

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(spoken[number] == " ".join([f"number {number}."] * 5) for number in range(8))

from shutil import which

import pytest

from vivavoce.engines.options import Voice
from vivavoce.engines.speak.flite import Flite
from vivavoce.errors import NotReady, UnknownVoice, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text

needs_flite = pytest.mark.skipif(which("flite") is None, reason="needs the Debian package flite")


@needs_flite
def test_each_sentence_is_a_segment_of_the_transcript():
    with Flite().open("cpu") as speak:
        sound = Audio.join(list(speak(Text("Good morning. How are you today?", "en"), Voice())))
    first, second = sound.transcript.segments
    assert (first.text, second.text) == ("Good morning.", "How are you today?")
    assert first.end_s == pytest.approx(second.start_s)
    assert second.end_s == pytest.approx(sound.duration_s)


@needs_flite
def test_text_that_looks_like_an_option_is_only_spoken():
    with Flite().open("cpu") as speak:
        assert next(speak(Text("-voice list", "en"), Voice())).duration_s > 0.3


@needs_flite
def test_rate_changes_the_length():
    with Flite().open("cpu") as speak:
        slow, fast = (next(speak(Text("Take your time.", "en"), Voice(rate=rate))) for rate in (0.5, 2.0))
    assert slow.duration_s > 2 * fast.duration_s


@needs_flite
def test_the_pitch_that_the_program_does_not_set_is_set_after_it():
    with Flite().open("cpu") as speak:
        plain, high = (next(speak(Text("Take your time.", "en"), Voice(pitch=pitch))) for pitch in (50, 75))
    assert high.duration_s == pytest.approx(plain.duration_s, rel=0.01)
    assert zero_crossings(high) > 1.1 * zero_crossings(plain)


def zero_crossings(sound):
    return (sound.samples[1:] * sound.samples[:-1] < 0).sum()


@needs_flite
def test_other_languages_and_unknown_voices_are_refused():
    with Flite().open("cpu") as speak:
        with pytest.raises(UnsupportedLanguage):
            next(speak(Text("你好", "zh"), Voice()))
        with pytest.raises(UnknownVoice, match="slt, rms"):
            next(speak(Text("Hello", "en"), Voice(name="nobody")))


def test_without_the_program_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotReady, match="apt-get install flite"), Flite().open("cpu"):
        pass

"""On a checkpoint with random weights: what it hears means nothing; wiring, times and errors are tested."""

import numpy as np
import pytest

from vivavoce.engines.options import Hints, Voice
from vivavoce.engines.speak.espeak import Espeak
from vivavoce.engines.transcribe.faster_whisper import FasterWhisper
from vivavoce.errors import EngineError, NothingFound, NotReady, UnsupportedLanguage
from vivavoce.media.audio import Audio
from vivavoce.media.text import Text


@pytest.fixture(scope="module")
def speech():
    with Espeak().open("cpu") as speak:
        return Audio.join(list(speak(Text("Good morning. Is anybody there? " * 3, "en"), Voice())))


@pytest.fixture(scope="module")
def transcribe(tiny_whisper):
    with FasterWhisper(model=str(tiny_whisper)).open("cpu") as ability:
        yield ability


def test_segments_lie_inside_the_audio_with_confidence(transcribe, speech):
    segments = list(transcribe(speech, Hints(language="en")))
    assert segments
    for segment in segments:
        assert 0 <= segment.start_s <= segment.end_s <= speech.duration_s
        assert 0 <= segment.confidence <= 1
        assert all(type(word.start_s) is float and word.end_s <= speech.duration_s for word in segment.words)


def test_the_language_is_found_when_it_is_not_given(transcribe, speech):
    assert list(transcribe(speech, Hints()))


def test_silence_is_not_made_into_words(transcribe):
    with pytest.raises(NothingFound):
        list(transcribe(Audio(np.zeros((160_000, 1), np.float32), 16_000), Hints(language="en")))


def test_an_unknown_language_is_refused(transcribe, speech):
    with pytest.raises(UnsupportedLanguage, match="“xx”"):
        list(transcribe(speech, Hints(language="xx")))


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(EngineError, match=r"holds no tokenizer\.json"), FasterWhisper(model=str(tmp_path)).open("cpu"):
        pass
    (tmp_path / "tokenizer.json").write_text("{}")
    with (
        pytest.raises(EngineError, match="no CTranslate2 Whisper model"),
        FasterWhisper(model=str(tmp_path)).open("cpu"),
    ):
        pass


def test_weights_that_are_not_on_disk_are_named_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr("vivavoce.engines.hub.hub_cache", lambda: tmp_path)
    with pytest.raises(NotReady, match="viva models pull faster-whisper-base"):
        with FasterWhisper(model="base").open("cpu"):
            pass

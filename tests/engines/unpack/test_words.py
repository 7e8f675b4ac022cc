import numpy as np
import pytest

from vivavoce.engines.unpack.words import SpokenWords
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.text import Segment, Text


def test_the_transcript_that_speech_carries_is_returned():
    transcript = Text.from_segments([Segment("Hello.", 0.0, 1.0)], "en")
    with SpokenWords().open("cpu") as unpack:
        assert unpack(Audio(np.zeros(16_000, np.float32), 16_000, transcript), None) is transcript


def test_recorded_speech_is_an_error():
    with SpokenWords().open("cpu") as unpack, pytest.raises(NothingFound, match="transcribe it first"):
        unpack(Audio(np.zeros(16_000, np.float32), 16_000), None)

import numpy as np
import pytest

from vivavoce.engines.film.spoken import LONG, spoken
from vivavoce.errors import NothingFound
from vivavoce.media.audio import Audio
from vivavoce.media.text import Segment, Text

SOUND = np.zeros(16_000 * 10, np.float32)


def test_known_sentences_stay_as_they_are(talk):
    assert spoken(talk).segments == talk.transcript.segments


def test_text_without_times_is_shared_out_over_the_sound():
    segments = spoken(Audio(SOUND, 16_000, Text("One two three. Four five six seven eight nine.", "en"))).segments
    assert [s.text for s in segments] == ["One two three.", "Four five six seven eight nine."]
    assert (segments[0].start_s, segments[-1].end_s) == pytest.approx((0.0, 10.0))
    assert segments[0].end_s == pytest.approx(segments[1].start_s) == pytest.approx(10 * 14 / 45, abs=0.3)


def test_a_segment_too_long_to_read_is_cut():
    long = Text.from_segments([Segment("A sentence of some length. " * 20, 0.0, 10.0)], "en")
    segments = spoken(Audio(SOUND, 16_000, long)).segments
    assert len(segments) == 20
    assert max(len(s.text) for s in segments) < LONG


@pytest.mark.parametrize("transcript", [None, Text(" ")])
def test_speech_without_words_is_an_error(transcript):
    with pytest.raises(NothingFound, match="transcribe it first"):
        spoken(Audio(SOUND, 16_000, transcript))

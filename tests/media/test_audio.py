"""Sound as a value."""

import numpy as np
import pytest

from media.makers import melody
from vivavoce.errors import InputError
from vivavoce.media.audio import Audio
from vivavoce.media.origin import Step
from vivavoce.media.text import Segment, Text


def test_one_dimension_is_mono_and_integers_become_floats():
    value = Audio(np.array([0, 1, 0]), 8_000)
    assert (value.samples.shape, value.samples.dtype, value.channels) == ((3, 1), np.float32, 1)


@pytest.mark.parametrize("rate_hz", [0, -8_000, 3_999, 384_001, 10**9])
def test_rates_out_of_range_are_refused(rate_hz):
    with pytest.raises(InputError, match="outside 4000–384000 Hz"):
        Audio(np.zeros(5), rate_hz)


def test_mono_is_the_mean_and_resampling_keeps_the_length():
    stereo = melody(1.0, 44_100, channels=2)
    assert np.allclose(stereo.mono().samples[:, 0], stereo.samples.mean(axis=1))
    assert stereo.resampled(16_000).duration_s == pytest.approx(1.0, abs=1e-4)
    assert stereo.at(8_000).shape == (8_000,)
    assert stereo.resampled(44_100) is stereo
    assert Audio(np.zeros((0, 1)), 8_000).resampled(16_000).duration_s == 0


def test_joining_shifts_transcripts_and_keeps_every_sample():
    said = Text.from_segments([Segment("hi", 0.1, 0.5)], "en")
    parts = [
        Audio(melody(0.5).samples, 16_000, said, (Step(engine="a"),)),
        Audio(melody(1.0, 8_000, 2).samples, 8_000, said),
    ]
    whole = Audio.join(parts)
    assert (whole.rate_hz, whole.channels) == (16_000, 2)
    assert whole.duration_s == pytest.approx(1.5)
    assert [s.start_s for s in whole.transcript.segments] == pytest.approx([0.1, 0.6])
    assert [step.engine for step in whole.origin] == ["a"]
    assert Audio.join([parts[0], Audio(np.zeros(5), 8_000)]).transcript is None


def test_the_digest_counts_the_rate():
    assert Audio(np.zeros(5), 8_000).digest() != Audio(np.zeros(5), 16_000).digest()

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.engines.abilities import Span
from vivavoce.engines.transcribe.chunks import chunks, chunks_by_window

RATE_HZ = 4_000


@st.composite
def spans_of_speech(draw):
    gaps = draw(st.lists(st.tuples(st.floats(0.05, 2.0), st.floats(0.1, 60.0)), min_size=1, max_size=8))
    spans, at_s = [], 0.0
    for gap_s, length_s in gaps:
        spans.append(Span(at_s + gap_s, at_s + gap_s + length_s))
        at_s = spans[-1].end_s
    return spans, at_s + draw(st.floats(0.0, 2.0))


@given(spans_of_speech())
def test_chunks_hold_all_speech_once_and_none_is_too_long(case):
    spans, end_s = case
    samples = np.ones(int(end_s * RATE_HZ) + 1, np.float32)
    found = list(chunks(spans, samples, RATE_HZ, max_s=25.0))
    assert all(chunk.end_s - chunk.start_s <= 25.0 + 1e-6 for chunk in found)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in zip(found, found[1:], strict=False))
    for span in spans:
        covered = sum(max(0.0, min(c.end_s, span.end_s) - max(c.start_s, span.start_s)) for c in found)
        assert covered >= span.end_s - span.start_s - 1e-6


def test_a_long_stretch_is_cut_where_it_is_quietest():
    samples = np.ones(40 * RATE_HZ, np.float32)
    samples[20 * RATE_HZ : 20 * RATE_HZ + RATE_HZ // 10] = 0
    first, second = chunks([Span(0, 40)], samples, RATE_HZ, max_s=25.0)
    assert abs(first.end_s - 20.05) < 0.06
    assert first.end_s == second.start_s


@given(spans_of_speech())
def test_windows_lose_no_speech_and_double_none(case):
    spans, end_s = case
    samples = np.zeros(int(end_s * RATE_HZ) + 1, np.float32)
    for span in spans:
        samples[int(span.start_s * RATE_HZ) : int(span.end_s * RATE_HZ)] = 1

    def detect_speech(audio):
        loud = np.flatnonzero(np.diff(np.concatenate([[0], audio.samples[:, 0] > 0, [0]]).astype(int)))
        return [Span(a / RATE_HZ, b / RATE_HZ) for a, b in loud.reshape(-1, 2)]

    found = list(chunks_by_window(detect_speech, samples, RATE_HZ))
    assert all(a.end_s <= b.start_s + 2e-3 for a, b in zip(found, found[1:], strict=False))
    covered = np.zeros(len(samples), bool)
    for chunk in found:
        covered[int(chunk.start_s * RATE_HZ) : int(chunk.end_s * RATE_HZ) + 9] = True
    assert not (samples.astype(bool) & ~covered).any()


def test_packed_chunks_hold_as_much_as_fits_however_long_the_pauses():
    spans = [Span(1, 9), Span(14, 20), Span(26, 27), Span(31, 40)]
    samples = np.zeros(45 * RATE_HZ, np.float32)
    found = list(chunks(spans, samples, RATE_HZ, max_s=28.0, packed=True))
    assert [(round(span.start_s), round(span.end_s)) for span in found] == [(1, 27), (31, 40)]
    assert len(list(chunks(spans, samples, RATE_HZ, max_s=28.0))) == 4

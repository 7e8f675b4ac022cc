import pytest

from vivavoce.engines.voiceprint.speech import spread


@pytest.mark.parametrize("end", [10, 11, 14, 15, 18, 100])
def test_windows_reach_from_the_beginning_to_the_end_without_a_gap(end):
    starts = spread(0, end, 10, 4)
    assert starts[0] == 0 and starts[-1] == end - 10
    assert all(0 < b - a <= 4 for a, b in zip(starts, starts[1:], strict=False))


@pytest.mark.parametrize("end", [5, 9, 14])
def test_what_is_shorter_than_a_window_gets_one(end):
    assert spread(5, end, 10, 4) == [5]

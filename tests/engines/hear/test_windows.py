import numpy as np
import pytest

from vivavoce.engines.hear.windows import windows


@pytest.mark.parametrize("length", [101, 150, 200, 250, 999])
def test_windows_are_full_and_cover_the_sound_to_its_end(length):
    samples = np.arange(length, dtype=np.float32)
    parts = windows(samples, 100)
    assert {len(part) for part in parts} == {100}
    assert np.array_equal(np.unique(np.concatenate(parts)), samples)
    assert parts[-1][-1] == length - 1
    assert len(parts) == -(-length // 100)


@pytest.mark.parametrize("length", [0, 1, 100])
def test_what_fits_one_window_stays_whole_and_is_filled_up_to_the_shortest(length):
    (part,) = windows(np.ones(length, np.float32), 100, shortest=20)
    assert len(part) == max(20, length) and part.sum() == length

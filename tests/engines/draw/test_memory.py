import pytest

from vivavoce.engines.draw import memory
from vivavoce.engines.draw.memory import Savers, free_bytes, savers

GB = 10**9


@pytest.mark.parametrize(
    ("free", "weights", "pixels", "wanted"),
    [
        (None, 9 * GB, 10**9, Savers()),
        (80 * GB, 7 * GB, 1024**2, Savers()),
        (8 * GB, 7 * GB, 1024**2, Savers(offload=True)),
        (8 * GB, 6 * GB, 1024**2, Savers()),
        (8 * GB, 6 * GB, 2048**2, Savers(tiles=True, slices=True)),
        (5 * GB, 0, 2048**2, Savers(tiles=True)),
    ],
)
def test_what_saves_memory_is_used_where_little_is_free(free, weights, pixels, wanted):
    assert savers(free, weights, pixels, 2) == wanted


def test_what_is_free_on_a_cpu_is_read_from_the_system(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    assert free_bytes("cpu") is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    4096 kB\n")
    assert free_bytes("cpu") == 4096 * 1024
    (tmp_path / "meminfo").write_text("MemAvailable: plenty\n")
    assert free_bytes("cpu") is None

import pytest
import torch

from tiny.language import marian
from vivavoce.engines.conversion import converted, forget
from vivavoce.errors import EngineError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))


def test_a_pickle_is_not_opened_because_some_safetensors_lie_beside_it(tmp_path):
    folder = marian(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "extra.safetensors")
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(EngineError, match="pickled weights are never opened"):
        converted(folder, "int8")


def test_a_conversion_is_made_once_and_forgotten_with_its_source(tmp_path):
    folder = marian(tmp_path / "model")
    target = converted(folder, "int8")
    written = (target / "model.bin").stat().st_mtime_ns
    assert (converted(folder, "int8") / "model.bin").stat().st_mtime_ns == written
    assert forget(tmp_path / "another") == 0 and target.is_dir()
    assert forget(folder) > 1000 and not target.exists()

import pickle
import runpy
import sys

import pytest

from vivavoce.engines.omni.voices import __file__ as voices_file
from vivavoce.engines.omni.voices import convert, load_voices
from vivavoce.errors import EngineError


@pytest.fixture
def published(tmp_path):
    """Return a file of voices as they are published."""
    import torch

    voice = {"bos_token": 151872, "cond": torch.ones(1, 6), "ref_mel": torch.zeros(1, 30, 8)}
    torch.save({"Chelsie": voice, "Ethan": voice}, tmp_path / "spk_dict.pt")
    return tmp_path / "spk_dict.pt"


def test_voices_are_converted_once_and_then_read_without_a_pickle(published, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["voices", str(published), str(tmp_path)])
    runpy.run_path(voices_file, run_name="__main__")
    assert capsys.readouterr().out.strip() == str(tmp_path / "speakers.safetensors")
    published.unlink()
    voices = load_voices(tmp_path, "omni")
    assert list(voices) == ["Chelsie", "Ethan"]
    assert voices["Ethan"]["bos_token"] == 151872
    assert voices["Ethan"]["cond"].shape == (1, 6)


def test_a_pickle_that_would_run_code_is_refused(tmp_path):
    class Command:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    (tmp_path / "spk_dict.pt").write_bytes(pickle.dumps({"Chelsie": Command()}))
    with pytest.raises(EngineError, match="holds no voices"):
        convert(tmp_path / "spk_dict.pt", tmp_path)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "speakers.safetensors").exists()

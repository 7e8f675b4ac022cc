import pytest

from vivavoce.engines import hub
from vivavoce.engines.contract import Weights
from vivavoce.errors import NotReady

WEIGHTS = Weights(repository="somebody/some-model", revision="main", size_mb=1, licence="MIT")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "hub_cache", lambda: tmp_path)
    return tmp_path


def test_weights_are_found_by_the_commit_that_the_revision_names(cache):
    root = cache / "models--somebody--some-model"
    assert hub.folder_of(WEIGHTS) is None
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("abc123\n")
    folder = root / "snapshots" / "abc123"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert hub.folder_of(WEIGHTS) is None  # a download that was cut off: no weights yet
    (folder / "model.safetensors").write_bytes(b"x")
    assert hub.folder_of(WEIGHTS) == folder


def test_files_that_can_run_code_are_never_fetched():
    from fnmatch import fnmatch

    for name in ("pytorch_model.bin", "modeling_x.py", "weights.pkl", "model.pt", "tokenizer.py"):
        assert not any(fnmatch(name, pattern) for pattern in hub.SAFE_FILES), name


def test_without_a_hub_the_error_says_what_to_do(cache, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NotReady, match="hub can't be reached for somebody/some-model"):
        hub.pull(WEIGHTS)

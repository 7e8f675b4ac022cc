"""Fetching with the hub's real client from a server on loopback, in processes of their own."""

import json
import os
import signal
import struct
import subprocess
import sys
import time

import pytest

from hub_server import COMMIT, Hub, serving
from vivavoce.engines import hub
from vivavoce.engines.contract import Weights
from vivavoce.engines.hub_files import complete
from vivavoce.errors import NotReady

WEIGHTS = Weights(repository="somebody/some-model", revision="main", size_mb=1, licence="MIT")
VIVA = "from vivavoce.cli.main import run; run()"
BLIP = "Salesforce/blip-vqa-base"


def safetensors(payload=b"\0" * 4000):
    header = json.dumps({"x": {"dtype": "U8", "shape": [len(payload)], "data_offsets": [0, len(payload)]}}).encode()
    return struct.pack("<Q", len(header)) + header + payload


FILES = {
    "config.json": b'{"model_type": "blip"}',
    "vocab.txt": b"a\nb\n",
    "model.safetensors": safetensors(),
    "pytorch_model.bin": b"\x80\x02 a pickle, which could run code",
    "modeling_blip.py": b"raise SystemExit",
    "onnx/model.onnx": b"of no use here",
}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "hub_cache", lambda: tmp_path)
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def viva(tmp_path):
    """Return a function that runs `viva` against a hub, and the folder of its cache."""

    def run(at, *arguments, **settings):
        environment = {
            **os.environ,
            "HF_ENDPOINT": at.url,
            "HF_HOME": str(tmp_path / "hf"),
            "VIVAVOCE_HOME": str(tmp_path / "home"),
            "HF_HUB_DISABLE_XET": "1",
            **settings,
        }
        environment.pop("HF_HUB_OFFLINE", None)
        command = [sys.executable, "-c", VIVA, "--ui-language", "en", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    run.snapshots = lambda name: sorted(
        path.relative_to(root).as_posix()
        for root in (tmp_path / "hf" / "hub" / f"models--{name.replace('/', '--')}" / "snapshots").glob("*")
        for path in root.rglob("*")
        if path.is_file()
    )
    run.lock = lambda: json.loads((tmp_path / "home" / "models.lock.json").read_text())
    return run


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


def test_a_model_in_parts_is_complete_when_every_part_is_there(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    index = {"weight_map": {"a": parts[0], "b": parts[1]}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / parts[0]).write_bytes(b"x")
    assert not complete(tmp_path)
    (tmp_path / parts[1]).write_bytes(b"x")
    assert complete(tmp_path)


def test_without_a_hub_the_error_says_what_to_do(cache, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NotReady, match="hub can't be reached for somebody/some-model"):
        hub.pull(WEIGHTS)


def test_pull_fetches_data_files_only_locks_them_and_the_engine_finds_them(viva):
    with serving(Hub({BLIP: FILES})) as at:
        done = viva(at, "models", "pull", "blip-vqa")
        assert done.returncode == 0, done.stderr
        assert viva.snapshots(BLIP) == ["config.json", "model.safetensors", "vocab.txt"]
        assert not any(path.endswith((".py", ".bin", ".onnx")) for _, path, _ in at.asked)
        assert viva.lock()[BLIP]["commit"] == COMMIT
        assert set(viva.lock()[BLIP]["files"]) == {"config.json", "model.safetensors", "vocab.txt"}
    listed = viva(at, "models", "info", "blip-vqa", "--json")
    assert json.loads(listed.stdout)["ready"] and json.loads(listed.stdout)["commit"] == COMMIT


def test_a_download_that_is_cut_off_goes_on_where_it_stopped(viva):
    files = {**FILES, "model.safetensors": safetensors(os.urandom(24_000_000))}
    with serving(Hub({BLIP: files}, cut_at=15_000_000)) as at:
        done = viva(at, "models", "pull", "blip-vqa")
        assert done.returncode == 0, done.stderr
    resumed = [int(asked.removeprefix("bytes=").split("-")[0]) for _, _, asked in at.asked if asked]
    assert any(0 < start <= 15_000_000 for start in resumed)
    assert set(viva.lock()[BLIP]["files"]) == {"config.json", "model.safetensors", "vocab.txt"}


def test_a_file_that_arrives_damaged_is_removed_and_nothing_loads(viva):
    with serving(Hub({BLIP: FILES}, damaged=("model.safetensors",))) as at:
        done = viva(at, "models", "pull", "blip-vqa")
        assert done.returncode == 1
        assert "arrived damaged" in done.stderr and "Traceback" not in done.stderr
        assert "model.safetensors" not in viva.snapshots(BLIP)
        at.damaged = ()
        assert viva(at, "models", "pull", "blip-vqa").returncode == 0


PICKLE_ONLY = {"config.json": b"{}", "pytorch_model.bin": b"\x80\x02"}
REMOTE_CODE = {"config.json": b'{"auto_map": {"AutoModel": "evil.Model"}}', "model.safetensors": safetensors()}
HIDDEN_PICKLE = {"config.json": b"{}", "model.bin": b"PK\x03\x04 a zip of a pickle"}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (PICKLE_ONLY, "are pickles"),
        (REMOTE_CODE, "Python code of its own"),
        (HIDDEN_PICKLE, "are pickles"),
        ({"README.md": b"nothing"}, "holds no weights"),
    ],
    ids=["pickles", "remote code", "a pickle under another name", "empty"],
)
def test_a_repository_that_could_run_code_is_refused_with_the_reason(viva, files, reason):
    with serving(Hub({"evil/model": files})) as at:
        done = viva(at, "models", "pull", "evil/model")
        assert done.returncode == 1
        assert reason in done.stderr
        assert not any(path.endswith(("pytorch_model.bin", ".py")) for _, path, _ in at.asked)


def test_gated_and_unknown_repositories_name_the_variable_of_the_token(viva):
    with serving(Hub({}, gated=("closed/model",))) as at:
        for name in ("closed/model", "nobody/nothing"):
            done = viva(at, "models", "pull", name)
            assert done.returncode == 1
            assert "HF_TOKEN" in done.stderr and name in done.stderr


def test_what_is_on_disk_serves_when_the_hub_is_away(viva):
    with serving(Hub({BLIP: FILES})) as at:
        assert viva(at, "models", "pull", "blip-vqa").returncode == 0
    again = viva(at, "models", "pull", "blip-vqa")  # nobody listens any more
    assert again.returncode == 0, again.stderr


def test_the_lock_keeps_a_model_at_its_commit_until_it_is_updated(viva):
    with serving(Hub({BLIP: FILES})) as at:
        viva(at, "models", "pull", "blip-vqa")
        at.commit = "f" * 40
        viva(at, "models", "pull", "blip-vqa")
        assert any(f"/revision/{COMMIT}" in path for _, path, _ in at.asked)
        assert viva(at, "models", "pull", "blip-vqa", "--update").returncode == 0
        assert viva.lock()[BLIP]["commit"] == "f" * 40


def test_rm_frees_the_disk(viva):
    with serving(Hub({BLIP: FILES})) as at:
        viva(at, "models", "pull", "blip-vqa")
        done = viva(at, "models", "rm", "blip-vqa")
        assert done.returncode == 0, done.stderr
        assert viva.snapshots(BLIP) == []
        assert BLIP not in viva.lock()
        assert viva(at, "models", "rm", "blip-vqa").returncode == 1


@pytest.mark.slow
def test_a_download_that_is_killed_leaves_nothing_that_loads(tmp_path):
    """Ten downloads killed after 0.3–1.5 s: whatever is on disk then, the engine is either whole or not ready."""
    files = {**FILES, "model.safetensors": safetensors(os.urandom(20_000_000))}
    with serving(Hub({BLIP: files})) as at:
        whole = []
        for number in range(10):
            home = tmp_path / str(number)
            environment = {**os.environ, "HF_ENDPOINT": at.url, "HF_HOME": str(home), "VIVAVOCE_HOME": str(home)}
            environment |= {"HF_HUB_DISABLE_XET": "1"}
            command = [sys.executable, "-c", VIVA, "models", "pull", "blip-vqa"]
            child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.3 + 0.12 * number)
            child.send_signal(signal.SIGKILL)
            child.wait()
            whole.append(False)
            for folder in (home / "hub" / "models--Salesforce--blip-vqa-base" / "snapshots").glob("*"):
                weights = folder / "model.safetensors"
                assert complete(folder) == weights.exists()
                whole[-1] = complete(folder)
                assert not weights.exists() or weights.read_bytes() == files["model.safetensors"]
        assert False in whole  # some were killed before they had all


def test_other_programs_find_what_was_pulled(viva, tmp_path):
    with serving(Hub({BLIP: FILES})) as at:
        viva(at, "models", "pull", "blip-vqa")
    reference = tmp_path / "hf" / "hub" / "models--Salesforce--blip-vqa-base" / "refs" / "main"
    assert reference.read_text() == COMMIT


def test_of_a_shared_repository_only_the_files_of_one_model_are_fetched_and_removed(viva):
    files = {f"{place}{end}": f"{place}{end}".encode() for place in PIPER for end in (".onnx", ".onnx.json")}
    with serving(Hub({"rhasspy/piper-voices": files})) as at:
        assert viva(at, "models", "pull", "piper-lessac").returncode == 0
        assert viva.snapshots("rhasspy/piper-voices") == sorted(f for f in files if "lessac" in f)
        viva(at, "models", "pull", "piper-huayan")
        assert len(viva.snapshots("rhasspy/piper-voices")) == 4
        assert viva(at, "models", "rm", "piper-lessac").returncode == 0
        assert viva.snapshots("rhasspy/piper-voices") == sorted(f for f in files if "huayan" in f)
        assert json.loads(viva(at, "models", "info", "piper-huayan", "--json").stdout)["ready"]


PIPER = ("en/en_US/lessac/medium/en_US-lessac-medium", "zh/zh_CN/huayan/medium/zh_CN-huayan-medium")


def test_a_pipeline_is_complete_when_each_of_its_parts_is(tmp_path):
    index = {"_class_name": "X", "unet": ["diffusers", "U"], "scheduler": ["diffusers", "S"], "checker": [None, None]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    for part, name in (("unet", "config.json"), ("scheduler", "scheduler_config.json")):
        (tmp_path / part).mkdir()
        (tmp_path / part / name).write_text("{}")
    assert not complete(tmp_path)
    (tmp_path / "unet" / "model.safetensors").write_bytes(b"x")
    assert complete(tmp_path)
    (tmp_path / "scheduler" / "scheduler_config.json").unlink()
    (tmp_path / "scheduler").rmdir()
    assert not complete(tmp_path)

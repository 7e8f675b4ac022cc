import json
import os
import subprocess
import sys
import threading
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

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
    for name in ("pytorch_model.bin", "modeling_x.py", "weights.pkl", "model.pt", "tokenizer.py"):
        assert not any(fnmatch(name, pattern) for pattern in hub.SAFE_FILES), name


def test_without_a_hub_the_error_says_what_to_do(cache, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NotReady, match="hub can't be reached for somebody/some-model"):
        hub.pull(WEIGHTS)


class Hub(BaseHTTPRequestHandler):
    """The part of a model hub's protocol that a download needs."""

    commit = "0123456789abcdef0123456789abcdef01234567"
    files = {
        "config.json": b"{}",
        "model.safetensors": b"weights" * 100,
        "pytorch_model.bin": b"a pickle, which could run code",
        "modeling_blip.py": b"raise SystemExit",
    }
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        if "/tree/" in self.path:
            entries = [{"type": "file", "path": n, "size": len(b), "oid": "0" * 40} for n, b in self.files.items()]
            self.answer(json.dumps(entries).encode())
        elif self.path.startswith("/api/models/"):
            siblings = [{"rfilename": name} for name in self.files]
            self.answer(
                json.dumps({"id": "Salesforce/blip-vqa-base", "sha": self.commit, "siblings": siblings}).encode()
            )
        elif (name := self.path.rsplit("/", 1)[1]) in self.files:
            self.answer(self.files[name])
        else:
            self.send_error(404)

    do_HEAD = do_GET

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hash(body)}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def test_pull_fetches_data_files_only_and_the_engine_finds_them(tmp_path):
    """The real client of the hub against a server on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HOME": str(tmp_path),
        "HF_HUB_DISABLE_XET": "1",
    }
    environment.pop("HF_HUB_OFFLINE", None)
    code = (
        "from vivavoce.cli.main import main; assert main(['models', 'pull', 'blip-vqa']) == 0;"
        "from vivavoce.engines.hub import folder_of; from vivavoce.engines.catalog import catalog;"
        "print(sorted(path.name for path in folder_of(catalog()['blip-vqa'].card.weights).iterdir()))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    server.shutdown()
    server.server_close()
    assert done.stdout.strip().endswith("['config.json', 'model.safetensors']"), done.stderr
    assert not any(path.endswith((".py", ".bin")) for path in Hub.asked)

import hashlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

from vivavoce.engines.lock import Locked, git_blob, lock, lock_file, locked, sha256

RECORD = Locked(asked="main", commit="abc", files={"config.json": "00"})


def test_what_is_locked_is_read_back_until_it_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path / "home"))
    assert locked("a/b") is None
    lock("a/b", RECORD)
    lock("c/d", RECORD)
    assert locked("a/b") == RECORD
    lock("a/b", None)
    assert locked("a/b") is None and locked("c/d") == RECORD


def test_a_damaged_file_counts_as_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path))
    for content in ("", "[]", '{"a/b": 3}', '{"a/b": {"commit": "x"}}'):
        lock_file().write_text(content)
        assert locked("a/b") is None


def test_digests_are_those_of_the_standard_tools(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"some content\n" * 1000)
    assert sha256(file) == hashlib.sha256(file.read_bytes()).hexdigest()
    git = subprocess.run(["git", "hash-object", str(file)], capture_output=True, text=True, check=True)
    assert git_blob(file) == git.stdout.strip()


def test_many_who_write_at_once_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: lock(f"a/{number}", RECORD), range(40)))
    assert all(locked(f"a/{number}") == RECORD for number in range(40))


def test_a_damaged_file_is_set_aside_before_it_is_written_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("VIVAVOCE_HOME", str(tmp_path))
    lock_file().write_text("{damaged")
    lock("a/b", RECORD)
    assert locked("a/b") == RECORD
    assert lock_file().with_suffix(".bad").read_text() == "{damaged"

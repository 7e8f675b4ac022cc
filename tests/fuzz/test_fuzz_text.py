"""Runs the coverage-guided fuzzer for a bounded number of inputs."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).with_name("fuzz_text.py")
SEEDS = {
    "srt": b"\x011\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>there</i>\n",
    "vtt": b"\x01v\nWEBVTT\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hello &lt; there\n",
    "csv": b'\x02name,price\ntea,"1,5"\n',
    "json": b'\x00\x05{"text": "hi", "segments": [{"start": 0, "end": 1, "text": "hi", "words": []}]}',
    "rows": b'\x00\x05[{"a": 1, "b": null}, {"a": 2.5}]',
    "gb18030": b"\x00\x00" + "你好，世界".encode("gb18030"),
    "trail": b'\x03{"generator": "vivavoce", "steps": [{"engine": "x"}]}',
}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_only_our_own_errors_escape_the_text_readers(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, content in SEEDS.items():
        (corpus / name).write_bytes(content)
    done = subprocess.run(
        [
            sys.executable,
            str(FUZZER),
            "-runs=20000",
            "-max_total_time=15",
            "-rss_limit_mb=0",  # it would count the peak of the process that runs the tests
            "-malloc_limit_mb=1024",
            "-seed=7",
            f"-artifact_prefix={tmp_path}/",
            str(corpus),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert "Done" in done.stderr
    assert not list(tmp_path.glob("crash-*")) + list(tmp_path.glob("timeout-*"))

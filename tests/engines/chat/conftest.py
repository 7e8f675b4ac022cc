"""Chat servers on loopback: a real one on a tiny checkpoint, and ones that misbehave."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

START_S = 90


@pytest.fixture(scope="session")
def real_server(tmp_path_factory):
    """Yield the URL and model of `transformers serve` on a tiny checkpoint."""
    from tiny.language import causal

    model = causal(tmp_path_factory.mktemp("served"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (model / "log.txt").open("wb")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(model), "OMP_NUM_THREADS": "1"}
    command = [Path(sys.executable).with_name("transformers"), "serve", model, "--host", "127.0.0.1", "--device", "cpu"]
    server = subprocess.Popen([*command, "--port", str(port)], env=environment, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/health", server, model / "log.txt")
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}/v1", model=str(model))
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _wait_until_it_answers(url, server, log):
    end_s = time.monotonic() + START_S
    while time.monotonic() < end_s and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def serving():
    """Return a context manager: a server whose connections are each handled by the next of some functions."""
    return _serving


@contextmanager
def _serving(*behaviours):
    """Yield a server; the last behaviour is that of all further connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = SimpleNamespace(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}/v1", requests=[], bodies=[], closed=threading.Event()
    )

    def accept():
        for number in range(100):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            behave = behaviours[min(number, len(behaviours) - 1)]
            threading.Thread(target=_handle, args=(connection, behave, seen), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _handle(connection, behave, seen):
    with connection, suppress(OSError):
        head, body = _request(connection)
        seen.requests.append(head)
        seen.bodies.append(json.loads(body) if body else None)
        try:
            behave(connection)
        except OSError:
            seen.closed.set()


def _request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65536)
    return head.decode(), body.decode()

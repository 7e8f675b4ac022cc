"""The part of a model hub's protocol that the real client needs, on loopback, with faults to order."""

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """Repositories by name, each a dict of file name to content; `asked` is what clients asked for."""

    repositories: dict[str, dict[str, bytes]]
    gated: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()  # names of files that arrive with a byte changed
    cut_at: int | None = None  # close the connection after so many bytes of a body, once
    commit: str = COMMIT
    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)


def blob(body):
    return hashlib.sha1(f"blob {len(body)}\0".encode() + body).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        hub = self.server.hub
        hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        path = self.path.split("?")[0]
        if path.startswith("/api/models/"):
            self.describe(hub, path.removeprefix("/api/models/").split("/revision/")[0].split("/tree/")[0])
        elif "/resolve/" in path:
            repository, _, rest = path.lstrip("/").partition("/resolve/")
            self.deliver(hub, repository, rest.split("/", 1)[1])
        else:
            self.answer(404, b"{}")

    do_HEAD = do_GET

    def describe(self, hub, repository):
        if repository in hub.gated:
            self.answer(403, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "terms"})
        elif repository not in hub.repositories:
            self.answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            files = hub.repositories[repository]
            siblings = [
                {"rfilename": name, "size": len(body), "blobId": blob(body)}
                | (
                    {"lfs": {"size": len(body), "sha256": hashlib.sha256(body).hexdigest(), "pointerSize": 130}}
                    if name.endswith((".safetensors", ".onnx", ".bin"))
                    else {}
                )
                for name, body in files.items()
            ]
            record = {"id": repository, "sha": hub.commit, "siblings": siblings}
            self.answer(200, json.dumps(record).encode())

    def deliver(self, hub, repository, name):
        body = hub.repositories.get(repository, {}).get(name)
        if body is None:
            self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": hub.commit}
        if name in hub.damaged:
            body = body[:-1] + bytes([body[-1] ^ 1])
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.answer(206 if start else 200, body[start:], headers)

    def answer(self, status, body, headers=None):
        hub = self.server.hub
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "GET":
            return
        if hub.cut_at is not None and len(body) > hub.cut_at:
            cut, hub.cut_at = hub.cut_at, None
            self.wfile.write(body[:cut])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(hub):
    """Serve `hub` on a free port of this machine; set its `url`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.hub = hub
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()

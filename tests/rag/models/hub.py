"""A small model hub on a loopback port: the few routes that huggingface_hub asks for, and what can go wrong."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

REPO, FILE, COMMIT = "someone/Tiny-GGUF", "tiny-Q4_K_M.gguf", "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub serves, and what it was asked.

    Attributes:
        content: of the one file there is.
        url: the endpoint.
        sha256: what it says the checksum is.
        refuses: by the beginning of a path, the status and the error code that it answers.
        cuts: the first so many downloads end after this many bytes, one each.
        asked: method, path and range of each request.
    """

    content: bytes
    url: str = ""
    sha256: str = ""
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    def downloads(self) -> list[str | None]:
        """The range of each download."""
        return [range_ for method, path, range_ in self.asked if method == "GET" and "/resolve/" in path]


@contextmanager
def running(content: bytes) -> Iterator[Hub]:
    """Serves `content` as `FILE` of `REPO`."""
    hub = Hub(content, sha256=hashlib.sha256(content).hexdigest())

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            hub.asked.append((self.command, self.path, self.headers.get("Range")))
            for start, (status, code) in hub.refuses.items():
                if self.path.startswith(start):
                    return self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code})
            if self.path.startswith(f"/api/models/{REPO}"):
                return self._send(200, json.dumps(_info(hub)).encode(), {"Content-Type": "application/json"})
            if self.path == f"/{REPO}/resolve/{COMMIT}/{FILE}":
                return self._send_file()
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        def _send_file(self) -> None:
            headers = {
                "X-Repo-Commit": COMMIT,
                "ETag": f'"{hub.sha256}"',
                "X-Linked-ETag": f'"{hub.sha256}"',
                "X-Linked-Size": str(len(hub.content)),
                "Accept-Ranges": "bytes",
            }
            first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
            status = 206 if first else 200
            if first:
                headers["Content-Range"] = f"bytes {first}-{len(hub.content) - 1}/{len(hub.content)}"
            self._send(status, hub.content[first:], headers, cut=self.command == "GET")

        def _send(self, status: int, body: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[: hub.cuts.pop(0)] if cut and hub.cuts else body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()


def _info(hub: Hub) -> dict[str, object]:
    lfs = {"sha256": hub.sha256, "size": len(hub.content), "pointerSize": 133}
    return {
        "id": REPO,
        "sha": COMMIT,
        "cardData": {"license": "mit"},
        "siblings": [
            {"rfilename": "README.md", "size": 5, "blobId": "b"},
            {"rfilename": FILE, "size": len(hub.content), "blobId": "a", "lfs": lfs},
        ],
    }

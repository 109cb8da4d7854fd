"""An OpenAI-compatible endpoint on loopback whose answers hang on the prompt alone, and that fails as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
MODELS = ("m", "other")


def by_prompt(body: Body) -> str:
    """An answer that the messages and the seed decide."""
    drawn = sha256(json.dumps([body["messages"], body.get("seed")]).encode()).hexdigest()
    return f"It is {drawn[:12]} [{1 + int(drawn, 16) % 3}]."


@dataclass
class Endpoint:
    """A running endpoint; what it does may be changed while it runs.

    Attributes:
        url: its base URL.
        answer: to a request's body.
        delay: seconds before each answer.
        status: of a question, by how many were asked before.
        key: that requests must bear; None: none is wanted.
        lists: whether it tells which models it serves.
        questions: bodies of the questions so far, those that were refused included; probes are not among them.
        requests: how many requests of any kind came.
        answered: how many questions were answered to the end.
        most: most questions under way at once.
    """

    url: str
    answer: Callable[[Body], str] = by_prompt
    delay: float = 0.0
    status: Callable[[int], int] = lambda _: 200
    key: str | None = None
    lists: bool = True
    questions: list[Body] = field(default_factory=list)
    requests: int = 0
    answered: int = 0
    most: int = 0
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def prompts(self) -> list[str]:
        """What the questions said, without their roles."""
        return ["\n".join(message["content"] for message in body["messages"]) for body in self.questions]

    def came(self, body: Body) -> int:
        """Counts a question; its number."""
        with self.lock:
            self.questions.append(body)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            return len(self.questions) - 1

    def left(self, *, answered: bool) -> None:
        """Counts the end of a question."""
        with self.lock:
            self.under_way -= 1
            self.answered += answered


@contextmanager
def endpoint(*, port: int = 0, answer: Callable[[Body], str] = by_prompt, delay: float = 0.0) -> Iterator[Endpoint]:
    """Serves until the block ends; then nothing listens at its port."""
    server = _Server(("127.0.0.1", port), _Handler)
    here = server.endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}/v1", answer=answer, delay=delay)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    endpoint: Endpoint
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        here = self._here()
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
        elif body["model"] not in MODELS:
            self._send({"error": {"message": "no such model", "type": "invalid_request_error"}}, status=404)
        elif not body.get("stream"):
            message = {"role": "assistant", "content": "4"}
            self._send({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        else:
            number, answered = here.came(body), False
            try:
                time.sleep(here.delay)
                status = here.status(number)
                if status == 200:
                    self._stream(body, here.answer(body))
                    answered = True
                else:
                    self._send({"error": {"message": "not now", "type": "server_error"}}, status=status)
            finally:
                here.left(answered=answered)

    def do_GET(self) -> None:
        here = self._here()
        if here.key and self.headers["authorization"] != f"Bearer {here.key}":
            self._send({"error": {"message": "wrong key", "type": "invalid_request_error"}}, status=401)
        elif self.path.endswith("/models") and here.lists:
            self._send({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass

    def _here(self) -> Endpoint:
        server = self.server
        assert isinstance(server, _Server)
        with server.endpoint.lock:
            server.endpoint.requests += 1
        return server.endpoint

    def _stream(self, body: Body, answer: str) -> None:
        words = sum(len(message["content"].split()) for message in body["messages"])
        usage = {"prompt_tokens": words, "completion_tokens": len(answer.split()), "total_tokens": 0}
        chunks: list[Body] = [
            {"choices": [{"index": 0, "delta": {"content": answer}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": usage},
        ]
        self._reply(
            "text/event-stream", "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        )

    def _send(self, value: Body, *, status: int = 200) -> None:
        self._reply("application/json", json.dumps(value), status=status)

    def _reply(self, kind: str, text: str, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        if status == 429:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(text.encode())

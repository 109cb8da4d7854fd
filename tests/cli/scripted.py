"""An OpenAI-compatible endpoint on loopback that says what it is told, and has nothing beyond the plain API."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Body = dict[str, Any]
Delta = dict[str, str]
Said = Callable[[Body], Sequence[Delta]]


class Scripted(NamedTuple):
    """A running endpoint.

    Attributes:
        url: its base URL.
        asked: the bodies of the chat requests so far.
    """

    url: str
    asked: list[Body]

    @property
    def streamed(self) -> list[Body]:
        """Those that asked for a stream: questions, not probes."""
        return [body for body in self.asked if body.get("stream")]


@contextmanager
def scripted(said: Said, *, finish: str | None = "stop") -> Iterator[Scripted]:
    """Serves what `said` replies to a request's body, as a stream where one is wanted.

    Args:
        said: the deltas of a reply.
        finish: the reason that ends each; None: the stream breaks off.
    """
    asked: list[Body] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if not self.path.endswith("/chat/completions"):
                self.send_error(404)
                return
            asked.append(body)
            deltas = said(body)
            if not body.get("stream"):
                message = {name: "".join(d.get(name, "") for d in deltas) for d in deltas for name in d}
                self._send("application/json", json.dumps({"choices": [{"message": message, "finish_reason": finish}]}))
                return
            ends: list[tuple[Delta, str | None]] = [({}, finish)] if finish else []
            choices = [
                {"index": 0, "delta": delta, "finish_reason": end}
                for delta, end in [*((delta, None) for delta in deltas), *ends]
            ]
            lines = [f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices]
            self._send("text/event-stream", "".join(lines) + ("data: [DONE]\n\n" if finish else ""))

        def do_GET(self) -> None:
            self._send("application/json", json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}))

        def log_message(self, *_: object) -> None:
            pass

        def _send(self, kind: str, text: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Scripted(f"http://127.0.0.1:{server.server_port}/v1", asked)
    finally:
        server.shutdown()
        server.server_close()


def thinking(answer: Callable[[Body], str]) -> Said:
    """A model that thinks twenty words in a channel of its own, or as many as vLLM's budget has, and then answers."""

    def said(body: Body) -> list[Delta]:
        words = min(20, body.get("thinking_token_budget", 20))
        thought = [{"reasoning": "hm "}] * words
        return [*thought, {"content": answer(body)}]

    return said

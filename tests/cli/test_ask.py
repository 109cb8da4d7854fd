import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Rag = Callable[..., Outcome]

PAGES = {
    "france.md": "# France\n\nThe capital of France is Paris. It lies on the Seine.\n",
    "germany.md": "# Germany\n\nThe capital of Germany is Berlin. It lies on the Spree.\n",
    "birds.txt": "Ravens are black birds. They remember faces.\n",
}


@pytest.fixture
def indexed(rag: Rag, project: Path) -> Rag:
    """`rag` with an index of three documents in its default place."""
    (project / "docs").mkdir()
    for name, text in PAGES.items():
        (project / "docs" / name).write_text(text)
    assert rag("index", "docs", "--embedder", "hashing").status == 0
    return rag


class _Scripted(BaseHTTPRequestHandler):
    """Serves one scripted reply as a stream of server-sent events, whatever is asked."""

    deltas: tuple[dict[str, str], ...] = ()
    ending = "stop"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta in (*self.deltas, None):
            choice = {"index": 0, "delta": delta or {}, "finish_reason": None if delta else self.ending}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts an endpoint on loopback that replies as told; gives its base URL."""
    servers = []

    def start(*deltas: dict[str, str], finish: str = "stop") -> str:
        handler = type("Handler", (_Scripted,), {"deltas": deltas, "ending": finish})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_answer_and_sources_on_stdout_notes_on_stderr(indexed: Rag) -> None:
    outcome = indexed("ask", "What is the capital of Germany?")
    assert outcome.status == 0
    assert "The capital of Germany is Berlin." in outcome.out
    assert "docs/germany.md:1" in outcome.out
    assert "no language model is chosen" in outcome.err
    assert "\x1b" not in outcome.out


def test_json_is_one_object_on_stdout(indexed: Rag) -> None:
    outcome = indexed("ask", "What is the capital of Germany?", "--json")
    values = json.loads(outcome.out)
    assert values["schema_version"] == 1
    assert (values["finish"], values["model"], values["placement"]) == ("answered", "extractive", "edges")
    assert [slot["position"] for slot in values["context"]] == list(range(1, len(values["context"]) + 1))


def test_dry_run_draws_the_context_and_asks_nobody(indexed: Rag) -> None:
    outcome = indexed("ask", "capital of Germany", "--dry-run", "--placement", "shuffled(seed=7)")
    assert outcome.status == 0
    assert "shuffled(seed=7)" in outcome.out
    assert "germany.md" in outcome.out
    assert json.loads(indexed("ask", "capital", "--dry-run", "--json").out)["finish"] == "dry_run"


def test_show_context_goes_to_stderr_beside_the_answer(indexed: Rag) -> None:
    outcome = indexed("ask", "capital of Germany", "--show-context")
    assert "rank" in outcome.err
    assert "rank" not in outcome.out


def test_question_from_stdin(indexed: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"capital of Germany?\n")))
    assert "Berlin" in indexed("ask", "-").out


def test_thinking_is_on_stderr_and_never_in_the_answer(indexed: Rag, serve: Callable[..., str]) -> None:
    url = serve({"reasoning_content": "Let me think."}, {"content": "Berlin"}, {"content": " [1]."})
    outcome = indexed("ask", "capital of Germany?", "--base-url", url, "--model", "m")
    assert outcome.status == 0
    assert outcome.out.startswith("Berlin [1].")
    assert "Let me think." not in outcome.out
    assert "Let me think." in outcome.err


def test_provisional_text_that_proves_an_answer_is_printed_on_stdout(indexed: Rag, serve: Callable[..., str]) -> None:
    outcome = indexed("ask", "capital of Germany?", "--base-url", serve({"content": "Berlin [1]."}))
    assert outcome.out.startswith("Berlin [1].")


def test_unfinished_thinking_is_no_answer_and_exits_with_1(indexed: Rag, serve: Callable[..., str]) -> None:
    url = serve({"content": "<think>I wonder [1]"}, finish="length")
    outcome = indexed("ask", "capital?", "--base-url", url, "--model", "m", "--json")
    values = json.loads(outcome.out)
    assert outcome.status == 1
    assert (values["finish"], values["answer"], values["citations"]) == ("unfinished_thinking", None, [])
    assert values["reasoning"] == "I wonder [1]"


def test_terminal_escapes_in_an_answer_do_not_reach_the_terminal(indexed: Rag, serve: Callable[..., str]) -> None:
    url = serve({"content": "<think></think>\x1b]0;pwned\x07 \x1b"}, {"content": "[31mred [1]"})
    outcome = indexed("ask", "capital?", "--base-url", url, "--model", "m")
    assert "\x1b" not in outcome.out + outcome.err
    assert "\x07" not in outcome.out + outcome.err


def test_unreachable_endpoint_exits_with_1_and_says_what_to_do(indexed: Rag) -> None:
    outcome = indexed("ask", "capital?", "--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--timeout", "5")
    assert outcome.status == 1
    assert "no server answers at http://127.0.0.1:9/v1" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", ""), "question is empty"),
        (("ask", "x", "-k", "0"), "k must be greater than or equal to 1, found 0 (from -k)"),
        (("ask", "x", "--budget", "2"), "raise the budget"),
        (("ask", "x", "--placement", "middel"), "did you mean 'middle'?"),
        (("ask", "x", "--placement", "best_at(depth=7)"), "depth"),
        (("ask", "x", "--model", "smolm2"), "did you mean 'smollm2'?"),
        (("ask", "x", "--model", "nowhere.gguf"), "no model file"),
        (("ask", "x", "--index", "dosc"), "did you mean 'docs'?"),
        (("ask", "x", "--base-url", "ftp://x"), "base_url"),
        (("ask", "x", "--temperature", "-1"), "temperature"),
        (("ask", "x", "--where", "colour=red"), "unknown filter key 'colour'"),
    ],
)
def test_wrong_request_exits_with_2_and_one_line(indexed: Rag, arguments: tuple[str, ...], message: str) -> None:
    outcome = indexed(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_no_index_says_how_to_build_one(rag: Rag) -> None:
    outcome = rag("ask", "x")
    assert outcome.status == 2
    assert "rag index PATH" in outcome.err


def test_ask_loads_neither_torch_nor_readers_of_documents(indexed: Rag, project: Path) -> None:
    code = (
        "import sys; sys.argv = ['rag', 'ask', 'capital of Germany?']\n"
        "from cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "transformers", "sentence_transformers", "llama_index", "openai", "bm25s", "pypdfium2", "docx"}
    assert not heavy & set(done.stderr.split())

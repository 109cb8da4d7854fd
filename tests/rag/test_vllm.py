"""Tests of answers from a real vLLM server, with a real (tiny) model that carries R1's think tags and template."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

import pytest

from indexes.build import build_index
from indexes.index import Index
from indexes.recipe import Recipe
from rag.answer import Answer, Reply
from rag.answering import ask, prepare
from rag.asking import Asking
from rag.context import Context
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.capabilities import Capabilities
from rag.endpoints.endpoint import Endpoint
from rag.endpoints.probes import Probes
from rag.prompt import Message, Prompt, build_prompt
from rag.sampling import Sampling
from tests.rag.contexts import context_of

pytestmark = pytest.mark.slow

NOTHING = Context((), "best_first", 0, "none")
PUZZLE = "Think step by step: why is the sky blue, and why is the evening red? Explain all the physics in detail."
THINKS_AND_ANSWERS = {"structured_outputs": {"regex": r"The sky [a-z ]{5,20}\.</think>\n\nBlue\."}}


class Server(NamedTuple):
    """The running server."""

    endpoint: Endpoint
    model: str

    def answerer(
        self,
        *,
        budget: int | None = None,
        most: int = 96,
        seed: int = 0,
        extra: Mapping[str, object] | None = None,
        known: Mapping[str, object] | None = None,
    ) -> EndpointAnswerer:
        """Asks the server's model; `known` stands for what was not found out."""
        probes = Probes(self.endpoint, self.model, known=known)
        sampling = Sampling(max_tokens=most, seed=seed)
        return EndpointAnswerer(
            self.endpoint, self.model, probes=probes, sampling=sampling, think_budget=budget, extra=extra
        )


@pytest.fixture(scope="module")
def server(vllm: tuple[str, str]) -> Server:
    """The real one, shared by all tests."""
    url, model = vllm
    return Server(Endpoint(url, timeout=300), model)


def prompt(text: str, grammar: str | None = None) -> Prompt:
    return Prompt((Message("user", text),), text, "plain", "0" * 64, grammar)


def reply(answerer: EndpointAnswerer, asked: Prompt) -> Reply:
    async def last() -> Reply:
        async with aclosing(answerer.reply(asked, NOTHING)) as items:
            *_, end = [item async for item in items]
        assert isinstance(end, Reply)
        return end

    return asyncio.run(last())


def test_it_is_found_out_what_the_server_can_do(server: Server) -> None:
    assert Probes(server.endpoint, server.model).capabilities() == Capabilities(
        server="vllm 0.32.0",
        dialect="vllm",
        thinks="inside",
        separates=True,
        context=8192,
        budget="server",
        no_think="server",
        cached=True,
        constraint="structured_outputs",
        samples=True,
    )


def test_thinking_and_answer_come_apart_and_are_counted(server: Server) -> None:
    answered = reply(server.answerer(extra=THINKS_AND_ANSWERS), prompt("What colour is the sky?"))
    assert (answered.text, answered.finish) == ("Blue.", "answered")
    assert re.fullmatch(r"The sky [a-z ]{5,20}\.", answered.reasoning or "")
    assert answered.usage.completion is not None
    assert 3 <= (answered.usage.reasoning or 0) < answered.usage.completion  # the server's own figure is 0


def test_thinking_that_does_not_close_is_no_answer(server: Server) -> None:
    open_ended = {"structured_outputs": {"regex": r"[a-z ]{200,300}"}}
    cut = reply(server.answerer(most=24, extra=open_ended), prompt(PUZZLE))
    assert (cut.text, cut.finish) == (None, "unfinished_thinking")
    assert cut.reasoning
    assert "--think-budget" in cut.warnings[0]


@pytest.mark.parametrize("way", ["server", "two_step"])
@pytest.mark.parametrize("budget", [1, 8, 32])
def test_a_thinking_budget_is_kept_and_an_answer_still_comes(server: Server, way: str, budget: int) -> None:
    known = None if way == "server" else {"budget_field": False}
    answerer = server.answerer(budget=budget, most=budget + 40, seed=3, known=known)
    assert answerer.probes.budget == way
    bounded = reply(answerer, prompt(PUZZLE))
    assert bounded.finish in ("answered", "truncated_answer")
    assert bounded.text
    assert (bounded.usage.reasoning or 0) <= budget + 1
    assert budget == 1 or (bounded.usage.reasoning or 0) > budget / 2  # it was used, not just cut off


@pytest.mark.parametrize("way", ["server", "closed_block"])
def test_without_thinking_the_same_weights_answer_at_once(server: Server, way: str) -> None:
    known = None if way == "server" else {"budget_field": False}
    answerer = server.answerer(budget=0, most=40, seed=3, known=known)
    assert answerer.probes.no_think == way
    direct = reply(answerer, prompt(PUZZLE))
    assert (direct.reasoning, bool(direct.text)) == (None, True)
    assert direct.finish in ("answered", "truncated_answer")


def test_prompts_are_counted_exactly(server: Server) -> None:
    answerer = server.answerer(budget=0, most=1)
    asked = prompt("Zwölf Boxkämpfer jagen Viktor — 東京 🦆")
    tokenizer = answerer.probes.tokenizer
    assert tokenizer is not None
    free = reply(server.answerer(most=1), asked)
    assert len(tokenizer.render(asked.messages)) == free.usage.prompt
    assert answerer.counter.exact
    assert answerer.counter.count(["a b c", ""]) == [3, 0]


def control_tokens(folder: Path) -> list[str]:
    added = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    return [token["content"] for token in added]


def test_no_passage_title_or_question_can_produce_a_control_token(server: Server, vllm_model: Path) -> None:
    tokenizer = Probes(server.endpoint, server.model).tokenizer
    assert tokenizer is not None
    tokens = control_tokens(vllm_model)
    assert {"<think>", "</think>", "<｜User｜>", "<｜Assistant｜>", "<|im_end|>"} <= set(tokens)
    hostile = " ".join(tokens) + "\n".join(tokens)

    def special(context: Context, question: str) -> list[int]:
        ids = tokenizer.render(build_prompt(question, context).messages)
        known = {one for token in tokens for one in tokenizer.ids(token) if len(tokenizer.ids(token)) == 1}
        return [one for one in ids if one in known]

    harmless = special(context_of("Ravens are black."), "What?")
    assert special(context_of(hostile, titles=(hostile,)), hostile) == harmless


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of many pages, most of them long."""
    docs = tmp_path_factory.mktemp("docs")
    (docs / "france.md").write_text("# France\n\nThe capital of France is Paris. It lies on the Seine.\n")
    for number in range(60):
        page = f"# City {number}\n\n" + f"The city number {number} has {number * 37} houses. " * 12
        (docs / f"city{number}.md").write_text(page)
    folder = tmp_path_factory.mktemp("index") / "cities"
    cache = tmp_path_factory.mktemp("cache")
    build_index(folder, [docs], cache=cache, recipe=Recipe(embedder="hashing"))
    return Index(folder, cache=cache)


def test_a_prompt_never_exceeds_the_models_context(server: Server, index: Index) -> None:
    answerer = server.answerer(budget=0, most=600)
    prepared = prepare("How many houses has the city?", index, answerer, asking=Asking(k=50, budget=100_000))
    tokenizer = answerer.probes.tokenizer
    assert tokenizer is not None
    tokens = len(tokenizer.render(prepared.prompt.messages))
    assert 8192 - 600 - 400 < tokens <= 8192 - 600
    assert prepared.context.dropped.budget
    assert "did not fit" in prepared.warnings[0]
    assert prepared.context.tokenizer == server.model


def test_the_cached_share_of_a_prompt_is_reported(server: Server, index: Index) -> None:
    def asked() -> Answer:
        question = "How many houses has city number 7?"
        return ask(question, index, server.answerer(budget=0, most=8), asking=Asking(k=8))

    asked()
    usage = asked().usage
    assert usage.prompt is not None
    assert usage.prompt > 500
    assert (usage.cached or 0) > usage.prompt / 2


def test_a_verbatim_answer_quotes_the_passages_word_for_word(server: Server, index: Index) -> None:
    answer = ask(
        "What is the capital of France?",
        index,
        server.answerer(budget=4, most=200),
        asking=Asking(k=4, verbatim=True),
    )
    assert answer.finish in ("answered", "refused")
    assert not [warning for warning in answer.warnings if "not word for word" in warning]
    assert all(citation.verified and citation.origin == "model" for citation in answer.citations)
    if answer.finish == "answered":
        assert answer.citations


def test_closing_a_reply_ends_it_at_the_server(server: Server) -> None:
    answerer = server.answerer(most=2000, extra={"ignore_eos": True})

    async def begin_and_leave() -> None:
        async with aclosing(answerer.reply(prompt(PUZZLE), NOTHING)) as items:
            await anext(items)
            assert await asyncio.to_thread(running, server) >= 1
        async with asyncio.timeout(60):
            while await asyncio.to_thread(running, server):
                await asyncio.sleep(0.05)

    asyncio.run(begin_and_leave())


def running(server: Server) -> float:
    """Requests that the server works on."""
    with urllib.request.urlopen(f"{server.endpoint.root.base_url}/metrics", timeout=60) as page:  # noqa: S310  ours
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:num_requests_running{"))


def test_a_wrong_model_name_is_told_the_right_one(server: Server) -> None:
    failed = reply(server._replace(model="gpt-x").answerer(), prompt("?"))
    assert failed.finish == "failed"
    assert f"it serves {server.model!r}" in (failed.error or "")


def test_a_prompt_that_is_too_long_says_what_to_lower(server: Server) -> None:
    failed = reply(server.answerer(most=10), prompt("word " * 9000))
    assert failed.finish == "failed"
    assert "too long" in (failed.error or "")
    assert "--max-tokens" in (failed.error or "")


def test_a_grammar_binds_the_answer_and_leaves_the_thinking_free(server: Server) -> None:
    grammar = 'root ::= "Zebras are striped. [1]" | "Yaks are hairy. [2]"'
    bound = reply(server.answerer(budget=12, most=60), prompt("Tell me of an animal.", grammar))
    assert bound.text in ("Zebras are striped. [1]", "Yaks are hairy. [2]")
    assert bound.reasoning
    assert not bound.reasoning.startswith(("Zebras are striped", "Yaks are hairy"))

"""Tests of replies on token ids, against a server that shows each request as it came."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer import Reply, Usage
from rag.answerer import Delta
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint
from rag.endpoints.probes import Probes
from rag.prompt import Message, Prompt
from rag.sampling import Sampling
from rag.thinking import Thinks
from tests.rag.endpoints.servers import CONTEXT, PROMPT, Server, collect, delta, sse, text, usage

OPENED = "<｜User｜>Why is the sky blue?<｜Assistant｜><think>\n"


class Scripted:
    """A vLLM server whose completions are written out, one reply for each request."""

    def __init__(self, *replies: httpx2.Response, inside: bool = True) -> None:
        self.server = Server(inside=inside)
        self.replies: Iterator[httpx2.Response] = iter(replies)
        self.completions: list[dict[str, Any]] = []
        self.chats: list[dict[str, Any]] = []

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        asked = {"/v1/completions": self.completions, "/v1/chat/completions": self.chats}.get(request.url.path)
        if asked is None:
            return self.server.handle(request)
        asked.append(json.loads(request.content))
        return next(self.replies)

    def prompts(self) -> list[str]:
        return [self.server.tokenizer.words(body["prompt"]) for body in self.completions]

    def answerer(self, *, budget: int | None, most: int = 100, **known: object) -> EndpointAnswerer:
        endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(self.handle))
        thinks: Thinks = "inside" if self.server.inside else "own_tag"
        facts = {"dialect": "vllm", "thinks": thinks, "reasons": True, "budget_field": False, "separates": True}
        probes = Probes(endpoint, "m", known={**facts, **known})
        return EndpointAnswerer(
            endpoint, "m", probes=probes, sampling=Sampling(max_tokens=most), think_budget=budget, extra={"min_p": 0.0}
        )


def ask(model: EndpointAnswerer, prompt: Prompt = PROMPT) -> tuple[list[Delta], Reply]:
    return asyncio.run(collect(model, prompt))


def thinking(words: str, reason: str = "length", tokens: int = 8) -> httpx2.Response:
    return sse(text(words[:3]), text(words[3:]), text("", reason), usage(20, tokens, cached=16))


def answering(words: str = "Blue.", reason: str = "stop") -> httpx2.Response:
    return sse(text(words), text("", reason), usage(31, 5, cached=24))


def test_thinking_is_cut_at_its_budget_closed_and_answered() -> None:
    server = Scripted(thinking("It may be"), answering())
    deltas, reply = ask(server.answerer(budget=8))
    assert server.prompts() == [OPENED, f"{OPENED}It may be\n</think>\n\n"]
    first, second = server.completions
    usual = {"model": "m", "temperature": 0.6, "top_p": 0.95, "seed": 0, "min_p": 0.0}
    usual |= {"stream": True, "stream_options": {"include_usage": True}}
    assert {**first, "prompt": 0} == {**usual, "prompt": 0, "max_tokens": 8, "stop": ["</think>"]}
    assert {**second, "prompt": 0} == {**usual, "prompt": 0, "max_tokens": 92}
    assert deltas == [Delta("thinking", "It "), Delta("thinking", "may be"), Delta("answer", "Blue.")]
    counted = Usage(prompt=20, completion=13, reasoning=3, cached=16)
    assert reply == Reply("Blue.", "It may be", "answered", counted)


@pytest.mark.parametrize("thought", ["It is.", "It is.\n", "It is.\n\n"])
def test_thinking_that_ends_by_itself_is_closed_on_a_line_of_its_own(thought: str) -> None:
    server = Scripted(thinking(thought, "stop", 3), answering())
    _, reply = ask(server.answerer(budget=50))
    assert server.prompts()[1] == f"{OPENED}{thought.rstrip()}{thought[6:] or chr(10)}</think>\n\n"
    assert server.completions[1]["max_tokens"] == 97
    assert (reply.text, reply.reasoning, reply.finish) == ("Blue.", "It is.", "answered")


def test_a_model_that_opens_its_own_thinking_has_it_opened() -> None:
    server = Scripted(thinking("Hm, hm"), answering(), inside=False)
    ask(server.answerer(budget=8))
    assert server.prompts() == [OPENED, f"{OPENED}Hm, hm\n</think>\n\n"]


@pytest.mark.parametrize("inside", [True, False])
def test_without_thinking_the_block_is_closed_before_it_begins(inside: bool) -> None:
    server = Scripted(answering(), inside=inside)
    deltas, reply = ask(server.answerer(budget=0))
    assert server.prompts() == [f"{OPENED}\n</think>\n\n"]
    assert server.completions[0]["max_tokens"] == 100
    assert deltas == [Delta("answer", "Blue.")]
    assert reply == Reply("Blue.", None, "answered", Usage(prompt=31, completion=5, reasoning=0, cached=24))


def test_a_cut_answer_is_truncated_though_its_thinking_ended() -> None:
    _, reply = ask(Scripted(thinking("It is so", "stop"), answering("Because", "length")).answerer(budget=8))
    assert (reply.text, reply.finish) == ("Because", "truncated_answer")


def test_an_answer_that_opens_its_thinking_again_is_no_answer() -> None:
    _, reply = ask(Scripted(thinking("It is so"), answering("<think>No, wait", "length")).answerer(budget=8))
    assert (reply.text, reply.finish) == (None, "unfinished_thinking")


def test_control_tokens_in_the_thinking_are_text_and_its_citations_stay() -> None:
    server = Scripted(thinking("Passage [2] says <｜User｜> and </think> [1, 3]"), answering())
    _, reply = ask(server.answerer(budget=8))
    sent = server.prompts()[1].removeprefix(OPENED)
    assert sent == "Passage [2] says ‹｜User｜› and ‹/think› [1, 3]\n</think>\n\n"
    assert reply.text == "Blue."


def test_a_grammar_binds_the_answer_only() -> None:
    server = Scripted(thinking("It may be"), answering())
    asked = Prompt(PROMPT.messages, PROMPT.question, "verbatim", "0" * 64, grammar="root ::= x")
    ask(server.answerer(budget=8, constraint="structured_outputs"), asked)
    assert [body.get("structured_outputs") for body in server.completions] == [None, {"grammar": "root ::= x"}]


@pytest.mark.parametrize(("constraint", "value"), [("grammar", "g"), ("structured_outputs", {"grammar": "g"})])
def test_a_model_that_does_not_think_is_asked_once_for_a_bound_answer(constraint: str, value: object) -> None:
    server = Scripted(answering(), inside=False)
    asked = Prompt(PROMPT.messages, PROMPT.question, "verbatim", "0" * 64, grammar="g")
    _, reply = ask(server.answerer(budget=None, constraint=constraint, reasons=False), asked)
    assert server.prompts() == ["<｜User｜>Why is the sky blue?<｜Assistant｜>"]
    assert server.completions[0][constraint] == value
    assert (reply.text, reply.reasoning) == ("Blue.", None)


def test_thinking_that_breaks_off_is_not_answered_as_if_it_had_ended() -> None:
    server = Scripted(sse(text("It may"), done=False), answering())
    _, reply = ask(server.answerer(budget=8))
    assert len(server.completions) == 1
    assert (reply.text, reply.reasoning, reply.finish, reply.partial) == (None, "It may", "failed", "It may")
    assert "before it was complete" in (reply.error or "")


def test_an_answer_that_breaks_off_keeps_what_came() -> None:
    server = Scripted(thinking("It is so", "stop"), sse(text("Blu"), done=False))
    _, reply = ask(server.answerer(budget=8))
    assert (reply.text, reply.finish, reply.partial, reply.reasoning) == (None, "failed", "Blu", "It is so")


def test_a_server_that_refuses_the_second_step_is_told_and_the_thinking_kept() -> None:
    refused = httpx2.Response(400, json={"error": {"message": "no"}})
    _, reply = ask(Scripted(thinking("It is so", "stop"), refused).answerer(budget=8))
    assert (reply.finish, reply.partial) == ("failed", "It is so")
    assert "refused the request (400): no" in (reply.error or "")


def test_a_server_without_usage_still_gets_an_answer_and_the_thinking_is_counted() -> None:
    server = Scripted(sse(text("a b c"), text("", "length")), sse(text("Blue.", "stop")))
    _, reply = ask(server.answerer(budget=8))
    assert (reply.text, reply.usage.reasoning, reply.usage.prompt) == ("Blue.", 3, None)


class Endless(httpx2.AsyncByteStream):
    def __init__(self) -> None:
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield f"data: {json.dumps(text('and '))}\n\n".encode()
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize("step", ["thinking", "answer", "without thinking"])
def test_closing_the_reply_early_closes_the_request_in_either_step(step: str) -> None:
    endless = Endless()
    stream = httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=endless)
    replies = [thinking("It is so"), stream] if step == "answer" else [stream]
    model = Scripted(*replies).answerer(budget=8, constraint="grammar", reasons=step != "without thinking")
    if step == "without thinking":
        model = Scripted(*replies, inside=False).answerer(budget=None, constraint="grammar", reasons=False)
    asked = Prompt(PROMPT.messages, PROMPT.question, "verbatim", "0" * 64, grammar="g")

    async def scene() -> None:
        async with aclosing(model.reply(asked, CONTEXT)) as items:
            for _ in range(4):
                await anext(items)
            before = endless.closed
        assert (before, endless.closed) == (False, True)
        async with asyncio.timeout(10):
            while len(asyncio.all_tasks()) > 1:  # the loop closes the generators within openai's stream
                await asyncio.sleep(0)

    asyncio.run(scene())


def chat(*events: dict[str, Any]) -> httpx2.Response:
    return sse(*events, usage(20, 30, cached=16))


def test_thinking_that_the_servers_own_budget_did_not_close_is_closed_by_us() -> None:
    server = Scripted(chat(delta(reasoning="It may be"), delta("stop", content=None)), answering())
    deltas, reply = ask(server.answerer(budget=8, budget_field=True))
    assert [body["thinking_token_budget"] for body in server.chats] == [8]
    assert server.prompts() == [f"{OPENED}It may be\n</think>\n\n"]
    assert "thinking_token_budget" not in server.completions[0]
    assert server.completions[0]["max_tokens"] == 70
    assert deltas == [Delta("thinking", "It may be"), Delta("answer", "Blue.")]
    assert (reply.text, reply.reasoning, reply.finish) == ("Blue.", "It may be", "answered")
    assert (reply.usage.prompt, reply.usage.completion, reply.usage.cached) == (20, 35, 16)


def test_so_it_is_where_the_server_does_not_separate() -> None:
    server = Scripted(chat(delta(content="It may be"), delta("stop", content=None)), answering())
    _, reply = ask(server.answerer(budget=8, budget_field=True, separates=False))
    assert (reply.text, reply.reasoning, reply.finish) == ("Blue.", "It may be", "answered")


def test_a_rescue_that_breaks_off_is_no_answer() -> None:
    server = Scripted(chat(delta(reasoning="It may"), delta("stop", content=None)), sse(text("Blu"), done=False))
    _, reply = ask(server.answerer(budget=8, budget_field=True))
    assert (reply.text, reply.finish, reply.partial) == (None, "failed", "Blu")


def test_thinking_that_the_server_closed_needs_no_second_step() -> None:
    server = Scripted(chat(delta(reasoning="It may"), delta("stop", content="Blue.")))
    _, reply = ask(server.answerer(budget=8, budget_field=True))
    assert (reply.text, reply.warnings, server.completions) == ("Blue.", (), [])


def test_a_budget_that_the_server_does_not_keep_is_told_and_probed_anew() -> None:
    server = Scripted(chat(delta(reasoning="hm " * 20), delta("stop", content="Blue.")))
    model = server.answerer(budget=8, budget_field=True)
    _, reply = ask(model)
    assert (reply.text, reply.finish) == ("Blue.", "answered")
    assert reply.warnings == ("the endpoint let the model think for 20 tokens, with a budget of 8",)
    server.replies = iter([httpx2.Response(400)])
    assert model.probes.budget == "two_step"
    assert server.chats[-1]["thinking_token_budget"] == 4


def test_a_conversation_is_rendered_as_a_whole() -> None:
    messages = (Message("user", "Why?"), Message("assistant", "Because."), Message("user", "Really?"))
    server = Scripted(answering())
    ask(server.answerer(budget=0), Prompt(messages, "Really?", "plain", "0" * 64))
    rendered = "<｜User｜>Why?<｜User｜>Because.<｜User｜>Really?<｜Assistant｜><think>\n"
    assert server.prompts() == [f"{rendered}\n</think>\n\n"]


chunks = st.lists(st.sampled_from(["Bl", "ue. ", "<", "/think>", "</think>", "<think>", "\n", "[1]"]), max_size=8)


@settings(max_examples=40)  # each is six requests
@given(chunks, chunks)
def test_a_reply_is_the_same_whatever_the_chunks(thought: list[str], answer: list[str]) -> None:
    def reply(*replies: httpx2.Response) -> Reply:
        return ask(Scripted(*replies).answerer(budget=8))[1]

    def whole(words: list[str]) -> httpx2.Response:
        choice = {"text": "".join(words), "finish_reason": "stop"}
        return httpx2.Response(200, json={"choices": [choice]})

    def streamed(words: list[str]) -> httpx2.Response:
        return sse(*map(text, words), text("", "stop"))

    assert reply(streamed(thought), streamed(answer)) == reply(whole(thought), whole(answer))

"""Tests of the client: hand-written replies of every kind of server, over the real openai client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from rag.answer import Reply, Usage
from rag.answerer import Delta
from rag.client import EndpointAnswerer
from rag.context import Context
from rag.endpoint import CONNECT_SECONDS, Endpoint
from rag.prompt import Message, Prompt
from rag.refusal import REFUSAL
from rag.sampling import Sampling
from rag.thinking import Thinks

PROMPT = Prompt((Message("user", "Why is the sky blue?"),), "Why is the sky blue?", "plain", "0" * 64)
CONTEXT = Context((), "best_first", 0, "estimate")
USAGE = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}
Handler = Callable[[httpx2.Request], httpx2.Response]


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def sse(*events: Any, done: bool = True) -> httpx2.Response:
    lines = [f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events]
    body = "".join(lines) + ("data: [DONE]\n\n" if done else "")
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body.encode())


def always(response: Callable[[], httpx2.Response]) -> Handler:
    return lambda request: response()


def answerer(handler: Handler, *, thinks: Thinks = "own_tag") -> EndpointAnswerer:
    endpoint = Endpoint("http://model.test/v1", "secret", transport=httpx2.MockTransport(handler))
    return EndpointAnswerer(endpoint, "m", thinks=thinks, sampling=Sampling(max_tokens=50))


async def collect(model: EndpointAnswerer) -> tuple[list[Delta], Reply]:
    items = [item async for item in model.reply(PROMPT, CONTEXT)]
    *deltas, reply = items
    assert isinstance(reply, Reply)
    return [item for item in deltas if isinstance(item, Delta)], reply


def ask(handler: Handler, *, thinks: Thinks = "own_tag") -> tuple[list[Delta], Reply]:
    return asyncio.run(collect(answerer(handler, thinks=thinks)))


def test_a_plain_stream_is_an_answer() -> None:
    events = (delta(role="assistant", content=""), delta(content="Be"), delta(content="cause."), delta("stop"))
    deltas, reply = ask(always(lambda: sse(*events, USAGE)))
    assert deltas == [Delta("answer", "Be"), Delta("answer", "cause.")]
    assert reply == Reply("Because.", None, "answered", Usage(prompt=9, completion=4))


def test_the_request_says_everything_that_servers_have_defaults_for() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return sse(delta("stop", content="x"))

    ask(handler)
    assert seen[0].headers["authorization"] == "Bearer secret"
    assert json.loads(seen[0].content) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Why is the sky blue?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.6,
        "top_p": 0.95,
        "max_tokens": 50,
        "seed": 0,
    }


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
@pytest.mark.parametrize("thinks", ["inside", "own_tag", "never", "unknown"])
def test_thinking_comes_in_either_field(field: str, thinks: Thinks) -> None:
    events = (delta(**{field: "Hm. "}), delta(**{field: "So."}), delta(content="Blue."), delta("stop"))
    deltas, reply = ask(always(lambda: sse(*events)), thinks=thinks)
    assert [d.kind for d in deltas] == ["thinking", "thinking", "answer"]
    assert (reply.text, reply.reasoning, reply.finish) == ("Blue.", "Hm. So.", "answered")


def test_inline_thinking_is_taken_apart_and_counted() -> None:
    events = (delta(content="a b c</th"), delta(content="ink>\n\nBl"), delta(content="ue."), delta("stop"))
    usage = {"choices": [], "usage": {"completion_tokens_details": {"reasoning_tokens": 0}}}
    _, reply = ask(always(lambda: sse(*events, usage)), thinks="inside")
    assert (reply.text, reply.reasoning) == ("Blue.", "a b c")
    assert reply.usage.reasoning == 3  # the server said 0; counted here


def test_the_servers_own_counts_are_taken() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 7,
        "completion_tokens_details": {"reasoning_tokens": 5},
        "prompt_tokens_details": {"cached_tokens": 8},
    }
    events = (delta(reasoning="Hm."), delta("stop", content="Blue."), {"choices": [], "usage": usage})
    _, reply = ask(always(lambda: sse(*events)))
    assert reply.usage == Usage(prompt=9, completion=7, reasoning=5, cached=8)


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_thinking_alone_is_unfinished_whatever_the_reason_given(reason: str) -> None:
    deltas, reply = ask(always(lambda: sse(delta(reasoning="Hm."), delta(reason, content=None))))
    assert [d.kind for d in deltas] == ["thinking"]
    assert (reply.text, reply.reasoning, reply.finish) == (None, "Hm.", "unfinished_thinking")
    assert "--max-tokens" in reply.warnings[0]


def test_unfinished_inline_thinking_without_any_tag_is_no_answer() -> None:
    deltas, reply = ask(always(lambda: sse(delta("length", content="It may be"))), thinks="inside")
    assert deltas == [Delta("thinking", "It may be")]
    assert (reply.text, reply.finish) == (None, "unfinished_thinking")


def test_an_answer_cut_by_the_limit_is_truncated() -> None:
    _, reply = ask(always(lambda: sse(delta("length", content="Because it"))))
    assert (reply.text, reply.finish) == ("Because it", "truncated_answer")
    assert reply.warnings == ("the limit of 50 tokens cut the answer; raise --max-tokens",)


def test_an_answer_cut_by_a_content_filter_is_truncated() -> None:
    _, reply = ask(always(lambda: sse(delta("content_filter", content="Because it"))))
    assert reply.finish == "truncated_answer"
    assert "content filter" in reply.warnings[0]


def test_an_empty_reply_is_empty() -> None:
    deltas, reply = ask(always(lambda: sse(delta(content=""), delta("stop"), USAGE)), thinks="inside")
    assert deltas == []
    assert (reply.text, reply.reasoning, reply.finish) == (None, None, "empty")


def test_the_refusal_sentence_is_a_refusal() -> None:
    _, reply = ask(always(lambda: sse(delta("stop", content=f"<think>Hm.</think>{REFUSAL}"))))
    assert (reply.text, reply.finish) == (REFUSAL, "refused")


def test_an_unknown_model_is_shown_provisionally_and_warned_about() -> None:
    deltas, reply = ask(always(lambda: sse(delta("stop", content="Blue."))), thinks="unknown")
    assert deltas == [Delta("provisional", "Blue.")]
    assert (reply.text, reply.finish) == ("Blue.", "answered")
    assert "not known" in reply.warnings[0]


@pytest.mark.parametrize("reason", ["stop", None])
def test_a_server_that_ignores_stream_is_understood(reason: str | None) -> None:
    message = {"role": "assistant", "content": "Blue.", "reasoning": "Hm."}
    body = {"choices": [{"message": message, "finish_reason": reason}], "usage": {"prompt_tokens": 9}}
    deltas, reply = ask(always(lambda: httpx2.Response(200, json=body)))
    assert deltas == [Delta("thinking", "Hm."), Delta("answer", "Blue.")]
    assert (reply.text, reply.reasoning, reply.finish, reply.usage.prompt) == ("Blue.", "Hm.", "answered", 9)


def page() -> httpx2.Response:
    return httpx2.Response(200, html="<html><body>Welcome</body></html>")


NONSENSE = {
    "an HTML page": page,
    "other JSON": lambda: httpx2.Response(200, json={"hello": "world"}),
    "a JSON list": lambda: httpx2.Response(200, json=[1]),
    "choices that are none": lambda: httpx2.Response(200, json={"choices": 3}),
    "a broken event": lambda: sse("{oops"),
    "an event that is a list": lambda: sse("[1, 2]"),
    "an event of something else": lambda: sse({"hello": "world"}),
    "no event": lambda: sse(),
    "an empty body": lambda: httpx2.Response(200),
    "invalid UTF-8": lambda: httpx2.Response(
        200, headers={"content-type": "text/event-stream"}, content=b"data: \xff\xfe\n\n"
    ),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_a_failure_that_names_the_likely_cause(kind: str) -> None:
    _, reply = ask(always(NONSENSE[kind]))
    assert (reply.text, reply.finish, reply.partial) == (None, "failed", None)
    assert reply.error is not None
    assert "nonsense" in reply.error
    assert "--base-url" in reply.error
    assert "\n" not in reply.error


def test_nonsense_in_the_middle_keeps_what_came() -> None:
    deltas, reply = ask(always(lambda: sse(delta(content="Because"), "{oops")))
    assert deltas == [Delta("answer", "Because")]
    assert (reply.text, reply.finish, reply.partial) == (None, "failed", "Because")


def test_an_error_event_in_the_middle_keeps_what_came() -> None:
    error = {"error": {"message": "CUDA out of memory", "code": 500}}
    _, reply = ask(always(lambda: sse(delta(reasoning="Hm."), error)))
    assert (reply.text, reply.reasoning, reply.finish, reply.partial) == (None, "Hm.", "failed", "Hm.")
    assert "CUDA out of memory" in (reply.error or "")


def test_a_stream_that_just_ends_is_a_failure() -> None:
    _, reply = ask(always(lambda: sse(delta(content="Because"), done=False)))
    assert (reply.text, reply.finish, reply.partial) == (None, "failed", "Because")
    assert "before it was complete" in (reply.error or "")


class Breaks(httpx2.AsyncByteStream):
    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self.events:
            yield f"data: {json.dumps(event)}\n\n".encode()
        raise httpx2.ReadError("connection reset")


def breaking(*events: dict[str, Any]) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Breaks(*events))


def test_a_connection_that_breaks_keeps_what_came() -> None:
    _, reply = ask(always(lambda: breaking(delta(content="Because"))))
    assert (reply.text, reply.finish, reply.partial) == (None, "failed", "Because")
    assert "broke in the middle" in (reply.error or "")


def test_a_connection_that_breaks_behind_the_end_harms_nothing() -> None:
    _, reply = ask(always(lambda: breaking(delta("stop", content="Because."))))
    assert (reply.text, reply.finish) == ("Because.", "answered")


class Counts(httpx2.AsyncByteStream):
    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield f"data: {json.dumps(delta(content='and '))}\n\n".encode()
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


def test_closing_the_reply_early_closes_the_stream() -> None:
    endless = Counts()
    headers = {"content-type": "text/event-stream"}
    model = answerer(lambda request: httpx2.Response(200, headers=headers, stream=endless))

    async def take_two() -> None:
        items = model.reply(PROMPT, CONTEXT)
        await anext(items)
        await anext(items)
        await items.aclose()
        assert endless.closed

    asyncio.run(take_two())


def test_one_answerer_serves_several_event_loops_and_replies_at_once() -> None:
    model = answerer(always(lambda: sse(delta("stop", content="Blue."))))

    async def both() -> list[Reply]:
        return [reply for _, reply in await asyncio.gather(collect(model), collect(model))]

    replies = [*asyncio.run(both()), *asyncio.run(both())]
    assert [reply.text for reply in replies] == ["Blue."] * 4


def test_the_context_window_is_what_the_server_lists() -> None:
    models = {"data": [{"id": "other", "max_model_len": 1}, {"id": "m", "max_model_len": 8192}]}
    assert answerer(always(lambda: httpx2.Response(200, json=models))).context_window == 8192


def test_the_context_window_is_not_waited_for_as_long_as_an_answer() -> None:
    waits: list[float] = []

    def silent(request: httpx2.Request) -> httpx2.Response:
        waits.append(request.extensions["timeout"]["read"])
        raise httpx2.ReadTimeout("silent", request=request)

    assert answerer(silent).context_window is None
    assert waits == [CONNECT_SECONDS]


@pytest.mark.parametrize("response", [page, lambda: httpx2.Response(500), lambda: httpx2.Response(200, json={})])
def test_the_context_window_is_unknown_where_the_server_does_not_tell(
    response: Callable[[], httpx2.Response],
) -> None:
    assert answerer(always(response)).context_window is None

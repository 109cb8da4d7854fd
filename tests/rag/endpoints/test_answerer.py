"""Tests of the client: hand-written replies of every kind of server, over the real openai client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest

from rag.answer import Reply, Usage
from rag.answerer import Delta
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import CONNECT_SECONDS, Endpoint
from rag.endpoints.probes import Probes
from rag.endpoints.ways import NO_BUDGET, NO_CLOSING
from rag.models.catalogue import Model
from rag.refusal import REFUSAL
from rag.sampling import Sampling
from rag.thinking import Thinks
from tests.rag.endpoints.servers import CONTEXT, PROMPT, Server, collect, delta, page, sse

USAGE = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}
Handler = Callable[[httpx2.Request], httpx2.Response]


def always(response: Callable[[], httpx2.Response]) -> Handler:
    return lambda request: response()


def known(endpoint: Endpoint, **facts: object) -> Probes:
    """What is known of a server that has nothing but the plain API, so that only replies are asked for."""
    plain = {"dialect": None, "thinks": "own_tag", "separates": False, "budget_field": False}
    return Probes(endpoint, "m", known={**plain, **facts})


def answerer(handler: Handler, *, thinks: Thinks = "own_tag") -> EndpointAnswerer:
    endpoint = Endpoint("http://model.test/v1", "secret", transport=httpx2.MockTransport(handler))
    return EndpointAnswerer(endpoint, "m", probes=known(endpoint, thinks=thinks), sampling=Sampling(max_tokens=50))


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


def inside(events: list[dict[str, Any]], **facts: object) -> Reply:
    """The reply of a model that begins inside its thinking."""
    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(lambda request: sse(*events)))
    probes = known(endpoint, thinks="inside", **facts)
    return asyncio.run(collect(EndpointAnswerer(endpoint, "m", probes=probes)))[1]


def test_where_the_server_separates_content_alone_is_an_answer_without_thinking() -> None:
    reply = inside([delta("stop", content="Blue.")], separates=True)
    assert (reply.text, reply.reasoning, reply.finish) == ("Blue.", None, "answered")


def test_where_it_does_not_content_alone_is_unfinished_thinking() -> None:
    reply = inside([delta("stop", content="Blue.")], separates=False)
    assert (reply.text, reply.reasoning, reply.finish) == (None, "Blue.", "unfinished_thinking")


def test_thinking_that_its_own_tag_shows_unfinished_is_so_everywhere_and_nothing_is_asked() -> None:
    server = Server("plain")
    server.broken["/v1/chat/completions"] = lambda: sse(delta("length", content="<think>Hm."))
    endpoint = server.endpoint
    probes = Probes(endpoint, "m", known={"dialect": None, "thinks": "own_tag"})
    _, reply = asyncio.run(collect(EndpointAnswerer(endpoint, "m", probes=probes)))
    assert (reply.text, reply.finish) == (None, "unfinished_thinking")
    assert len(server.asked) == 1


def test_a_server_that_dies_behind_its_last_word_harms_no_reply() -> None:
    """Neither its tokenizer nor a probe can be asked any more."""
    replies = iter([sse(delta("stop", content="Blue."))])

    def dies(request: httpx2.Request) -> httpx2.Response:
        if (reply := next(replies, None)) is not None and request.url.path == "/v1/chat/completions":
            return reply
        raise httpx2.ConnectError("refused", request=request)

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(dies))
    probes = Probes(endpoint, "m", known={"dialect": "vllm", "thinks": "inside"})
    _, reply = asyncio.run(collect(EndpointAnswerer(endpoint, "m", probes=probes)))
    assert (reply.reasoning, reply.finish, reply.usage.reasoning) == ("Blue.", "unfinished_thinking", 2)


@pytest.mark.parametrize("budget", [None, 0, 64])
def test_no_server_is_a_failed_reply_whatever_is_wanted(budget: int | None) -> None:
    def gone(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(gone))
    _, reply = asyncio.run(collect(EndpointAnswerer(endpoint, "m", think_budget=budget)))
    assert (reply.text, reply.finish) == (None, "failed")
    assert "no server answers at http://model.test/v1" in (reply.error or "")


@pytest.mark.parametrize("budget", [None, 0, 64])
@pytest.mark.parametrize("answer", [page, lambda: httpx2.Response(200, json=[1]), lambda: httpx2.Response(200)])
def test_nonsense_from_every_page_is_a_failed_reply(budget: int | None, answer: Callable[[], httpx2.Response]) -> None:
    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(always(answer)))
    _, reply = asyncio.run(collect(EndpointAnswerer(endpoint, "m", think_budget=budget)))
    assert (reply.text, reply.finish) == (None, "failed")
    assert "nonsense" in (reply.error or "")


@pytest.mark.parametrize("path", ["/tokenize", "/v1/completions"])
def test_a_tokenizer_or_a_completion_that_turns_into_nonsense_is_a_failed_reply(path: str) -> None:
    server = Server(bounds=False)
    model = EndpointAnswerer(server.endpoint, "m", think_budget=8)
    assert asyncio.run(collect(model))[1].finish == "answered"
    server.broken[path] = page
    _, reply = asyncio.run(collect(model))
    assert (reply.text, reply.finish) == (None, "failed")
    assert "nonsense" in (reply.error or "")


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp"])
@pytest.mark.parametrize("bounds", [True, False])
@pytest.mark.parametrize("separates", [True, False])
def test_a_budget_is_kept_on_every_server_that_can_and_an_answer_comes(
    kind: Literal["vllm", "llama.cpp"], bounds: bool, separates: bool
) -> None:
    server = Server(kind, bounds=bounds, separates=separates)
    for budget in (0, 1, 8):
        _, reply = asyncio.run(collect(EndpointAnswerer(server.endpoint, "m", think_budget=budget)))
        assert (reply.text, reply.finish, reply.warnings) == ("Blue.", "answered", ())
        assert reply.usage.reasoning == budget
        assert len((reply.reasoning or "").split()) == budget


def test_a_plain_server_that_cannot_bound_the_thinking_says_so() -> None:
    server = Server("plain", bounds=False)
    entry = Model("r1", "x", reasoning=True, thinks="inside")
    for budget, warning in ((8, NO_BUDGET), (0, NO_CLOSING)):
        probes = Probes(server.endpoint, "m", entry=entry)
        model = EndpointAnswerer(server.endpoint, "m", probes=probes, think_budget=budget)
        _, reply = asyncio.run(collect(model))
        assert (reply.text, reply.warnings) == ("Blue.", (warning,))


def asked_by_a_command(server: Server, folder: Path) -> list[str]:
    """The requests of one command: it counts, looks at the context's size and asks for a reply."""
    server.asked.clear()
    model = EndpointAnswerer(server.endpoint, "m", probes=Probes(server.endpoint, "m", folder=folder))
    assert model.counter.count(["Why?"])
    assert model.context_window == server.listed["data"][0].get("max_model_len")
    assert asyncio.run(collect(model))[1].text == "Blue."
    return server.paths


def test_a_hosted_service_is_asked_little_more_than_the_question(tmp_path: Path) -> None:
    server = Server("plain", listed={"data": [{"id": "m"}]})
    first = asked_by_a_command(server, tmp_path)
    assert sorted(first) == ["/tokenize", "/tokenize", "/v1/chat/completions", "/v1/models", "/version"]
    assert asked_by_a_command(server, tmp_path) == ["/version", "/v1/chat/completions"]


def test_a_second_command_asks_a_vllm_server_for_counts_and_the_reply_only(tmp_path: Path) -> None:
    server = Server()
    asked_by_a_command(server, tmp_path)
    assert [path for path in asked_by_a_command(server, tmp_path) if path != "/tokenize"] == [
        "/version",
        "/metrics",
        "/v1/chat/completions",
    ]


def test_a_hosted_service_is_sent_no_field_beyond_openais_without_need() -> None:
    server = Server("plain")
    asyncio.run(collect(EndpointAnswerer(server.endpoint, "m")))
    [body] = server.bodies("/v1/chat/completions")
    usual = {"model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "seed"}
    assert set(body) == usual


def test_a_small_context_bounds_a_reply_that_nobody_asked_to_be_long() -> None:
    known = {"thinks": "inside", "dialect": None, "budget_field": True, "separates": True, "context": 8192}
    seen: list[dict[str, Any]] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(json.loads(request.content))
        return sse(delta(reasoning="Hm."), delta("stop", content="Blue."))

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(handler))
    model = EndpointAnswerer(
        endpoint, "m", probes=Probes(endpoint, "m", known=known), sampling=Sampling(max_tokens=9216),
        think_budget=8192, flexible=True,
    )  # fmt: skip
    _, reply = asyncio.run(collect(model))
    assert (model.reply_tokens, seen[0]["max_tokens"], seen[0]["thinking_token_budget"]) == (4096, 4096, 3584)
    assert reply.warnings == ("the context of 8192 tokens has room for 3584 tokens of thinking beside the passages",)


def test_the_first_token_is_timed_from_the_request_being_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the endpoint can do is found out before, and is no part of it. The clock moves when the server works."""
    now = 100.0

    def handler(request: httpx2.Request) -> httpx2.Response:
        nonlocal now
        asked = "chat" in request.url.path
        now += 0.02 if asked else 1.0
        return sse(delta("stop", content="Blue.")) if asked else httpx2.Response(404)

    monkeypatch.setattr("rag.endpoints.answerer.perf_counter", lambda: now)
    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(handler))
    _, reply = asyncio.run(collect(EndpointAnswerer(endpoint, "m")))
    assert reply.first_token == pytest.approx(20.0)
    assert now > 101.0


def test_a_tag_in_a_separated_answer_is_warned_about() -> None:
    events = (delta(reasoning="Hm."), delta("stop", content="The tag is `</think>`, as [1] says."))
    _, reply = ask(always(lambda: sse(*events)))
    assert any("wrote </think> in its answer" in warning for warning in reply.warnings)


def test_a_page_for_people_is_not_shown_as_the_servers_words() -> None:
    _, reply = ask(always(lambda: httpx2.Response(501, html="<html><body>Not here</body></html>")))
    assert "<" not in (reply.error or "")

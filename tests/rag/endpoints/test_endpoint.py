"""Tests of endpoints: what their failures say, over the real client and over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from indexes.errors import RequestError
from rag.answer import Reply
from rag.context import Context
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint, ServedModel, served_models, sole_model
from rag.endpoints.probes import Probes
from rag.prompt import Message, Prompt

PROMPT = Prompt((Message("user", "Why?"),), "Why?", "plain", "0" * 64)
CONTEXT = Context((), "best_first", 0, "estimate")
MODELS = {"object": "list", "data": [{"id": "qwen-7b"}, {"id": "llama", "max_model_len": 4096}]}
TOO_LONG = [
    {"message": "request (9 tokens) exceeds it", "type": "exceed_context_size_error"},
    {"message": "This model's maximum context length is 8 tokens.", "type": "BadRequestError"},
    {"message": "too long", "code": "context_length_exceeded"},
    {"message": "too long", "param": "input_tokens"},
]


def answerer(endpoint: Endpoint, model: str = "m") -> EndpointAnswerer:
    """Asks for replies only: what the server can do beside is known."""
    return EndpointAnswerer(
        endpoint, model, probes=Probes(endpoint, model, known={"dialect": None, "thinks": "own_tag"})
    )


async def last(model: EndpointAnswerer) -> Reply:
    *_, reply = [item async for item in model.reply(PROMPT, CONTEXT)]
    assert isinstance(reply, Reply)
    return reply


def failure(status: int, body: Any, *, models: Any = MODELS) -> str:
    """What is said where the chat endpoint answers with `status`, and the list of models with `models`."""

    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            return httpx2.Response(200, json=models) if models else httpx2.Response(404)
        return httpx2.Response(status, json=body, headers={"retry-after-ms": "1"})

    endpoint = Endpoint("http://model.test/v1", "secret", transport=httpx2.MockTransport(handler))
    reply = asyncio.run(last(answerer(endpoint, "qwen")))
    assert (reply.text, reply.finish) == (None, "failed")
    assert reply.error is not None
    assert "secret" not in reply.error
    return reply.error


def test_a_refused_key_says_so() -> None:
    assert failure(401, {"error": {"message": "bad key"}}) == (
        "http://model.test/v1 refused the API key (401): bad key; set the right key"
    )


def test_a_wrong_model_lists_the_served_ones() -> None:
    said = failure(404, {"error": {"message": "The model `qwen` does not exist."}})
    assert said == "http://model.test/v1 has no model 'qwen'; it serves 'llama', 'qwen-7b'"


def test_a_wrong_path_points_at_the_base_url() -> None:
    assert "--base-url often has to end in /v1" in failure(404, {"detail": "Not Found"}, models=None)


@pytest.mark.parametrize("error", TOO_LONG)
def test_a_prompt_beyond_the_context_says_how_to_shorten_it(error: dict[str, str]) -> None:
    said = failure(400, {"error": error})
    assert said.startswith("the prompt is too long")
    assert "--budget" in said


def test_another_refusal_gives_the_servers_words_on_one_line() -> None:
    assert failure(400, {"error": {"message": "n must\nbe 1."}}) == (
        "http://model.test/v1 refused the request (400): n must be 1"
    )


def test_a_loading_server_is_retried_and_then_told() -> None:
    said = failure(503, {"error": {"message": "Loading model"}})
    assert "failed (503): Loading model" in said


def test_too_many_requests_are_told() -> None:
    assert "too many requests (429): slow down" in failure(429, {"error": {"message": "slow down"}})


def test_a_server_that_recovers_is_asked_again() -> None:
    answers = iter((503, 200))

    def handler(request: httpx2.Request) -> httpx2.Response:
        body = {"choices": [{"message": {"content": "Blue."}, "finish_reason": "stop"}]}
        return httpx2.Response(next(answers), json=body, headers={"retry-after-ms": "1"})

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(handler))
    assert asyncio.run(last(answerer(endpoint))).text == "Blue."


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def loopback(talk: Talk) -> AsyncIterator[str]:
    """A real server that reads a request and then talks as told; gives its base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()


def begin(writer: asyncio.StreamWriter, text: str) -> None:
    event = json.dumps({"choices": [{"delta": {"content": text}}]}).encode()
    data = b"data: " + event + b"\n\n"
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


async def against(talk: Talk, *, timeout: float = 30.0) -> Reply:
    async with loopback(talk) as url:
        return await last(answerer(Endpoint(url, timeout=timeout)))


async def client_leaves(reader: asyncio.StreamReader) -> None:
    await reader.read()


def test_a_server_that_never_begins_times_out() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await client_leaves(reader)

    reply = asyncio.run(against(talk, timeout=0.3))
    assert (reply.finish, reply.partial) == ("failed", None)
    assert "sent nothing for 0.3 s; raise --timeout" in (reply.error or "")


def test_a_server_that_falls_silent_times_out_and_what_came_is_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin(writer, "Because")
        await client_leaves(reader)

    reply = asyncio.run(against(talk, timeout=0.3))
    assert (reply.finish, reply.partial) == ("failed", "Because")
    assert "sent nothing for 0.3 s" in (reply.error or "")


def test_a_server_that_drops_the_connection_is_told_and_what_came_is_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin(writer, "Because")
        await writer.drain()

    reply = asyncio.run(against(talk))
    assert (reply.finish, reply.partial) == ("failed", "Because")
    assert "broke in the middle of the reply" in (reply.error or "")


def test_closing_the_reply_early_hangs_up() -> None:
    async def scene() -> None:
        left = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            begin(writer, "Because")
            await client_leaves(reader)
            left.set()

        async with loopback(talk) as url:
            items = answerer(Endpoint(url)).reply(PROMPT, CONTEXT)
            await anext(items)
            await items.aclose()
            async with asyncio.timeout(10):
                await left.wait()

    asyncio.run(scene())


def test_no_server_is_told_with_the_remedy() -> None:
    async def scene() -> Reply:
        async with loopback(lambda reader, writer: asyncio.sleep(0)) as url:
            pass  # closed again: nothing listens there any more
        return await last(answerer(Endpoint(url)))

    reply = asyncio.run(scene())
    assert reply.finish == "failed"
    assert "no server answers at http://127.0.0.1:" in (reply.error or "")
    assert "correct --base-url" in (reply.error or "")


def listing(body: Any) -> Endpoint:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=body))
    return Endpoint("http://model.test/v1", transport=transport)


def test_served_models_come_with_their_context_where_it_is_told() -> None:
    assert served_models(listing(MODELS)) == (ServedModel("qwen-7b", None), ServedModel("llama", 4096))


def test_the_only_model_is_taken() -> None:
    assert sole_model(listing({"data": [{"id": "r1"}]})) == "r1"


def test_several_models_are_listed_to_choose_from() -> None:
    with pytest.raises(RequestError, match=r"serves 'llama', 'qwen-7b'; choose one with --model"):
        sole_model(listing(MODELS))


@pytest.mark.parametrize("body", [{}, [], {"data": 3}, {"data": [{}]}, {"data": [3]}, "hello"])
def test_a_list_of_models_that_is_none_is_told(body: Any) -> None:
    with pytest.raises(RequestError, match="could not list the models"):
        served_models(listing(body))


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x/v1", "http://", "http://x:port/v1", "http://[::1"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RequestError, match="base URL must look like"):
        Endpoint(url)


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_leaves_no_time_is_refused(timeout: float) -> None:
    with pytest.raises(RequestError, match="timeout must be above 0"):
        Endpoint("http://x/v1", timeout=timeout)


def test_a_key_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(RequestError, match="API key") as caught:
        Endpoint("http://x/v1", "secret\n")
    assert "secret" not in str(caught.value)


def test_no_secret_is_shown() -> None:
    endpoint = Endpoint("http://user:secret@x:8000/v1", "secret2")
    assert endpoint.shown == "http://x:8000/v1"
    assert "secret2" not in repr(endpoint)

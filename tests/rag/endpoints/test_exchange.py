"""Tests of exchanges with an endpoint: what is tried again, how many at once, and that nothing stays open."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import repeat

import httpx2
import openai
import pytest

from rag.endpoints.endpoint import FAILURES, RETRIES, Endpoint
from rag.endpoints.exchange import Exchange
from rag.endpoints.wire import NonsenseError, Piece
from tests.rag.endpoints.servers import delta, sse

REQUEST = {"model": "m", "messages": [{"role": "user", "content": "Why?"}], "max_tokens": 5}
SOON = {"retry-after-ms": "1"}
Handler = Callable[[httpx2.Request], httpx2.Response | Awaitable[httpx2.Response]]


def exchange(handler: Handler) -> Exchange:
    return Exchange(Endpoint("http://model.test/v1", transport=httpx2.MockTransport(handler)))  # type: ignore[arg-type]


async def text(asked: Exchange) -> str:
    async with asked.pieces("chat", REQUEST) as pieces:
        return "".join([piece.content async for piece in pieces])


def answering(statuses: Iterator[int], seen: list[int]) -> Handler:
    def handle(request: httpx2.Request) -> httpx2.Response:
        status = next(statuses)
        seen.append(status)
        if status == 0:
            raise httpx2.ConnectError("refused", request=request)
        if status == 200:
            return sse(delta("stop", content="Blue."))
        return httpx2.Response(status, json={"error": {"message": "no"}}, headers=SOON)

    return handle


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that fails names no time to wait: openai's own, with jitter, is half a second and more."""
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [0, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    seen: list[int] = []
    assert asyncio.run(text(exchange(answering(iter([status, status, 200]), seen)))) == "Blue."
    assert seen == [status, status, 200]


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_it_is_given_up_after_some_tries(status: int) -> None:
    seen: list[int] = []
    with pytest.raises(FAILURES):
        asyncio.run(text(exchange(answering(repeat(status), seen))))
    assert seen == [status] * (RETRIES + 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_wrong_with_the_request_is_not_tried_again(status: int) -> None:
    seen: list[int] = []
    with pytest.raises(openai.APIStatusError):
        asyncio.run(text(exchange(answering(repeat(status), seen))))
    assert seen == [status]


class Crowded:
    """Admits so many requests at once, and says that there are too many to all others."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.inside = 0
        self.refused = 0

    async def handle(self, request: httpx2.Request) -> httpx2.Response:
        if self.inside >= self.most:
            self.refused += 1
            return httpx2.Response(429, json={"error": {"message": "too many"}}, headers=SOON)
        self.inside += 1
        for _ in range(20):  # others come meanwhile
            await asyncio.sleep(0)
        self.inside -= 1
        return sse(delta("stop", content="Blue."))


def test_all_are_answered_by_a_server_that_takes_few_at_once_and_the_limit_rises_again_later() -> None:
    server = Crowded(4)
    asked = exchange(server.handle)
    started = asked.limit.allowed

    async def many(count: int) -> list[str]:
        return await asyncio.gather(*(text(asked) for _ in range(count)))

    assert asyncio.run(many(64)) == ["Blue."] * 64
    come_down = asked.limit.allowed
    assert 1 <= come_down <= 16 < started
    assert asked.limit.in_flight == 0
    server.most, refused = 1000, server.refused
    assert asyncio.run(many(200)) == ["Blue."] * 200
    assert asked.limit.allowed > come_down
    assert server.refused == refused


def test_a_server_that_takes_a_hundred_is_not_asked_one_by_one_for_a_few_too_many() -> None:
    server = Crowded(100)
    asked = exchange(server.handle)

    async def many() -> list[str]:
        return await asyncio.gather(*(text(asked) for _ in range(130)))

    assert asyncio.run(many()) == ["Blue."] * 130
    assert asked.limit.allowed >= 25


def test_a_server_that_refuses_all_is_given_up_by_all() -> None:
    async def many() -> list[str | BaseException]:
        asked = exchange(answering(repeat(429), []))
        async with asyncio.timeout(30):
            return await asyncio.gather(*(text(asked) for _ in range(8)), return_exceptions=True)

    assert [type(failed) for failed in asyncio.run(many())] == [openai.RateLimitError] * 8


class Endless(httpx2.AsyncByteStream):
    """A reply that never ends."""

    def __init__(self) -> None:
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield f"data: {json.dumps(delta(content='and '))}\n\n".encode()
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


def streaming(body: Endless) -> Handler:
    headers = {"content-type": "text/event-stream"}
    return lambda request: httpx2.Response(200, headers=headers, stream=body)


def test_leaving_ends_the_request_and_gives_its_place_free_at_once() -> None:
    body = Endless()
    asked = exchange(streaming(body))

    async def scene() -> None:
        async with asked.pieces("chat", REQUEST) as pieces:
            assert (await anext(pieces)).content == "and "
            assert asked.limit.in_flight == 1
        assert body.closed
        assert asked.limit.in_flight == 0

    asyncio.run(scene())


@pytest.mark.parametrize("begun", [False, True])
def test_cancelling_ends_the_request_before_and_after_the_reply_began(begun: bool) -> None:
    body = Endless()

    async def scene() -> None:
        reached = asyncio.Event()

        async def never(request: httpx2.Request) -> httpx2.Response:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

        async def read() -> None:
            async with asked.pieces("chat", REQUEST) as pieces:
                async for _ in pieces:
                    reached.set()

        asked = exchange(streaming(body) if begun else never)
        task = asyncio.ensure_future(read())
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asked.limit.in_flight == 0

    asyncio.run(scene())
    assert body.closed is begun


def test_a_request_cancelled_while_it_waits_for_a_place_is_never_sent() -> None:
    sent: list[int] = []
    asked = exchange(answering(repeat(200), sent))
    asked.limit.allowed = 1

    async def scene() -> None:
        async with asked.pieces("chat", REQUEST):
            waiting = [asyncio.ensure_future(text(asked)) for _ in range(3)]
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(sent) == 1
            waiting[0].cancel()
        assert await asyncio.gather(*waiting[1:]) == ["Blue.", "Blue."]
        assert waiting[0].cancelled()
        assert (len(sent), asked.limit.in_flight) == (3, 0)

    asyncio.run(scene())


def test_one_exchange_serves_one_event_loop_after_the_other() -> None:
    asked = exchange(answering(repeat(200), []))

    async def several() -> list[str]:
        return await asyncio.gather(*(text(asked) for _ in range(5)))

    assert asyncio.run(several()) + asyncio.run(several()) == ["Blue."] * 10


def test_connections_are_closed_behind_the_last_reply() -> None:
    closed: list[bool] = []

    class Transport(httpx2.MockTransport):
        async def aclose(self) -> None:
            closed.append(True)

    transport = Transport(lambda request: sse(delta("stop", content="Blue.")))
    asked = Exchange(Endpoint("http://model.test/v1", transport=transport))

    async def several() -> None:
        await asyncio.gather(*(text(asked) for _ in range(5)))

    asyncio.run(several())
    assert closed == [True]


def test_a_server_that_never_begins_times_out_even_where_it_is_asked_again() -> None:
    async def refuse_slowly(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503, headers={"retry-after": "60"})

    endpoint = Endpoint("http://model.test/v1", timeout=0.2, transport=httpx2.MockTransport(refuse_slowly))
    with pytest.raises(TimeoutError):
        asyncio.run(text(Exchange(endpoint)))


def test_a_completion_is_read_like_a_chat() -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/v1/completions"
        body = json.loads(request.content)
        assert body["prompt"] == [1, 2]
        assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
        assert body["grammar"] == "g"
        return sse({"choices": [{"text": "Bl"}]}, {"choices": [{"text": "ue.", "finish_reason": "stop"}]})

    async def read() -> list[Piece]:
        request = {"model": "m", "prompt": [1, 2], "extra_body": {"grammar": "g"}}
        async with exchange(handle).pieces("completions", request) as pieces:
            return [piece async for piece in pieces]

    assert asyncio.run(read()) == [Piece("Bl"), Piece("ue.", finish_reason="stop")]


@pytest.mark.parametrize("stream", [True, False])
def test_a_whole_completion_is_read_too(stream: bool) -> None:
    whole = {"choices": [{"text": "Blue.", "finish_reason": "length"}]}

    async def read() -> list[Piece]:
        asked = exchange(lambda request: sse(whole) if stream else httpx2.Response(200, json=whole))
        async with asked.pieces("completions", {"model": "m", "prompt": [1]}) as pieces:
            return [piece async for piece in pieces]

    assert asyncio.run(read()) == [Piece("Blue.", finish_reason="length")]


def test_nonsense_gives_its_place_free() -> None:
    asked = exchange(lambda request: httpx2.Response(200, text="Welcome"))
    with pytest.raises(NonsenseError):
        asyncio.run(text(asked))
    assert asked.limit.in_flight == 0


def test_a_refusal_counts_even_where_the_next_try_is_answered() -> None:
    seen: list[int] = []
    asked = exchange(answering(iter([429, 200]), seen))
    assert asyncio.run(text(asked)) == "Blue."
    assert (seen, asked.limit.allowed) == ([429, 200], 1)

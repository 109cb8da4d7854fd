"""Requests to an endpoint, and their replies as they come: the one place where a streaming client lives."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal

from openai import AsyncOpenAI, AsyncStream, RateLimitError

from rag.endpoints.endpoint import Endpoint
from rag.endpoints.limit import AdaptiveLimit
from rag.endpoints.wire import NonsenseError, Piece, read_piece

TOO_MANY = 429

Api = Literal["chat", "completions"]


class Exchange:
    """All requests to one endpoint; as many at once as it takes.

    Attributes:
        limit: how many that is.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Prepares; nothing is asked."""
        self._endpoint = endpoint
        self._client: AsyncOpenAI | None = None
        self._in_flight = 0
        self.limit = AdaptiveLimit()

    @asynccontextmanager
    async def pieces(self, api: Api, request: Mapping[str, object]) -> AsyncIterator[AsyncIterator[Piece]]:
        """The reply to `request` as it comes; leaving ends the request.

        While the server says that there are too many requests, fewer are sent, and this one again.

        Raises:
            FAILURES: whatever went wrong.
        """
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self.open())
            pieces: AsyncIterator[Piece] | None = None
            while pieces is None:
                alone: int | None = None
                try:
                    async with AsyncExitStack() as attempt:
                        await attempt.enter_async_context(self.limit)
                        alone = self.limit.entered if self.limit.in_flight == 1 else None
                        pieces = await self._begun(client, api, request, attempt)
                        stack.push_async_exit(attempt.pop_all())
                except RateLimitError:
                    if alone == self.limit.entered:  # no other was in flight: fewer cannot help
                        raise
            yield pieces

    async def _begun(
        self, client: AsyncOpenAI, api: Api, request: Mapping[str, object], stack: AsyncExitStack
    ) -> AsyncIterator[Piece]:
        body: dict[str, Any] = {**request, "stream": True, "stream_options": {"include_usage": True}}
        create = client.chat.completions if api == "chat" else client.completions
        asked = create.with_streaming_response.create(**body)
        async with asyncio.timeout(self._endpoint.timeout):
            response = await stack.enter_async_context(asked)
        if "event-stream" in response.headers.get("content-type", ""):
            events = await response.parse(to=AsyncStream[object])
            return (read_piece(event) async for event in events)
        return _whole(await response.text())  # the server does not stream, or it is no such server

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncOpenAI]:
        """One client, and so one pool of connections, for all who have it open at once; closed behind the last one.

        A client does not outlive its event loop, and a loop may be as short as one question.
        """
        if self._client is None:
            self._client = self._endpoint.client(on_status=self._noticed)
        self._in_flight += 1
        try:
            yield self._client
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                client, self._client = self._client, None
                await client.close()

    def _noticed(self, status: int) -> None:
        if status == TOO_MANY:
            self.limit.too_many()


async def _whole(body: str) -> AsyncIterator[Piece]:
    try:
        piece = read_piece(json.loads(body))
    except json.JSONDecodeError as error:
        raise NonsenseError(f"not JSON: {body.strip()[:80]!r}") from error
    yield piece._replace(finish_reason=piece.finish_reason or "stop")

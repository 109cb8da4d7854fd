"""The client: asks a language model behind an endpoint, and turns whatever happens into a reply."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from typing import Any

from openai import AsyncOpenAI, AsyncStream

from rag.answer import Finish, Reply, Usage
from rag.answerer import Delta, TokenCounter
from rag.context import Context
from rag.endpoint import FAILURES, Endpoint, explain, soon_listed
from rag.prompt import Prompt
from rag.refusal import is_refusal
from rag.sampling import Sampling
from rag.thinking import Split, ThinkingSplitter, Thinks
from rag.tokens import EstimateCounter
from rag.wire import NonsenseError, Piece, read_piece

CUT = {
    "length": "the limit of {} tokens cut the answer; raise --max-tokens",
    "content_filter": "the endpoint's content filter cut the answer",
}
"""What to say for each reason that ends an answer early."""


class EndpointAnswerer:
    """A language model behind an OpenAI-compatible endpoint."""

    follows_prompts = True

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        thinks: Thinks = "unknown",
        sampling: Sampling | None = None,
        counter: TokenCounter | None = None,
        budget: int | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Prepares; nothing is asked before the first reply.

        Args:
            endpoint: where to ask.
            model: as the endpoint calls it.
            thinks: how the model thinks.
            sampling: how it draws its tokens.
            counter: the model's tokenizer; an estimate if it is out of reach.
            budget: most tokens of passages that do the model good; None: the general default.
            extra: request fields beyond OpenAI's; servers ignore silently what they do not know.
        """
        self._endpoint = endpoint
        self.model = model
        self.where = endpoint.shown
        self._thinks = thinks
        self._sampling = sampling or Sampling()
        self.reply_tokens = self._sampling.max_tokens
        self.default_budget = budget
        self.counter: TokenCounter = counter or EstimateCounter()
        self._extra = dict(extra or {})
        self._window: int | None = None
        self._window_asked = False
        self._client: AsyncOpenAI | None = None
        self._in_flight = 0

    @property
    def context_window(self) -> int | None:
        """As the endpoint lists it (vLLM does), asked once; None where it does not tell."""
        if not self._window_asked:
            self._window_asked = True
            self._window = dict(soon_listed(self._endpoint)).get(self.model)
        return self._window

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:  # noqa: ARG002
        """Streams the reply; see `Answerer.reply`."""
        splitter = ThinkingSplitter(self._thinks)
        reason: str | None = None
        usage = Usage()
        begun = False
        failure: str | None = None
        try:
            async with self._pieces(prompt) as pieces:
                async for piece in pieces:
                    begun = True
                    reason = piece.finish_reason or reason
                    usage = piece.usage or usage
                    for delta in splitter.feed(piece.content, reasoning=piece.reasoning):
                        yield delta
            if not begun:
                raise NonsenseError("a reply without any message")
        except FAILURES as error:
            if not reason:  # else the reply was complete
                failure = await asyncio.to_thread(explain, error, self._endpoint, model=self.model, begun=begun)
        else:
            if not reason:
                failure = f"{self.where} ended the reply before it was complete; ask again"
        for delta in splitter.flush():
            yield delta
        split = splitter.split()
        if failure:
            partial = split.answer or split.reasoning
            yield Reply(None, split.reasoning, "failed", usage, partial=partial, error=failure)
        else:
            yield await self._finished(split, reason, usage)

    async def _finished(self, split: Split, reason: str | None, usage: Usage) -> Reply:
        if split.reasoning and not usage.reasoning:  # some servers say 0 whatever there was
            counted = await asyncio.to_thread(self.counter.count, [split.reasoning])
            usage = replace(usage, reasoning=counted[0])
        warnings = list(split.warnings)
        finish: Finish
        if not split.closed:
            finish = "unfinished_thinking"
            warnings.append("the thinking did not come to an end; ask again, or raise --max-tokens")
        elif split.answer is None:
            finish = "empty"
        elif reason in CUT:
            finish = "truncated_answer"
            warnings.append(CUT[reason].format(self.reply_tokens))
        else:
            finish = "refused" if is_refusal(split.answer) else "answered"
        return Reply(split.answer, split.reasoning, finish, usage, warnings=tuple(warnings))

    @asynccontextmanager
    async def _pieces(self, prompt: Prompt) -> AsyncIterator[AsyncIterator[Piece]]:
        """The reply as it comes; leaving ends the request."""
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self._shared_client())
            request: dict[str, Any] = {
                "model": self.model,
                "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
                "stream": True,
                "stream_options": {"include_usage": True},
                "extra_body": self._extra,
                **asdict(self._sampling),
            }
            asked = client.chat.completions.with_streaming_response.create(**request)
            async with asyncio.timeout(self._endpoint.timeout):
                response = await stack.enter_async_context(asked)
            if "event-stream" in response.headers.get("content-type", ""):
                events = await response.parse(to=AsyncStream[object])
                yield (read_piece(event) async for event in events)
            else:  # the server does not stream, or it is no such server
                body = await response.text()
                yield _whole(body)

    @asynccontextmanager
    async def _shared_client(self) -> AsyncIterator[AsyncOpenAI]:
        """One client, and so one pool of connections, for all replies in flight; closed behind the last one.

        A client does not outlive its event loop, and a loop may be as short as one question.
        """
        if self._client is None:
            self._client = self._endpoint.client()
        self._in_flight += 1
        try:
            yield self._client
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                client, self._client = self._client, None
                await client.close()


async def _whole(body: str) -> AsyncIterator[Piece]:
    try:
        piece = read_piece(json.loads(body))
    except json.JSONDecodeError as error:
        raise NonsenseError(f"not JSON: {body.strip()[:80]!r}") from error
    yield piece._replace(finish_reason=piece.finish_reason or "stop")

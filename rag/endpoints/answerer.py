"""The client: asks a language model behind an endpoint, and turns whatever happens into a reply."""

import math
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import asdict, replace
from functools import cached_property, partial
from time import perf_counter
from typing import Any

from indexes.errors import RequestError
from rag.answer import Finish, Reply, Usage
from rag.answerer import Delta, TokenCounter
from rag.context import Context
from rag.endpoints.endpoint import FAILURES, Endpoint, explain
from rag.endpoints.exchange import Exchange
from rag.endpoints.probes import Probes
from rag.endpoints.tokenizer import ServerTokenizer
from rag.endpoints.two_step import TokenIds
from rag.endpoints.ways import NO_CLOSING, Way, choose_way
from rag.endpoints.wire import NonsenseError, Piece
from rag.event_loop import beside
from rag.prompt import Prompt
from rag.refusal import is_refusal
from rag.sampling import Limits, Sampling, limits_within
from rag.thinking import CLOSE, Split, ThinkingSplitter, Thinks
from rag.tokens import CachedCounter, EstimateCounter, hub_counter

CUT = {
    "length": "the limit of {} tokens cut the answer; raise --max-tokens",
    "content_filter": "the endpoint's content filter cut the answer",
}
"""What to say for each reason that ends an answer early."""
BRIEF = 128
"""Most tokens of a brief reply."""
UNFINISHED = "the thinking did not come to an end; raise --max-tokens, or bound it with --think-budget"
SMALL_CONTEXT = "the context of {} tokens has room for {} tokens of thinking beside the passages"
CLOSED = "the thinking was closed after {} tokens, so that there was room for the answer; raise --max-tokens"
OVER_BUDGET = "the endpoint let the model think for {} tokens, with a budget of {}"


class EndpointAnswerer:
    """A language model behind an OpenAI-compatible endpoint."""

    follows_prompts = True

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        probes: Probes | None = None,
        sampling: Sampling | None = None,
        budget: int | None = None,
        think_budget: int | None = None,
        counter: TokenCounter | None = None,
        extra: Mapping[str, object] | None = None,
        flexible: bool = False,
    ) -> None:
        """Prepares; nothing is asked before the first reply.

        Args:
            endpoint: where to ask.
            model: as the endpoint calls it.
            probes: find out what the endpoint can do; None: nothing is known of it yet.
            sampling: how the model draws its tokens.
            budget: most tokens of passages that do the model good; None: the general default.
            think_budget: most tokens of thinking; 0: none at all; None: as many as the model likes.
            counter: the model's tokenizer; None: the server's, else one that is cached here, else an estimate.
            extra: request fields beyond OpenAI's; servers ignore silently what they do not know.
            flexible: nobody asked for just that many tokens of reply: they are fewer where the context is small.
        """
        self._endpoint = endpoint
        self.model = model
        self.where = endpoint.shown
        self.probes = probes or Probes(endpoint, model)
        self._sampling = sampling or Sampling()
        self.default_budget = budget
        self._asked = Limits(self._sampling.max_tokens, think_budget)
        self._flexible = flexible
        self._counter = counter
        self._extra = dict(extra or {})
        self._exchange = Exchange(endpoint)

    @property
    def context_window(self) -> int | None:
        """As the endpoint lists it (vLLM does), asked once; None where it does not tell."""
        try:
            return self.probes.context
        except FAILURES:  # whoever asks for a reply will be told
            return None

    @property
    def reply_tokens(self) -> int:
        """As asked for, or at most half of the context."""
        return self._limits.reply_tokens

    @cached_property
    def _limits(self) -> Limits:
        return limits_within(self.context_window, self._asked) if self._flexible else self._asked

    @cached_property
    def counter(self) -> TokenCounter:
        """Counts tokens: exactly where the server has a tokenizer, or one is cached here; else an estimate."""
        if self._counter:
            return self._counter
        try:
            tokenizer = self.probes.tokenizer
        except FAILURES:
            tokenizer = None
        if tokenizer:
            return CachedCounter(self.model, partial(self._counted, tokenizer))
        return hub_counter(self.probes.hub_id) or EstimateCounter()

    def varied(self, *, seed: int, think_budget: int | None) -> "EndpointAnswerer":
        """See `Answerer.varied`; both share connections, and what is known of the endpoint."""
        other = EndpointAnswerer(
            self._endpoint,
            self.model,
            probes=self.probes,
            sampling=replace(self._sampling, seed=seed),
            budget=self.default_budget,
            think_budget=think_budget,
            counter=self.counter,
            extra=self._extra,
            flexible=self._flexible,
        )
        other._exchange = self._exchange
        return other

    def thinks(self) -> bool:
        """See `Answerer.thinks`."""
        with self._explained():
            return self.probes.reasons

    def unable(self) -> tuple[str, ...]:
        """See `Answerer.unable`."""
        with self._explained():
            return choose_way(
                self.probes, budget=self._limits.think_budget, constrained=False, reply_tokens=self.reply_tokens
            ).warnings

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            raise RequestError(explain(error, self._endpoint, model=self.model, begun=False)) from error

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:  # noqa: ARG002
        """Streams the reply; see `Answerer.reply`."""
        splitter: ThinkingSplitter | None = None
        reason: str | None = None
        usage = Usage()
        begun = False
        failure: str | None = None
        first_token: float | None = None
        way = Way()
        try:
            way, thinks = await beside(self._choose, prompt)
            sent = perf_counter()
            splitter = ThinkingSplitter(thinks)
            async with self._exchange.open(), aclosing(self._pieces(prompt, way, splitter)) as pieces:
                async for piece in pieces:
                    begun = True
                    reason = reason if piece.finish_reason is None else piece.finish_reason
                    usage = piece.usage or usage
                    for delta in splitter.feed(piece.content, reasoning=piece.reasoning):
                        first_token = first_token or (perf_counter() - sent) * 1000
                        yield delta
            if not begun:
                raise NonsenseError("a reply without any message")
        except FAILURES as error:
            if not reason:  # else the reply was complete
                failure = await beside(explain, error, self._endpoint, model=self.model, begun=begun)
        else:
            if not reason:
                failure = f"{self.where} ended the reply before it was complete; ask again"
        splitter = splitter or ThinkingSplitter("unknown")
        for delta in splitter.flush():
            yield delta
        if failure:
            split = splitter.split()
            partial = split.answer or split.reasoning
            yield Reply(None, split.reasoning, "failed", usage, first_token, partial=partial, error=failure)
        else:
            yield replace(await beside(self._finished, splitter, way, reason, usage), first_token=first_token)

    def _choose(self, prompt: Prompt) -> tuple[Way, Thinks]:
        """How to ask, and how what comes is to be read."""
        constrained = prompt.grammar is not None
        budget = 0 if prompt.brief else self._limits.think_budget
        way = choose_way(self.probes, budget=budget, constrained=constrained, reply_tokens=self.reply_tokens)
        # what comes as answer is one, unless a tag says otherwise: also where the budget was too short for any thought
        apart = way.api == "ids" or way.thoughts == 0 or (way.thoughts is not None and self.probes.separates)
        return way, "own_tag" if apart else self.probes.thinks

    async def _pieces(self, prompt: Prompt, way: Way, splitter: ThinkingSplitter) -> AsyncGenerator[Piece, None]:
        """The reply as it comes; leaving ends the request."""
        request: dict[str, Any] = {"model": self.model, **asdict(self._sampling), "extra_body": self._extra}
        request["max_tokens"] = self.reply_tokens
        if prompt.brief and NO_CLOSING not in way.warnings:  # else the thinking needs its room
            request["max_tokens"] = min(BRIEF, self.reply_tokens)
        if way.api == "ids":
            fields = {"extra_body": {**self._extra, **_constraint(way, prompt)}}
            ids = await beside(self._ids, request)
            if ids is None:
                raise NonsenseError("no tokenizer, where there was one before")
            async with aclosing(ids.reply(prompt.messages, thoughts=way.thoughts, fields=fields)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
        spent, reason = Usage(), ""
        chat = {**request, "messages": messages, "extra_body": {**self._extra, **way.fields}}
        async with self._exchange.pieces("chat", chat) as pieces:
            async for piece in pieces:
                spent, reason = piece.usage or spent, piece.finish_reason or reason
                yield piece
        split = splitter.split()
        stopped = way.thoughts and not split.closed and reason not in CUT  # by itself, within its thinking
        if stopped and (ids := await beside(self._ids, request)):
            yield Piece("" if splitter.channel else CLOSE, finish_reason="")  # no end yet
            async with aclosing(ids.after(prompt.messages, split.reasoning or "", spent, fields={})) as pieces:
                async for piece in pieces:
                    yield piece

    def _ids(self, request: dict[str, Any]) -> TokenIds | None:
        tokenizer = self.probes.tokenizer
        if tokenizer is None:
            return None
        drawn = {name: value for name, value in request.items() if name != "max_tokens"}
        return TokenIds(self._exchange, tokenizer, self.probes.thinks, drawn, request["max_tokens"])

    def _finished(self, splitter: ThinkingSplitter, way: Way, reason: str | None, usage: Usage) -> Reply:
        split = self._taken_apart(splitter)
        if split.answer is None and split.reasoning and usage.completion is not None:
            usage = replace(usage, reasoning=usage.completion)
        elif self.counter.exact or (split.reasoning and not usage.reasoning):  # servers say 0, or the whole reply
            usage = replace(usage, reasoning=self._count(split.reasoning or ""))
        warnings = [*way.warnings, *split.warnings]
        if self._limits.think_budget != self._asked.think_budget:
            warnings.append(SMALL_CONTEXT.format(self.context_window, self._limits.think_budget))
        if way.constraint and self._asked.think_budget is None and (usage.reasoning or 0) >= (way.thoughts or math.inf):
            warnings.append(CLOSED.format(way.thoughts))
        if way.fields and way.thoughts is not None and self.counter.exact:
            spent = self._count(splitter.channel or split.reasoning or "")
            if spent > way.thoughts + 1:
                warnings.append(OVER_BUDGET.format(spent, way.thoughts))
                self.probes.forget()  # the endpoint can do less than it seemed
        finish: Finish
        if not split.closed:
            finish = "unfinished_thinking"
            warnings.append(UNFINISHED)
        elif split.answer is None:
            finish = "empty"
        elif reason in CUT:
            finish = "truncated_answer"
            warnings.append(CUT[reason].format(self.reply_tokens))
        else:
            finish = "refused" if is_refusal(split.answer) else "answered"
        return Reply(split.answer, split.reasoning, finish, usage, warnings=tuple(warnings))

    def _taken_apart(self, splitter: ThinkingSplitter) -> Split:
        """The reply's thinking and answer.

        A model that begins inside its thinking, at a server that separates it, says nothing in that channel where it
        thinks nothing: what looks like unfinished thinking is the answer then.
        """
        split = splitter.split()
        other = splitter.split(thinks="own_tag")
        with suppress(*FAILURES):  # the server may be gone since
            if not split.closed and other.closed and not splitter.channel and self.probes.separates:
                return other
        return split

    def _counted(self, tokenizer: ServerTokenizer, texts: Sequence[str]) -> list[int]:
        try:
            return tokenizer.count(texts)
        except FAILURES:  # the server is too busy, or gone: whoever asks for a reply will be told
            return EstimateCounter().count(texts)

    def _count(self, text: str) -> int:
        return self.counter.count([text])[0]


def _constraint(way: Way, prompt: Prompt) -> dict[str, object]:
    match way.constraint:
        case "structured_outputs":
            return {"structured_outputs": {"grammar": prompt.grammar}}
        case "grammar":
            return {"grammar": prompt.grammar}
        case None:
            return {}

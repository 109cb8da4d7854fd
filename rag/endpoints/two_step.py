"""A reply on token ids: the thinking, closed by us where it reached its budget, and then the answer.

A chat request cannot do it: R1's template deletes a thinking that is given to it to go on from.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from rag.answer import Usage
from rag.endpoints.exchange import Exchange
from rag.endpoints.tokenizer import ServerTokenizer
from rag.endpoints.wire import Piece
from rag.event_loop import beside
from rag.grounding.labels import find_marks
from rag.neutral import neutralise
from rag.prompt import Message
from rag.thinking import CLOSE, OPEN, Thinks


@dataclass(frozen=True, slots=True)
class TokenIds:
    """Asks for replies of one model with prompts that are token ids.

    Attributes:
        exchange: the requests to the endpoint.
        tokenizer: the server's.
        thinks: "inside" where the prompt's end opens the thinking; else we open it.
        request: the model, and how it draws its tokens.
        reply_tokens: most tokens of thinking and answer together.
    """

    exchange: Exchange
    tokenizer: ServerTokenizer
    thinks: Thinks
    request: Mapping[str, object]
    reply_tokens: int

    async def reply(
        self, messages: Sequence[Message], *, thoughts: int | None, fields: Mapping[str, object]
    ) -> AsyncGenerator[Piece, None]:
        """Thinking and answer.

        Args:
            messages: as for a chat request.
            thoughts: most tokens of thinking; 0: it is closed before it begins; None: the model does not think.
            fields: what is asked of the answer only.
        """
        prompt = await beside(self.tokenizer.render, messages)
        if thoughts is None:
            async with aclosing(self._answer(prompt, Usage(), fields)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        thought, spent, ended = "", Usage(completion=0), not thoughts
        opened = [*prompt, *await self._opening()]
        if thoughts:
            async with aclosing(self._step(opened, max_tokens=thoughts, fields={"stop": [CLOSE]})) as pieces:
                async for piece in pieces:
                    thought += piece.content
                    spent = piece.usage or spent
                    ended = ended or piece.finish_reason is not None
                    yield Piece(reasoning=piece.content)
        if not ended:  # it broke off; whoever reads this will miss the end
            return
        async with aclosing(self._behind(opened, thought, spent, fields)) as pieces:
            async for piece in pieces:
                yield piece

    async def after(
        self, messages: Sequence[Message], thought: str, spent: Usage, *, fields: Mapping[str, object]
    ) -> AsyncGenerator[Piece, None]:
        """The answer that follows `thought`, which is closed whether or not it had come to an end.

        Args:
            messages: that were thought about.
            thought: as it came.
            spent: on the thinking.
            fields: what is asked of the answer.
        """
        opened = [*await beside(self.tokenizer.render, messages), *await self._opening()]
        async with aclosing(self._behind(opened, thought, spent, fields)) as pieces:
            async for piece in pieces:
                yield piece

    async def _behind(
        self, opened: Sequence[int], thought: str, spent: Usage, fields: Mapping[str, object]
    ) -> AsyncGenerator[Piece, None]:
        line_end = "" if thought.endswith("\n") else "\n"
        closed = await beside(self.tokenizer.ids, f"{_harmless(thought)}{line_end}{CLOSE}\n\n")
        async with aclosing(self._answer([*opened, *closed], spent, fields)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answer(
        self, prompt: Sequence[int], spent: Usage, fields: Mapping[str, object]
    ) -> AsyncGenerator[Piece, None]:
        room = max(1, self.reply_tokens - (spent.completion or 0))
        async with aclosing(self._step(prompt, max_tokens=room, fields=fields)) as pieces:
            async for piece in pieces:
                yield _with_spent(piece, spent)

    async def _step(
        self, prompt: Sequence[int], *, max_tokens: int, fields: Mapping[str, object]
    ) -> AsyncGenerator[Piece, None]:
        request = {**self.request, "prompt": list(prompt), "max_tokens": max_tokens, **fields}
        async with self.exchange.pieces("completions", request) as pieces:
            async for piece in pieces:
                yield piece

    async def _opening(self) -> list[int]:
        return [] if self.thinks == "inside" else await beside(self.tokenizer.ids, f"{OPEN}\n")


def _harmless(thought: str) -> str:
    """`thought` neutralised, except for its citations: the answer is to repeat them."""
    text = neutralise(thought)
    for mark in find_marks(thought):
        text = text[: mark.start] + thought[mark.start : mark.end] + text[mark.end :]
    return text


def _with_spent(piece: Piece, spent: Usage) -> Piece:
    """`piece` with the tokens of both steps, where it has any: the prompt is counted as it was sent first."""
    if piece.usage is None or spent.completion is None:
        return piece
    usage = replace(
        piece.usage,
        prompt=spent.prompt if spent.prompt is not None else piece.usage.prompt,
        completion=(piece.usage.completion or 0) + spent.completion,
        reasoning=spent.completion,
        cached=spent.cached if spent.prompt is not None else piece.usage.cached,
    )
    return piece._replace(usage=usage)

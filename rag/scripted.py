"""An answerer that replies what it was told: for tests and for trying out an experiment without a model."""

import itertools
from collections.abc import AsyncGenerator, Sequence

from rag.answer import Reply
from rag.answerer import Delta, TokenCounter
from rag.context import Context
from rag.prompt import Prompt
from rag.tokens import EstimateCounter


class ScriptedAnswerer:
    """Gives the scripted replies in turn, then begins again. It stands for a language model.

    Attributes:
        prompts: what it was asked, in order.
    """

    model = "scripted"
    where = "in process"
    reply_tokens = 0
    default_budget: int | None = None
    follows_prompts = True

    def __init__(
        self,
        replies: Sequence[Reply | str],
        *,
        context_window: int | None = None,
        counter: TokenCounter | None = None,
    ) -> None:
        """Prepares the script.

        Args:
            replies: at least one; a text stands for an answer without thinking.
            context_window: what to report as such.
            counter: counts its tokens; None: an estimate.
        """
        if not replies:
            raise ValueError("a script needs at least one reply")
        script = [Reply(r, None, "answered") if isinstance(r, str) else r for r in replies]
        self._replies = itertools.cycle(script)
        self.context_window = context_window
        self.counter: TokenCounter = counter or EstimateCounter()
        self.prompts: list[Prompt] = []

    def varied(self, *, seed: int, think_budget: int | None) -> "ScriptedAnswerer":  # noqa: ARG002
        """Itself: its script says it all."""
        return self

    def thinks(self) -> bool:
        """Whether it thinks: it does not."""
        return False

    def unable(self) -> tuple[str, ...]:
        """What it cannot do of what is asked: nothing is asked of its thinking."""
        return ()

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:  # noqa: ARG002
        """Streams the next reply line by line."""
        self.prompts.append(prompt)
        reply = next(self._replies)
        for line in (reply.reasoning or "").splitlines(keepends=True):
            yield Delta("thinking", line)
        for line in (reply.text or "").splitlines(keepends=True):
            yield Delta("answer", line)
        yield reply

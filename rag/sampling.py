"""Sampling: how a model draws its tokens. Always sent in full, because the servers' defaults differ."""

from dataclasses import dataclass
from typing import NamedTuple

from indexes.errors import RequestError


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model draws its tokens; the defaults suit reasoning models, which loop when they are greedy.

    Attributes:
        temperature: 0 is greedy.
        top_p: share of the probability mass that is drawn from, above 0 up to 1.
        max_tokens: most tokens of thinking and answer together.
        seed: equal seeds repeat an answer as far as the server can.
    """

    temperature: float = 0.6
    top_p: float = 0.95
    max_tokens: int = 4096
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises RequestError for values that no server takes."""
        if not 0 <= self.temperature <= 2:
            raise RequestError(f"temperature must be between 0 and 2, not {self.temperature!r}")
        if not 0 < self.top_p <= 1:
            raise RequestError(f"top-p must be above 0 and at most 1, not {self.top_p!r}")
        if self.max_tokens < 1:
            raise RequestError(f"max-tokens must be at least 1, not {self.max_tokens!r}")


ANSWER_ROOM = 512
"""Tokens kept for the answer where something other than a budget bounds the thinking before it."""


class Limits(NamedTuple):
    """How long a reply may be.

    Attributes:
        reply_tokens: most tokens of thinking and answer together.
        think_budget: most tokens of thinking; 0: none; None: as many as the model likes.
    """

    reply_tokens: int
    think_budget: int | None


def limits_within(window: int | None, limits: Limits) -> Limits:
    """`limits`, less where they would take more than half of a model's context from the prompt.

    >>> limits_within(8192, Limits(9216, think_budget=8192))
    Limits(reply_tokens=4096, think_budget=3584)

    Args:
        window: most tokens of prompt and reply together; None: not known.
        limits: that suit the model, or the budget that was asked for.
    """
    if window is None or limits.reply_tokens <= window // 2:
        return limits
    most = max(1, window // 2)
    budget = limits.think_budget
    return Limits(most, budget and min(budget, before_answer(most)))


def before_answer(reply_tokens: int) -> int:
    """Tokens of a reply that thinking may take so that room for an answer is left."""
    return max(1, reply_tokens - min(ANSWER_ROOM, reply_tokens // 2))

"""Sampling: how a model draws its tokens. Always sent in full, because the servers' defaults differ."""

from dataclasses import dataclass

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

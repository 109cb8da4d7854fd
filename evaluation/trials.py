"""A trial: what came of one example in one cell (an arm and the number of the sample). There is one row for each."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rag.answer import Finish, Timings, Usage

TrialFinish = Finish | Literal["not_applicable"]
"""How a trial ended: as an answer does, or not applicable, where the arm cannot be had for that example."""


class TrialKey(NamedTuple):
    """Which trial: at most one row has this key."""

    arm: str
    example: str
    sample: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    Attributes:
        finish: "failed" is no outcome: it is asked again when the run is resumed.
        answer: the text after the thinking; None where there is none.
        reasoning: the thinking; None where there was none.
        context: ids of the passages in prompt order.
        tokens: that the context takes, as the run's tokenizer counts.
        prompt_hash: SHA-256 (hex) of the messages as sent.
        seed: with which it was sampled.
        error: why it failed; None unless it did.
        reason: why it is not applicable; None unless it is.
        attempts: how often it was asked, this time included.
        began: when it was asked, in seconds since 1970.
    """

    key: TrialKey
    finish: TrialFinish
    answer: str | None = None
    reasoning: str | None = None
    context: tuple[str, ...] = ()
    tokens: int = 0
    usage: Usage = field(default=Usage())
    timings: Timings = field(default=Timings(), compare=False)
    warnings: tuple[str, ...] = ()
    prompt_hash: str = ""
    seed: int = 0
    error: str | None = None
    reason: str | None = None
    attempts: int = field(default=1, compare=False)
    began: float = field(default=0.0, compare=False)

"""What an endpoint can do for a model, as values."""

from dataclasses import dataclass
from typing import Literal

from rag.thinking import Thinks

BudgetWay = Literal["server", "two_step"]
"""How thinking is bounded: by the server's own parameter, or by us on token ids, in two requests."""
NoThinkWay = Literal["server", "template", "closed_block"]
"""How thinking is left out: by the server's budget of 0, a switch of the chat template, or a closed think block."""
Constraint = Literal["structured_outputs", "grammar"]
"""The request field by which an answer can be made to follow a grammar: vLLM's or llama.cpp's."""
Dialect = Literal["vllm", "llama.cpp"]
"""Whose tokenizer endpoints a server has."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an endpoint can do for a model, found out by its effect; None where it cannot.

    Attributes:
        server: what it calls itself, such as "vllm 0.32.0"; None where it does not tell.
        dialect: of its tokenizer endpoints: exact counts, and prompts as token ids.
        thinks: how the model thinks there.
        separates: thinking comes in a channel of its own.
        context: most tokens of prompt and reply together.
        budget: how a thinking budget is kept.
        no_think: how thinking is left out.
        cached: the server counts the prompt tokens that it had cached.
        constraint: how an answer is made to follow a grammar.
        samples: several samples come from one request.
    """

    server: str | None
    dialect: Dialect | None
    thinks: Thinks
    separates: bool
    context: int | None
    budget: BudgetWay | None
    no_think: NoThinkWay | None
    cached: bool
    constraint: Constraint | None
    samples: bool

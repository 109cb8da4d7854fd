"""An arm: one way of answering that an experiment compares with others. With a sample's number it is a cell."""

from dataclasses import dataclass

from rag.models.catalogue import TwinKind
from rag.opening import ModelChoice
from rag.prompt import Layout

CLOSED_BOOK = "closed_book"
"""The placement of an arm without any passage: what the model knows by itself."""
GOLD_ONLY = "gold_only"
"""The placement of an arm with the gold passages alone: what the model could do with perfect retrieval."""
BOUNDS = (CLOSED_BOOK, GOLD_ONLY)
"""Arms that bound what ordering can do; they are reported beside the others, not compared with the baseline."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model of an experiment.

    Attributes:
        name: within the experiment, unique.
        choice: which model, and where; its seed and thinking budget are the arms'.
        twin_of: the subject that it is the non-reasoning twin of; None: of none.
        kind: of that twin.
    """

    name: str
    choice: ModelChoice
    twin_of: str | None = None
    kind: TwinKind | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """How much context the model is given: passages or tokens, one of them; the bounds have neither.

    Attributes:
        passages: most passages; None: as many as fit.
        tokens: most tokens that they take; None: as many as there is room for.
    """

    passages: int | None = None
    tokens: int | None = None

    def __str__(self) -> str:
        if self.tokens is None:
            return "" if self.passages is None else f"{self.passages} passages"
        return f"{self.tokens} tokens"


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of answering.

    Attributes:
        name: unique in its run; says what differs between its arms: "edges", "r1 gold_at(position=5) 20 passages".
        subject: the model's name in the experiment.
        placement: a placement policy, an oracle placement (`evaluation.design.oracle`), or one of `BOUNDS`; as printed.
        length: of the context.
        think_budget: most tokens of thinking; 0: none at all; None: as many as the model likes.
        layout: where the question stands.
        copy: 1 for the A/A arm, which repeats the arm of the same settings with copy 0.
    """

    name: str
    subject: str
    placement: str
    length: Length
    think_budget: int | None = None
    layout: Layout = "question_after"
    copy: int = 0

"""The candidates of an example: its ranking, made once and stored, from which all contexts of the example are taken."""

from dataclasses import dataclass
from typing import Literal

from indexes.passages import RankedPassage

Kind = Literal["gold", "dataset", "hard", "random", "retrieved", "unretrieved"]
"""gold: holds the evidence, or nearly repeats a passage that does. Else a distractor: given by the dataset, hard (the
retriever's own wrong passages), random (of other questions), or simply retrieved. unretrieved: gold that retrieval did
not find; it has ranks behind all others, and no part in contexts but those that put it in by force."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may enter the contexts of an example.

    Attributes:
        grade: how relevant it is; 0 for what is not gold.
    """

    ranked: RankedPassage
    kind: Kind
    grade: int = 0


@dataclass(frozen=True, slots=True)
class Selected:
    """Which candidates enter the contexts of one length, settled once for all arms: those that are not left out.

    Attributes:
        length: as printed.
        ranks: of the selected, best first.
        tokens: of each in the prompt, as the run's tokenizer counts.
        duplicates: ranks of near-duplicates of better ranked ones, left out.
        cut: ranks of those that did not fit.
    """

    length: str
    ranks: tuple[int, ...]
    tokens: tuple[int, ...]
    duplicates: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidates:
    """All candidates of one example, by rank.

    Attributes:
        example: its id.
        candidates: ranks 1, 2, ... in order.
        missing: gold that is nowhere in the collection: "source" or "source: quote".
        relevant: how many gold passages the whole collection has; None where that was not looked at.
        selections: one for each length of the run; the store keeps them too.
        room: most tokens of passages that all models of the run can read with the question, beside their longest
            replies; 0 until the lengths are settled.
    """

    example: str
    candidates: tuple[Candidate, ...]
    missing: tuple[str, ...] = ()
    relevant: int | None = None
    selections: tuple[Selected, ...] = ()
    room: int = 0

    @property
    def gold(self) -> tuple[Candidate, ...]:
        """The gold ones, by rank."""
        return tuple(candidate for candidate in self.candidates if candidate.kind == "gold")

    @property
    def ranking(self) -> tuple[Candidate, ...]:
        """What was ranked, without the gold that stands behind it because it was not retrieved."""
        return tuple(candidate for candidate in self.candidates if candidate.kind != "unretrieved")

"""Selection: which of the retrieved passages the model will read, fixed before any placement orders them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexes.errors import RequestError
from indexes.passages import RankedPassage, Ranking
from rag.context import Dropped
from rag.duplicates import near_duplicates
from rag.prompt import render_passage


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that fit, and what was left out.

    Attributes:
        passages: in rank order, best first.
        tokens: of each as it stands in the prompt, counted with the widest label that it could get.
        dropped: what was left out.
    """

    passages: tuple[RankedPassage, ...]
    tokens: tuple[int, ...]
    dropped: Dropped


def select(ranking: Ranking, *, k: int, budget: int, count: Callable[[Sequence[str]], Sequence[int]]) -> Selection:
    """The best passages without near-duplicates, up to `k` and `budget`, ending before the first that does not fit.

    Args:
        ranking: what was retrieved; where it is empty, so is the selection.
        k: most passages.
        budget: most tokens that the passages may take in the prompt, labels and titles included.
        count: the tokens of each text.

    Raises:
        RequestError: `k` or `budget` is less than 1, or not even the best passage fits.
    """
    for name, value in (("k", k), ("budget", budget)):
        if value < 1:
            raise RequestError(f"{name} must be at least 1, found {value}")
    twins = near_duplicates([ranked.passage.text for ranked in ranking.passages])
    duplicates = tuple(ranked for ranked, twin in zip(ranking.passages, twins, strict=True) if twin is not None)
    candidates = [ranked for ranked, twin in zip(ranking.passages, twins, strict=True) if twin is None][:k]
    widest = len(candidates)
    tokens = count([render_passage(ranked.passage, widest) for ranked in candidates])
    total = fitting = 0
    for size in tokens:
        total += size
        if total > budget:
            break
        fitting += 1
    if candidates and not fitting:
        raise RequestError(
            f"a budget of {budget} tokens has no room for the best passage, which takes {tokens[0]} in the prompt; "
            f"raise the budget to {tokens[0]} or more"
        )
    return Selection(
        tuple(candidates[:fitting]), tuple(tokens[:fitting]), Dropped(duplicates, tuple(candidates[fitting:]))
    )

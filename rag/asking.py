"""How a question is to be asked: what to retrieve, what to select, how to place it. Settled before anything slow."""

from dataclasses import dataclass, field

from indexes.ranking import Mode
from indexes.reranker import Reranker
from rag.placement import PlacementSpec, parse_placement
from rag.prompt import Layout

DEFAULT_PLACEMENT = "edges"
DEFAULT_BUDGET = 3000


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask.

    Attributes:
        k: most passages in the context.
        budget: most tokens that they may take; None: the model's own, else 3,000. Less where the model's context, minus
            room for the answer, is smaller.
        placement: in which order the model reads them.
        layout: where the question stands.
        mode: how passages are retrieved.
        where: filters ``key=pattern`` on the passages' documents.
        reranker: scores the best passages again.
        retrieve: how many passages are ranked, at least `k`; the selection takes from these.
        verbatim: the answer is to be sentences of the passages, word for word.
    """

    k: int = 10
    budget: int | None = None
    placement: PlacementSpec = field(default_factory=lambda: parse_placement(DEFAULT_PLACEMENT))
    layout: Layout = "question_after"
    mode: Mode = "hybrid"
    where: tuple[str, ...] = ()
    reranker: Reranker | None = None
    retrieve: int = 50
    verbatim: bool = False


AS_USUAL = Asking()

"""The context: passages in the order in which the model will read them, and what was left out to get there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexes.passages import RankedPassage
from rag.placement import PlacementSpec, place

if TYPE_CHECKING:
    from rag.selection import Selection


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the prompt and the passage that stands there.

    Attributes:
        position: 1 is first in the prompt; it is the label ``[n]`` that the model sees and cites.
        ranked: the passage with its rank. `rank` is the retriever's, `position` the prompt's.
        tokens: of the passage as it stands in the prompt, label and title included.
    """

    position: int
    ranked: RankedPassage
    tokens: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Ranked passages that did not reach the context, by reason, in rank order.

    Attributes:
        duplicate: near-duplicates of a better ranked passage.
        budget: the first that did not fit and all behind it, up to k; beyond k nothing counts as dropped.
    """

    duplicate: tuple[RankedPassage, ...] = ()
    budget: tuple[RankedPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the model will read beside the question.

    Attributes:
        slots: in order of position.
        placement: the spec that ordered them, as printed: ``shuffled(seed=7)``.
        tokens: sum over the slots.
        tokenizer: name of what counted them.
        dropped: what was left out.
    """

    slots: tuple[Slot, ...]
    placement: str
    tokens: int
    tokenizer: str
    dropped: Dropped = Dropped()


def assemble(selection: "Selection", placement: PlacementSpec, *, tokenizer: str) -> Context:
    """The selected passages in the order that `placement` gives them.

    Args:
        selection: which passages; the placement neither adds nor drops any.
        placement: how to order them.
        tokenizer: name of what counted the selection's tokens.
    """
    tokens = dict(zip((ranked.rank for ranked in selection.passages), selection.tokens, strict=True))
    placed = place(selection.passages, placement)
    return Context(
        slots=tuple(Slot(position, ranked, tokens[ranked.rank]) for position, ranked in enumerate(placed, start=1)),
        placement=str(placement),
        tokens=sum(selection.tokens),
        tokenizer=tokenizer,
        dropped=selection.dropped,
    )

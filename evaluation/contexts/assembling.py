"""The contexts of the arms of one question: for each length the passages are settled once, then placed for each arm."""

from collections.abc import Sequence
from dataclasses import replace

from evaluation.arms import CLOSED_BOOK, Length
from evaluation.candidates import Candidates, Selected
from evaluation.contexts.distractors import Count
from evaluation.design.oracle import ArmPlacement, order_gold
from indexes.errors import RequestError
from indexes.passages import RankedPassage, Ranking
from rag.answerer import TokenCounter
from rag.context import Context, Dropped, Slot, assemble
from rag.duplicates import near_duplicates
from rag.prompt import render_passage
from rag.selection import Selection, select


def select_lengths(
    candidates: Candidates, lengths: Sequence[Length], *, count: Count, room: int
) -> tuple[Selected, ...]:
    """Which candidates enter the contexts of each length, by the rules of `rag.selection.select`.

    Near-duplicates leave; the best stay, as many as the length and the room allow, up to the first that does not fit.
    Tokens are counted once for all lengths, with the widest label that a passage could get in the longest. Where not
    even the best fits, none is selected.

    Args:
        candidates: of one example.
        lengths: of the contexts.
        count: the tokens of each text.
        room: most tokens that any model of the experiment has for passages, beside the question and its longest reply.
    """
    ranked = [candidate.ranked for candidate in candidates.ranking]
    twins = near_duplicates([one.passage.text for one in ranked])
    different = [one for one, twin in zip(ranked, twins, strict=True) if twin is None]
    duplicates = tuple(one.rank for one, twin in zip(ranked, twins, strict=True) if twin is not None)
    most = max((_most(length, len(different)) for length in lengths), default=0)
    tokens = count([render_passage(one.passage, min(most, len(different))) for one in different[:most]])
    selections = []
    for length in lengths:
        budget, total, fitting = budget_of(length, room), 0, 0
        asked = different[: _most(length, len(different))]
        for size in tokens[: len(asked)]:
            total += size
            if total > budget:
                break
            fitting += 1
        selections.append(
            Selected(
                length=str(length),
                ranks=tuple(one.rank for one in asked[:fitting]),
                tokens=tuple(tokens[:fitting]),
                duplicates=duplicates,
                cut=tuple(one.rank for one in asked[fitting:]),
            )
        )
    return tuple(selections)


def context_for(
    candidates: Candidates, length: Length, placement: ArmPlacement, *, counter: TokenCounter, room: int
) -> Context | str:
    """What the model reads in one arm; or, where the arm cannot be had for this example, the reason.

    The passages are those of the length's selection for all placements, but for the bounds and for `gold_injected`
    where gold was not selected.

    Args:
        candidates: of one example, with a selection for `length`; the bounds need none.
        length: of the context; the bounds have none of their own.
        placement: of the arm.
        counter: counts the tokens of passages that were not selected.
        room: as in `select_lengths`.

    Raises:
        RequestError: a policy gave no permutation.
    """
    if placement.name == CLOSED_BOOK:
        return Context((), CLOSED_BOOK, 0, counter.name)
    if placement.kind == "bound":
        return _gold_only(candidates, placement, counter=counter, room=room)
    selected = next(one for one in candidates.selections if one.length == str(length))
    selection = _selection(candidates, selected)
    if not selection.passages and selected.cut:
        return f"not even the best passage fits: it takes more than {budget_of(length, room)} tokens"
    if placement.kind == "policy":
        return assemble(selection, placement.spec, tokenizer=counter.name)
    gold = {candidate.ranked.rank for candidate in candidates.gold}
    if placement.name == "gold_injected" and selection.passages:
        injected = _injected(candidates, selection, count=counter.count, budget=budget_of(length, room))
        if isinstance(injected, str):
            return injected
        selection, gold = injected, {one.rank for one in _all_gold(candidates)}
    if reason := _why_not(selection, candidates, gold, placement):
        return reason
    ordered = order_gold(selection.passages, lambda one: one.rank in gold, placement)
    return _context(ordered, selection, placement, counter.name)


def budget_of(length: Length, room: int) -> int:
    """Most tokens of a context of this length."""
    return room if length.tokens is None else min(length.tokens, room)


def _selection(candidates: Candidates, selected: Selected) -> Selection:
    """As `rag.selection.select` gives it."""
    by_rank = {candidate.ranked.rank: candidate.ranked for candidate in candidates.candidates}

    def those(ranks: Sequence[int]) -> tuple[RankedPassage, ...]:
        return tuple(by_rank[rank] for rank in ranks)

    return Selection(those(selected.ranks), selected.tokens, Dropped(those(selected.duplicates), those(selected.cut)))


def _all_gold(candidates: Candidates) -> tuple[RankedPassage, ...]:
    """All gold by rank, what was not retrieved last; without near-duplicates."""
    gold = [one.ranked for one in candidates.candidates if one.kind in ("gold", "unretrieved")]
    twins = near_duplicates([one.passage.text for one in gold])
    return tuple(one for one, twin in zip(gold, twins, strict=True) if twin is None)


def _gold_only(candidates: Candidates, placement: ArmPlacement, *, counter: TokenCounter, room: int) -> Context | str:
    gold = Ranking("", _all_gold(candidates), "gold")
    if not gold.passages:
        return _no_gold(candidates)
    try:
        selection = select(gold, k=len(gold.passages), budget=room, count=counter.count)
    except RequestError:
        return f"not even the first gold passage fits: it takes more than {room} tokens"
    return _context(selection.passages, selection, placement, counter.name)


def _injected(candidates: Candidates, selection: Selection, *, count: Count, budget: int) -> Selection | str:
    """The selection with all gold in it; the same where it has that already."""
    all_gold = _all_gold(candidates)
    tokens = {one.rank: size for one, size in zip(selection.passages, selection.tokens, strict=True)}
    new = [one for one in all_gold if one.rank not in tokens]
    if not new:
        return selection
    size = len(selection.passages)
    tokens.update(
        zip((one.rank for one in new), count([render_passage(one.passage, size) for one in new]), strict=True)
    )
    gold = all_gold[:size]
    is_gold = {one.rank for one in all_gold}
    others = [one for one in selection.passages if one.rank not in is_gold][: size - len(gold)]
    while others and sum(tokens[one.rank] for one in (*gold, *others)) > budget:
        others.pop()
    if sum(tokens[one.rank] for one in gold) > budget:
        return f"the gold passages do not fit: they take more than {budget} tokens"
    passages = tuple(sorted((*gold, *others), key=lambda one: one.rank))
    kept = {one.rank for one in passages}
    cut = [one for one in (*selection.passages, *selection.dropped.budget) if one.rank not in kept]
    return Selection(
        passages, tuple(tokens[one.rank] for one in passages), replace(selection.dropped, budget=tuple(cut))
    )


def _why_not(selection: Selection, candidates: Candidates, gold: set[int], placement: ArmPlacement) -> str | None:
    """Why an oracle placement cannot be had; None where it can."""
    size = len(selection.passages)
    left = gold.difference(one.rank for one in (*selection.passages, *selection.dropped.duplicate))
    placed = sum(one.rank in gold for one in selection.passages)
    if not placed:
        return _not_selected(candidates, size)
    if left and placed == size:
        return f"the gold does not fit: {size} passages of it fill the context"
    position = dict(placement.parameters).get("position", 1)
    if isinstance(position, int) and position > size:
        return f"the context has {size} passages, so none stands at position {position}"
    return None


def _not_selected(candidates: Candidates, size: int) -> str:
    if candidates.gold:
        return (
            f"gold was retrieved with rank {candidates.gold[0].ranked.rank}, but the context ends after {size} passages"
        )
    if len(candidates.ranking) < len(candidates.candidates):
        return f"gold was not retrieved among the first {len(candidates.ranking)}"
    return _no_gold(candidates)


def _no_gold(candidates: Candidates) -> str:
    if candidates.missing:
        return f"gold is nowhere in the collection: {candidates.missing[0]!r}"
    return "no gold is known for this question"


def _context(
    passages: Sequence[RankedPassage], selection: Selection, placement: ArmPlacement, tokenizer: str
) -> Context:
    """The selection in the given order."""
    tokens = dict(zip((one.rank for one in selection.passages), selection.tokens, strict=True))
    return Context(
        slots=tuple(Slot(position, one, tokens[one.rank]) for position, one in enumerate(passages, start=1)),
        placement=str(placement),
        tokens=sum(selection.tokens),
        tokenizer=tokenizer,
        dropped=selection.dropped,
    )


def _most(length: Length, there: int) -> int:
    return there if length.passages is None else min(length.passages, there)

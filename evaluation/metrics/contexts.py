"""The context: whether gold reached it, and where it stands."""

from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case

_NO_GOLD = Unscored("not_applicable", "no gold passage is known")


@metric(what="share of contexts with a gold passage", binary=True)
def gold_in_context(case: Case) -> Finding:
    """At least one gold passage was retrieved and kept by the selection."""
    if not case.grades:
        return _NO_GOLD
    return float(any(passage.id in case.grades for passage in case.context))


@metric(what="position of the first gold passage, from 1", higher_is_better=False, unit="position")
def gold_position(case: Case) -> Finding:
    """The first position, from 1, where gold stands."""
    if not case.grades:
        return _NO_GOLD
    for position, passage in enumerate(case.context, start=1):
        if passage.id in case.grades:
            return float(position)
    return Unscored("not_applicable", "no gold passage is in the context")


@metric(
    what="share of contexts without gold though some is among the first k of the ranking",
    binary=True,
    higher_is_better=False,
)
def gold_dropped(case: Case, *, k: int) -> Finding:
    """Gold was retrieved, but left out, because there was no room for it."""
    if not case.grades:
        return _NO_GOLD
    kept = any(passage.id in case.grades for passage in case.context)
    return float(not kept and any(passage in case.grades for passage in case.ranking[:k]))

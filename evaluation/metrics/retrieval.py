"""Retrieval: how well the ranking of an example finds its gold passages; computed by `ir_measures`."""

from functools import lru_cache
from typing import Any

from evaluation.metrics.registry import Finding, Unscored, metric
from evaluation.scores import Case


@metric(what="share of the gold passages among the first k", scope="ranking")
def recall(case: Case, *, k: int) -> Finding:
    """Gold passages among the first `k`, of all there are."""
    return _measured(case, "R", k)


@metric(what="gain of the first k passages, discounted by rank, of the best possible", scope="ranking")
def ndcg(case: Case, *, k: int) -> Finding:
    """nDCG as trec_eval has it: the gain is the grade, the discount log2(rank + 1)."""
    return _measured(case, "nDCG", k)


@metric(what="1 / rank of the first gold passage, 0 behind rank k", scope="ranking")
def mrr(case: Case, *, k: int) -> Finding:
    """The reciprocal rank, whose mean is the MRR."""
    return _measured(case, "RR", k)


def _measured(case: Case, measure: str, k: int) -> Finding:
    unseen = max(0, (case.relevant or 0) - len(case.grades))
    if not case.grades and not unseen:
        return Unscored("not_applicable", "no gold passage is known")
    return _computed(measure, k, case.ranking, tuple(sorted(case.grades.items())), unseen)


@lru_cache(maxsize=1024)  # the trials of an example come together and have one ranking
def _computed(
    measure: str, k: int, ranking: tuple[str, ...], grades: tuple[tuple[str, int], ...], unseen: int
) -> float:
    """The measure; gold that the collection has beside `grades`, `unseen` passages of it, is taken for grade 1."""
    if not ranking:
        return 0.0  # a run without documents is no run to trec_eval
    judged = {f"known {passage}": grade for passage, grade in grades}
    judged.update((f"unseen {number}", 1) for number in range(unseen))
    scored = {f"known {passage}": float(-rank) for rank, passage in enumerate(ranking)}
    computed = _cut(measure, k).iter_calc({"q": judged}, {"q": scored})
    return float(next(iter(computed)).value)


@lru_cache
def _cut(measure: str, k: int) -> Any:
    import ir_measures  # only whoever measures retrieval pays for it

    return ir_measures.parse_measure(f"{measure}@{k}")

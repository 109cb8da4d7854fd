"""Which questions came out otherwise than in the baseline, and what of them changed, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from evaluation.check.changes import Change, changes_of
from evaluation.check.values import Baseline, Outcome, Reply, Result, Slot

Kind = Literal["worse", "better", "other"]
"""worse: some metric fell. better: some rose and none fell. other: none did, or the question itself is another."""
Order = Literal["worst", "file"]
"""worst: what lost most first; then what gained most, then the rest. file: as the question file has them."""

_KINDS: Sequence[Kind] = ("worse", "better", "other")


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that differs.

    Attributes:
        question: its text of now; that of the baseline where it is removed.
        changes: in words, from the documents to the answers; never empty.
        baseline_context: in prompt order; () where the question is added.
        context: that of now; () where the question is removed.
        baseline_replies: one for each repeat.
        replies: those of now.
    """

    id: str
    question: str
    kind: Kind
    changes: tuple[str, ...]
    baseline_context: tuple[Slot, ...] = ()
    context: tuple[Slot, ...] = ()
    baseline_replies: tuple[Reply, ...] = ()
    replies: tuple[Reply, ...] = ()


def differences(baseline: Baseline, current: Result, *, order: Order = "worst") -> tuple[Difference, ...]:
    """The questions that differ between a baseline and a result; those without any difference are left out.

    What only one of both measured or asked, because it was chosen so, is no difference. Nor are the words of answers
    and what they cite where answers come by chance, nor tokens and seconds.
    """
    before = {outcome.id: outcome for outcome in baseline.result.outcomes}
    now = {outcome.id for outcome in current.outcomes}
    exact = baseline.result.exact and current.exact
    found: list[_Weighed] = []
    for outcome in current.outcomes:
        known = before.get(outcome.id)
        if known is None:
            found.append(_Weighed(_added(outcome)))
        elif changes := [*changes_of(known, outcome, exact=exact)]:
            found.append(_difference(known, outcome, changes))
    found += [_Weighed(_removed(outcome)) for outcome in baseline.result.outcomes if outcome.id not in now]
    if order == "worst":
        found.sort(key=lambda one: (_KINDS.index(one.difference.kind), -one.weight))
    return tuple(one.difference for one in found)


class _Weighed(NamedTuple):
    """A difference, and how much is lost or gained at most, as a share."""

    difference: Difference
    weight: float = 0.0


def _added(now: Outcome) -> Difference:
    return Difference(now.id, now.question, "other", ("added",), context=now.context, replies=now.replies)


def _removed(before: Outcome) -> Difference:
    return Difference(
        before.id,
        before.question,
        "other",
        ("removed",),
        baseline_context=before.context,
        baseline_replies=before.replies,
    )


def _difference(before: Outcome, now: Outcome, changes: Sequence[Change]) -> _Weighed:
    most, least = max(change.loss for change in changes), min(change.loss for change in changes)
    kind: Kind = "other" if before.digest != now.digest else "worse" if most > 0 else "better" if least < 0 else "other"
    difference = Difference(
        id=now.id,
        question=now.question,
        kind=kind,
        changes=tuple(change.words for change in changes),
        baseline_context=before.context,
        context=now.context,
        baseline_replies=before.replies,
        replies=now.replies,
    )
    return _Weighed(difference, {"worse": most, "better": -least, "other": 0.0}[kind])

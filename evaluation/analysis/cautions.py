"""Warnings: what the reader of a report should know before believing it."""

from collections import Counter
from collections.abc import Sequence

from evaluation.analysis.numbers import p_value, points
from evaluation.analysis.scoring import Scored
from evaluation.analysis.values import Comparison, RepeatCheck
from evaluation.analysis.verdict import SIGNIFICANT, UNDERPOWERED
from evaluation.run import Run
from evaluation.statistics.graded import FEWEST

FEW = 100
"""Fewer questions detect only differences of about ten points and more, at the discordance that is usual."""


NAMED = 4
"""More arms than that are counted instead."""


def cautions(
    run: Run,
    scored: Scored,
    comparisons: Sequence[Comparison],
    repeat: RepeatCheck | None,
    *,
    not_applicable: int,
) -> tuple[str, ...]:
    """One sentence each, what matters most first."""
    questions = len(scored.examples)
    found = [*gaps(scored)]
    if declared := run.manifest.facts.get("declared_primary"):
        found.append(f"The run was to be decided by {declared}; this metric was chosen when its rows were there.")
    found += run.manifest.facts.get("notes", ())
    if repeat is not None and repeat.p < SIGNIFICANT:
        found.append(
            f"The A/A check fails: {repeat.arm} asked again differs from itself ({points(repeat.difference)}, "
            f"{p_value(repeat.p)}), so something beside the arms differs too; trust no difference of that size."
        )
    found += left_out(not_applicable, questions)
    found += clustered(scored)
    independent = questions if scored.clusters is None else len(set(scored.clusters))
    if independent < FEW:
        which = counted(independent, "question" if scored.clusters is None else "cluster")
        found.append(f"Only {which}: small differences cannot be shown, whatever is true.")
    primary = sum(one.primary for one in comparisons)
    weak = [one.arm for one in comparisons if one.primary and (one.could_show or 0) > UNDERPOWERED]
    if weak:
        more = points(UNDERPOWERED).removeprefix("+")
        which = ", ".join(weak) if len(weak) <= NAMED else f"{len(weak):,} comparisons of {primary:,}"
        found.append(f"Underpowered, as only differences above {more} would have been detected: {which}.")
    found += shorter(scored)
    if run.manifest.facts.get("distractors") == "random":
        found.append("The distractors are passages of other questions: such random ones hide the effect of positions.")
    return tuple(found)


def left_out(not_applicable: int, questions: int) -> tuple[str, ...]:
    """That questions are left out of comparisons, where some are."""
    if not not_applicable:
        return ()
    return (
        f"{counted(not_applicable, 'question')} of {questions:,} left out of comparisons, because an arm could not "
        "be had or the metric does not apply there.",
    )


def shorter(scored: Scored) -> tuple[str, ...]:
    """Which contexts have fewer passages than their length says: near-duplicates are left out, or few were found."""
    sums: Counter[int] = Counter()
    known: Counter[int] = Counter()
    for arm in scored.arms:
        if arm.length.passages is not None:
            sums[arm.length.passages] += int(scored.counts[arm.name].sums.get("passages", 0))
            known[arm.length.passages] += scored.counts[arm.name].known.get("passages", 0)
    found = ((wanted, sums[wanted] / known[wanted]) for wanted in known if known[wanted])
    return tuple(
        f"Contexts of {counted(wanted, 'passage')} have {mean:.1f} on average."
        for wanted, mean in found
        if round(mean, 1) < wanted
    )


def clustered(scored: Scored) -> tuple[str, ...]:
    """How many clusters there are, where questions are not all independent."""
    if scored.clusters is None:
        return ()
    found, questions = len(set(scored.clusters)), len(scored.clusters)
    none = f"; with fewer than {FEWEST} no difference can be shown" if found < FEWEST else ""
    return (
        f"Questions share their sources: {counted(questions, 'question')} are {counted(found, 'cluster')}, which tests "
        f"and intervals take as a whole{none}.",
    )


def gaps(scored: Scored, name: str = "") -> tuple[str, ...]:
    """What has no outcome yet; `name` of the run where there are several."""
    where = f" in {name}" if name else ""
    failed = failures(scored)
    found = []
    if scored.missing:
        found.append(
            f"{counted(scored.missing, 'trial')}{where} still to be asked: run the same command again. Until then "
            "verdicts are given only where no outcome of theirs could change them."
        )
    if failed:
        found.append(
            f"{counted(failed, 'trial')}{where} failed: run the same command again to ask them. They count once as "
            "the best and once as the worst case, and a verdict must hold in both."
        )
    return tuple(found)


def failures(scored: Scored) -> int:
    """Trials that failed."""
    return sum(count.finish.get("failed", 0) for count in scored.counts.values())


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "trial"), counted(1200, "trial")
    ('1 trial', '1,200 trials')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

"""The A/A arm: how much the same arm differs from itself."""

from evaluation.analysis.outcomes import outcomes_of
from evaluation.analysis.pairing import difference_of, generator
from evaluation.analysis.scoring import Scored
from evaluation.analysis.series import repeated
from evaluation.analysis.values import RepeatCheck
from evaluation.run import Design


def repeat_check(scored: Scored, design: Design, *, seed: int) -> RepeatCheck | None:
    """The first A/A arm of the design that has outcomes; None without."""
    for original, again in repeated(design):
        outcomes = outcomes_of(scored, design.primary, (original.name, again.name))
        rng = generator(seed, "repeat", again.name)
        result = difference_of(
            outcomes.known,
            single=outcomes.single,
            rng=rng,
            reach=outcomes.reach,
            clusters=outcomes.known_clusters,
        )
        if result is not None:
            flips = (result.gained + result.lost) / result.n
            return RepeatCheck(original.name, result.n, flips, result.difference, result.p)
    return None

"""The verdict of a run in words, one sentence a line; before it, how much of the run is missing."""

from collections.abc import Iterator, Sequence

from evaluation.analysis.cautions import NAMED
from evaluation.analysis.numbers import interval_numbers, interval_percent, number, percent
from evaluation.analysis.scoring import Scored
from evaluation.analysis.values import CellResult, Comparison, Interaction, OrderSensitivity, PositionEffect
from evaluation.analysis.verdict import (
    EXTRACTIVE_WORDS,
    Direction,
    comparison_sentence,
    interaction_sentence,
    order_sentence,
    position_sentence,
)

_NOTHING: Direction = "no difference shown"


def headline(
    comparisons: Sequence[Comparison],
    positions: Sequence[PositionEffect],
    against_twins: Sequence[Interaction],
    orders: Sequence[OrderSensitivity],
    *,
    share: bool,
) -> tuple[str, ...]:
    """What the comparisons of the primary metric show, but for those within a series of positions.

    Their sum is what the position effects say. Those between such series come last; many that show nothing are counted.
    A model that does not read passages in order is named once.

    Args:
        share: the primary metric is one.
    """
    series = {point.arm: effect.series for effect in positions for point in effect.points}
    chosen = [
        one
        for one in comparisons
        if one.primary and (one.arm not in series or series[one.arm] != series.get(one.baseline))
    ]
    silent = [one.arm for one in chosen if one.verdict == EXTRACTIVE_WORDS]
    silent += [one.series for one in positions if one.verdict == EXTRACTIVE_WORDS]
    told = [one for one in chosen if one.verdict != EXTRACTIVE_WORDS]
    across = [one for one in told if one.arm in series and one.baseline in series]
    quiet = [one for one in across if one.verdict.startswith(_NOTHING)]
    counted = len(quiet) > NAMED
    sentences = [
        *(comparison_sentence(one, share=share) for one in told if one not in across),
        *(position_sentence(one) for one in positions if one.verdict != EXTRACTIVE_WORDS),
        *map(interaction_sentence, against_twins),
        *map(order_sentence, orders),
        *(comparison_sentence(one, share=share) for one in across if not (counted and one in quiet)),
        *([f"{_NOTHING} in {len(quiet):,} of {len(across):,} comparisons between these series"] if counted else []),
    ]
    return (*([f"{', '.join(silent)}: {EXTRACTIVE_WORDS}"] if silent else []), *sentences)


def alone(results: Sequence[CellResult], metric: str, *, share: bool) -> tuple[str, ...]:
    """What each arm reaches, where nothing is compared."""
    return tuple(_alone(results, metric, share=share)) or ("no question has an outcome yet",)


def _alone(results: Sequence[CellResult], metric: str, *, share: bool) -> Iterator[str]:
    for cell in results:
        if cell.metric == metric and cell.value is not None and cell.interval is not None:
            value = percent(cell.value) if share else number(cell.value)
            within = interval_percent(cell.interval) if share else interval_numbers(cell.interval)
            yield f"{cell.arm}: {value} {within}, n = {cell.n}; nothing to compare it with"


def unfinished(scored: Scored) -> tuple[str, ...]:
    """How much is missing, where something is."""
    if not scored.missing:
        return ()
    trials = len(scored.arms) * len(scored.examples) * scored.samples
    share = percent(scored.missing / trials)
    return (f"unfinished: {scored.missing:,} of {trials:,} trials ({share}) are still to be asked",)

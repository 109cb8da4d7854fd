"""How many questions are enough, by the comparisons of a finished run."""

from dataclasses import dataclass

from evaluation.analysis.outcomes import outcomes_of
from evaluation.analysis.pairing import CONTRAST, generator
from evaluation.analysis.scoring import score_run
from evaluation.analysis.series import Pair, pairs
from evaluation.metrics import parse_metric
from evaluation.run import Run
from evaluation.statistics.calibration import Calibration, calibrate
from indexes.errors import RequestError

FEWEST = 50
"""Questions with outcomes in both arms, below which parts of a run tell nothing."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A comparison of the run, and what fewer questions would have shown of it."""

    pair: Pair
    n: int
    difference: float
    calibration: Calibration


def calibrate_run(run: Run, *, effect: float) -> tuple[Calibrated, ...]:
    """Each comparison of the primary metric.

    Args:
        run: its rows.
        effect: the difference that one cares about, as a fraction.

    Raises:
        RequestError: nothing is compared, there are too few questions, questions are not independent, or the effect is
            out of range.
    """
    design = run.manifest.design
    metric = parse_metric(design.primary)
    scored = score_run(run, [metric])
    if scored.clusters is not None:
        raise RequestError(
            f"run {run.name!r} takes questions of one source as a whole ({len(scored.clusters):,} questions, "
            f"{len(set(scored.clusters)):,} clusters), but calibration draws single ones and would ask for too few; "
            "see in its report which differences could have been shown"
        )
    found = []
    for pair in pairs(design):
        differences = outcomes_of(scored, str(metric), (pair.baseline, pair.arm)).known @ CONTRAST
        if len(differences) < FEWEST:
            raise RequestError(
                f"run {run.name!r} has outcomes of {len(differences)} questions in both {pair.baseline!r} and "
                f"{pair.arm!r}; calibration needs {FEWEST} or more: finish the run, or ask more questions"
            )
        rng = generator(design.seed, "calibrate", pair.arm)
        calibration = calibrate(differences, effect=effect, rng=rng)
        found.append(Calibrated(pair, len(differences), float(differences.mean()), calibration))
    if not found:
        raise RequestError(f"run {run.name!r} compares no arms, so there is nothing to calibrate")
    return tuple(found)

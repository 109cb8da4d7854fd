"""`rag eval calibrate`: how many questions are enough."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson

if TYPE_CHECKING:
    from evaluation.analysis.calibrating import Calibrated


def calibrate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run with 50 questions or more.")],
    effect: Annotated[
        float, typer.Option("--effect", metavar="POINTS", help="The difference you care about, in percentage points.")
    ] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Show how many questions are enough to see an effect.

    Parts of the run, of at most half of its questions, show how far the difference would have varied with fewer.
    """
    from cli.console import print_result, stdout
    from evaluation.analysis.calibrating import calibrate_run
    from evaluation.store.opening import open_run

    with open_run(run) as opened:
        found = calibrate_run(opened, effect=effect / 100)
        if as_json:
            print_result({"run": opened.name, "effect": effect / 100, "comparisons": [_contract(one) for one in found]})
            return
    for one in found:
        stdout().print("\n".join(_lines(one, effect)), soft_wrap=True)


def _contract(one: "Calibrated") -> dict[str, Any]:
    return {
        "baseline": one.pair.baseline,
        "arm": one.pair.arm,
        "n": one.n,
        "difference": one.difference,
        "discordance": one.calibration.discordance,
        "needed": one.calibration.needed,
        "parts": [{"n": row.n, "low": row.low, "high": row.high, "agree": row.agree} for row in one.calibration.rows],
    }


def _lines(one: "Calibrated", effect: float) -> list[str]:
    from evaluation.analysis.numbers import percent, points, signed

    calibration = one.calibration
    needed = (
        f"{calibration.needed:,} questions show {effect:g} points with 80 % power"
        if calibration.needed is not None
        else f"no number of questions shows {effect:g} points: the outcomes differ less often than that"
    )
    return [
        f"{one.pair.arm} vs {one.pair.baseline}: {points(one.difference)}, n = {one.n}; "
        f"{percent(calibration.discordance)} of the outcomes differ; {needed}",
        f"  {'questions':>9}  {'90 % of the differences within':<32} same verdict as all {one.n}",
        *(
            f"  {row.n:>9,}  {f'{signed(row.low)} to {signed(row.high)} points':<32} {percent(row.agree)}"
            for row in calibration.rows
        ),
    ]

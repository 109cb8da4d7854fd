"""`rag eval plan`: what an experiment would cost and show."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.eval.options import experiment_options
from cli.options import AsJson


@experiment_options
def plan(
    grid: Annotated[
        str, typer.Argument(metavar="GRID", help="A grid file (.toml), or a ready grid; rag eval grids lists them.")
    ],
    *,
    said: Mapping[str, Any],
    as_json: AsJson = False,
) -> None:
    """Show what an experiment would cost and show; nothing is sent.

    The time is known once a run of the same model is there: run a few questions first, by --n 5.
    """
    from cli.console import note, print_result, stdout
    from cli.eval.settling import settings_for, settled_grid, surroundings
    from evaluation.design.grid_file import load_grid
    from evaluation.planning.foresight import foresee, guessed
    from evaluation.planning.words import lines, mapping
    from evaluation.running.experiment import settle

    loaded = settings_for(said)
    around = surroundings(loaded)
    settled = settle(settled_grid(load_grid(grid), said, loaded))
    for model in guessed(settled, around.folders):
        note(f"model {model} counts as one that thinks; the run will find out whether it does")
    planned = foresee(settled, around)
    if as_json:
        print_result(mapping(planned))
    else:
        stdout().print("\n".join(lines(planned)), soft_wrap=True)

"""`rag eval run`: a declared grid, asked and reported."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.eval.options import Lanes, Replay, RunFile, Yes, experiment_options
from cli.options import AsJson


@experiment_options
def run(
    grid: Annotated[
        str, typer.Argument(metavar="GRID", help="A grid file (.toml), or a ready grid; rag eval grids lists them.")
    ],
    *,
    said: Mapping[str, Any],
    concurrency: Lanes = 16,
    run: RunFile = None,
    replay: Replay = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Run a declared experiment, and report on it.

    The options say what the grid leaves open, or other than it. A run that is stopped, in whatever way, goes on with
    the same command; nothing that was answered is asked again. With --replay the rankings of another run over these
    questions are taken over, to ask another model over just the same passages.
    """
    from cli.eval.conducted import conducted
    from cli.eval.settling import settings_for, settled_grid
    from evaluation.design.grid_file import load_grid

    loaded = settings_for(said)
    declared = settled_grid(load_grid(grid), said, loaded)
    conducted(declared, loaded, run=run, replay=replay, lanes=concurrency, confirmed=yes, as_json=as_json)

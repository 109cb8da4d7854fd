"""`rag eval ab`: orders of the retrieved passages, side by side."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.eval.options import Lanes, Replay, RunFile, Yes, experiment_options
from cli.options import AsJson

DEFAULT_PLACEMENTS = "best_first,edges,shuffled"


@experiment_options
def ab(
    *,
    said: Mapping[str, Any],
    placements: Annotated[
        str, typer.Option("--placements", metavar="LIST", help="Orders to compare; the first is the baseline.")
    ] = DEFAULT_PLACEMENTS,
    k: Annotated[int, typer.Option("-k", min=1, help="Passages in each context.")] = 10,
    repeat: Annotated[
        bool, typer.Option("--repeat/--no-repeat", help="Ask the baseline twice (A/A), which shows the noise.")
    ] = True,
    concurrency: Lanes = 16,
    run: RunFile = None,
    replay: Replay = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Compare orders of passages on your own questions.

    Passages are retrieved once for each question; every order gets the same ones. The verdict comes first. A run that
    is stopped, in whatever way, goes on with the same command.
    """
    from cli.eval.conducted import conducted
    from cli.eval.settling import settings_for, settled_grid
    from evaluation.arms import Length
    from evaluation.design.grid import ArmChoice, DataChoice, Grid

    loaded = settings_for(said)
    grid = Grid(
        name="ab",
        data=DataChoice(contexts="retrieved", mode=loaded.settings.mode),
        arms=ArmChoice(lengths=(Length(passages=k),), twins=False, repeat=repeat),
    )
    grid = settled_grid(grid, said, loaded, placements=split_placements(placements))
    conducted(grid, loaded, run=run, replay=replay, lanes=concurrency, confirmed=yes, as_json=as_json)


def split_placements(text: str) -> list[str]:
    """The placements in a list by commas, which may stand within brackets too.

    >>> split_placements("edges, shuffled(seed=7),best_at(depth=0.5)")
    ['edges', 'shuffled(seed=7)', 'best_at(depth=0.5)']
    """
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [part for part in (*parts, text[start:].strip()) if part]

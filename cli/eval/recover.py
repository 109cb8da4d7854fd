"""`rag eval recover`: what is left of a damaged run."""

from pathlib import Path
from typing import Annotated

import typer


def recover(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A damaged run.")],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The new run, which must not be there yet.")],
) -> None:
    """Copy what can be read of a damaged run into a new one.

    The new run goes on with the command of the old one and --run TARGET; what was lost is asked again.
    """
    from evaluation.store.recovery import recover as recovered

    found = recovered(run, target)
    print(
        f"{target}: {found.trials:,} trials of {found.examples:,} questions; about {found.lost_estimate:,} trials lost"
    )

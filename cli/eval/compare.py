"""`rag eval compare`: two runs over the same questions."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN_A", help="The run to compare with.")],
    second: Annotated[Path, typer.Argument(metavar="RUN_B", help="The run that is compared.")],
    as_json: AsJson = False,
) -> None:
    """Compare two runs over the same questions, arm by arm.

    Each arm of the second is compared with the arm of that name in the first. Runs over other questions are refused.
    """
    from cli.eval.reported import print_values
    from evaluation.analysis import compare_runs
    from evaluation.store.opening import open_run

    with open_run(first) as one, open_run(second) as other:
        print_values(compare_runs(one, other), as_json=as_json)

"""`rag eval grids`: the grids that come with the product."""

from typing import Annotated

import typer


def grids(
    name: Annotated[str | None, typer.Argument(metavar="GRID", help="Print this one, to be changed.")] = None,
) -> None:
    """List the ready grids, or print one."""
    from evaluation.design.grid_file import first_line, grid_text, ready_grids

    if name is not None:
        print(grid_text(name), end="")
        return
    for ready in ready_grids():
        print(f"{ready:<12} {first_line(ready)}")

"""Prints what a run shows."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import print_result, stdout, warning

if TYPE_CHECKING:
    from evaluation.analysis.values import Report
    from evaluation.run import Design


def print_report(path: Path, design: "Design", *, as_json: bool) -> None:
    """Prints the report of the run at `path` by the metrics and clusters of `design`."""
    from evaluation.analysis import analyse
    from evaluation.run import Rescored
    from evaluation.store.opening import open_run

    with open_run(path) as run:
        rescored = Rescored(
            run,
            primary=design.primary,
            secondary=design.secondary,
            margin=design.margin,
            clusters=design.clusters,
        )
        print_values(analyse(rescored), as_json=as_json)


def print_values(report: "Report", *, as_json: bool) -> None:
    """Prints a report; its warnings go to stderr too where stdout is for a program."""
    from evaluation.report.contract import contract
    from evaluation.report.terminal import render

    if as_json:
        for line in report.warnings:
            warning(line)
        print_result(contract(report))
    else:
        stdout().print(render(report))

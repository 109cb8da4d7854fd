"""Prints what a run shows."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import print_result, stdout, warning

if TYPE_CHECKING:
    from evaluation.report.values import Report


def print_report(path: Path, *, as_json: bool) -> None:
    """Prints the report of the run at `path`."""
    from evaluation.analysis import analyse
    from evaluation.store.opening import open_run

    with open_run(path) as run:
        print_values(analyse(run), as_json=as_json)


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

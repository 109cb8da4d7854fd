"""What `rag check run` and `rag check bless` share: how far the work is, and what it came to."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from cli.console import note, print_result, stdout, warning

if TYPE_CHECKING:
    from evaluation.check.checking import Wishes
    from evaluation.check.values import Checked
    from evaluation.running.runner import Standing


@contextmanager
def shown_wishes(
    *, tags: tuple[str, ...] = (), retry_failed: bool = False, seconds: float | None = None, lanes: int
) -> "Iterator[Wishes]":
    """Wishes whose progress is shown as long as the block lasts; the first Ctrl-C waits for what is in flight."""
    from cli.eval.conducted import describe, say_patient
    from cli.progress import Progress
    from evaluation.check.checking import Wishes
    from evaluation.running.interrupting import patient_interrupt

    with Progress() as progress:

        def show(standing: "Standing") -> None:
            progress("replies", standing.done, standing.total, detail=describe(standing, now=perf_counter()))

        yield Wishes(
            tags=tags,
            retry_failed=retry_failed,
            seconds=seconds,
            lanes=lanes,
            progress=progress,
            show=show,
            note=note,
            stopping=lambda: patient_interrupt(say_patient),
        )


def print_checked(checked: "Checked", *, status: int, as_json: bool) -> None:
    """Prints the verdict; its warnings go to stderr too where stdout is for a program."""
    from evaluation.check.outputs.contract import contract
    from evaluation.check.outputs.terminal import render

    if as_json:
        for line in checked.warnings:
            warning(line)
        print_result(contract(checked, exit_status=status))
    else:
        stdout().print(render(checked))

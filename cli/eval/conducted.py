"""What `rag eval ab` and `rag eval run` share: conduct an experiment, showing how far it is, then report on it."""

from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cli.console import note
from cli.progress import Progress

if TYPE_CHECKING:
    from cli.settings import Loaded
    from evaluation.design.grid import Grid
    from evaluation.running.runner import Standing
    from evaluation.store.store import RunStore


def conducted(
    grid: "Grid",
    loaded: "Loaded",
    *,
    run: Path | None,
    replay: Path | None,
    lanes: int,
    confirmed: bool,
    as_json: bool,
) -> None:
    """Conducts the experiment of `grid` and prints its report.

    The first Ctrl-C lets what is in flight come to its end; the same command then goes on where it stopped.
    """
    from cli.eval.reported import print_report
    from cli.eval.settling import surroundings
    from evaluation.running.conducting import Wishes, conduct
    from evaluation.running.experiment import settle
    from evaluation.running.interrupting import patient_interrupt
    from evaluation.store.opening import open_run

    settled = settle(grid)
    with ExitStack() as stack:
        progress = stack.enter_context(Progress())

        def show(standing: "Standing") -> None:
            progress("trials", standing.done, standing.total, detail=describe(standing, now=perf_counter()))

        stopping = stack.enter_context(patient_interrupt(_say_patient))
        wishes = Wishes(
            path=run,
            replay=stack.enter_context(open_run(replay)) if replay else None,
            lanes=lanes,
            confirmed=confirmed,
            progress=progress,
            opened=_say_opened,
            show=show,
            stopping=stopping,
        )
        path = conduct(settled, surroundings(loaded), wishes)
        stopped = stopping()
    if stopped:
        note(f"{str(path)!r} keeps what was answered; the same command goes on where this one stopped")
        raise KeyboardInterrupt
    print_report(path, as_json=as_json)


def _say_patient() -> None:
    note("stopping when what is in flight has ended; Ctrl-C again does not wait for it")


def _say_opened(store: "RunStore") -> None:
    done = len(store.finished())
    design = store.manifest.design
    total = store.manifest.examples * len(design.arms) * design.samples
    begun = f", {done:,} of them there already" if done else ""
    for name, model in store.manifest.facts["models"].items():
        note(f"model {name}: {model['model']}, {model['where']}")
    note(f"run {str(store.path)!r}: {total:,} trials{begun}")


def describe(standing: "Standing", *, now: float) -> str:
    """The tokens in a second, the share of prompts that came from the server's cache, and failures.

    Args:
        standing: of the run.
        now: by `time.perf_counter`.
    """
    seconds = max(now - standing.began, 1e-9)
    parts = []
    if standing.prompt:
        parts.append(f"{standing.prompt / seconds:,.0f} tok/s read ({standing.cached / standing.prompt:.0%} cached)")
    if standing.completion:
        parts.append(f"{standing.completion / seconds:,.0f} tok/s written")
    if standing.failed:
        parts.append(f"{standing.failed:,} failed")
    return "   ".join(parts)

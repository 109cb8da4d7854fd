"""What `rag eval ab` and `rag eval run` share: conduct an experiment, showing how far it is, then report on it."""

from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import typer

from cli.console import note, warning
from cli.exits import WITHOUT_RESULT
from cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

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

        wishes = Wishes(
            path=run,
            replay=stack.enter_context(open_run(replay)) if replay else None,
            lanes=lanes,
            confirmed=confirmed,
            progress=progress,
            opened=_say_opened,
            show=show,
            stopping=lambda: patient_interrupt(say_patient),
        )
        path, design, standing, stopped = conduct(settled, surroundings(loaded), wishes)
    if stopped and standing.done < standing.total:
        note(f"run {str(path)!r} keeps the {standing.done:,} trials that are done; the same command asks the others")
        raise KeyboardInterrupt
    print_report(path, design, as_json=as_json)
    if standing.failed:
        warning(f"{standing.failed:,} trials failed, the last one: {standing.error}; the same command asks them again")
        raise typer.Exit(WITHOUT_RESULT)


def say_patient() -> None:
    """What the first Ctrl-C does."""
    note("stopping when what is in flight has ended; Ctrl-C again does not wait for it")


def _say_opened(store: "RunStore", changed: "Sequence[str]") -> None:
    done = len(store.finished())
    design = store.manifest.design
    total = store.manifest.examples * len(design.arms) * design.samples
    begun = f", {done:,} of them there already" if done else ""
    for name, model in store.manifest.facts["models"].items():
        known = name if model["model"] == name else f"{name}: {model['model']}"
        note(f"model {known}, {model['where']}")
    note(f"run {str(store.path)!r}: {total:,} trials{begun}")
    if changed and done:
        warning(f"this run was begun with other {', '.join(changed)}: its rows are not all of one making")
    for said in store.manifest.facts.get("notes", ()):
        note(said)
    unfound = {one.id: gone for one in store.examples() if one.gold and (gone := store.candidates(one.id).missing)}
    for name, gone in list(unfound.items())[:1]:
        warning(
            f"{len(unfound):,} of {store.manifest.examples:,} questions have gold that stands nowhere among the "
            f"passages, as {gone[0]!r} of question {name!r}; see whether sources and quotes are as in the index"
        )


def describe(standing: "Standing", *, now: float) -> str:
    """Failures, the tokens that are written in a second, and the share of prompts that the server had in its cache.

    Args:
        standing: of the run.
        now: by `time.perf_counter`.
    """
    seconds = max(now - standing.began, 1e-9)
    parts = []
    if standing.failed:
        parts.append(f"{standing.failed:,} failed")
    if standing.completion:
        parts.append(f"{standing.completion / seconds:,.0f} tok/s")
    if standing.prompt:
        parts.append(f"{standing.cached / standing.prompt:.0%} cached")
    return "   ".join(parts)

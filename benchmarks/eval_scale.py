"""Large runs: scoring and reporting 100,000 trials, and asking 20,000, with the memory that they take.

    .venv/bin/python -m benchmarks.eval_scale

Claims: 100,000 trials are scored and reported (terminal, JSON and CSV) in under 60 s and 1 GB; a run of 20,000 trials
with contexts of about 3,000 tokens never holds more than 400 MB. Each is a process of its own, so that its peak is its
own. The model is a script that answers at once: what is measured is ours.
"""

import asyncio
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from benchmarks.measuring import table
from evaluation.arms import Arm, Length, Subject
from evaluation.contexts.arm_contexts import ArmContexts
from evaluation.contexts.freezing import Source
from evaluation.generators import generate
from evaluation.run import Design, Manifest
from evaluation.running.conducting import work_of
from evaluation.running.frozen import freeze_missing
from evaluation.running.runner import run_trials
from evaluation.store import create_run, open_run
from rag.answer import Reply, Usage
from rag.opening import ModelChoice
from rag.scripted import ScriptedAnswerer

METRICS = ("token_f1", "citation_recall", "recall@5", "thinking_tokens")


def main() -> None:
    """Measures and prints the table; with an argument it is one of the processes."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=("ask", "report"), help="run this part alone, in FOLDER")
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    if given.part:
        seconds = {"ask": _asked, "report": _reported}[given.part](given.folder)
        print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
        return
    with tempfile.TemporaryDirectory() as folder:
        asked = _process("ask", Path(folder) / "20000")
        _run(Path(folder) / "100000", examples=2000, arms=10, samples=5, passages=5)
        reported = _process("report", Path(folder) / "100000")
    table(
        "Large runs",
        ("what", "seconds", "peak MB"),
        [
            ("ask 20,000 trials, 20 passages each", *(f"{value:,.0f}" for value in asked)),
            ("score and report 100,000 trials", *(f"{value:,.0f}" for value in reported)),
        ],
    )


def _process(part: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.eval_scale", part, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{part} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak


def _asked(folder: Path) -> float:
    return _run(folder, examples=5000, arms=4, samples=1, passages=20)


def _run(folder: Path, *, examples: int, arms: int, samples: int, passages: int) -> float:
    """A run with answers that are right in half of the cases; the seconds from its first trial to its last."""
    subject = Subject("scripted", ModelChoice("scripted"))
    orders = tuple(f"shuffled(seed={seed})" for seed in range(arms))
    compared = tuple(Arm(order, "scripted", order, Length(passages=passages)) for order in orders)
    design = Design("scale", (subject,), compared, samples, orders[0], "sub_span", METRICS, 0.05, 0)
    dataset = generate(f"needle(passages={passages}, examples={examples})")
    used = Usage(prompt=3000, completion=400, reasoning=300, cached=1500)
    right = [example.answers[0] for example in dataset.examples if example.answers]
    replies = [Reply(f"It is {answer} [1].", "hm " * 300, "answered", used) for answer in right]
    contexts = ArmContexts(design, {"scripted": ScriptedAnswerer(replies)})
    with create_run(folder / "scale.rag-run", Manifest(design, "", examples, {})) as store:
        freeze_missing(
            store,
            dataset,
            Source(),
            collection=None,
            contexts=contexts,
            progress=lambda done, total: None,  # noqa: ARG005
        )
        started = time.perf_counter()
        asyncio.run(run_trials(work_of(store, contexts), store, lanes=16))
        return time.perf_counter() - started


def _reported(folder: Path) -> float:
    started = time.perf_counter()
    from rich.console import Console

    from evaluation.analysis import analyse
    from evaluation.metrics import parse_metric
    from evaluation.report.contract import contract
    from evaluation.report.csv_export import write_trials
    from evaluation.report.terminal import render

    with open_run(folder / "scale.rag-run") as run:
        report = analyse(run)
        json.dumps(contract(report))
        Console(file=io.StringIO()).print(render(report))
        with (folder / "trials.csv").open("w", newline="", encoding="utf-8") as file:
            write_trials(run, [parse_metric(name) for name in ("sub_span", *METRICS)], file)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()

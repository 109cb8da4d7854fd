"""How all benchmarks measure: arguments, candidates by turns, medians, one table."""

import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

RAG = (str(Path(sys.executable).with_name("rag")),)
"""The command `rag` of this environment."""


def arguments(description: str | None, *, repeats: int) -> Namespace:
    """The arguments `data`, `work` and `repeats`; `description` is the script's docstring."""
    parser = ArgumentParser(description=description, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the public data sets")
    parser.add_argument("--work", type=Path, default=Path("build/benchmarks"), help="folder for indexes, kept")
    parser.add_argument("--repeats", type=int, default=repeats, help="rounds (default: %(default)s)")
    return parser.parse_args()


def interleaved(candidates: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of what each candidate returns (seconds), over rounds in which all take their turn."""
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, candidate in candidates.items():
            found[name].append(candidate())
    return {name: median(values) for name, values in found.items()}


def process(command: Sequence[str]) -> float:
    """Seconds from the start of a process to its end; its output is not shown.

    Raises:
        SystemExit: it failed.
    """
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return seconds


def timed(function: Callable[[], object]) -> float:
    """Seconds that `function` takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; all columns but the first are figures."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table()
    for number, column in enumerate(columns):
        drawn.add_column(column, justify="right" if number else "left")
    for row in rows:
        drawn.add_row(*row)
    print(f"\n{title}")
    Console(width=120).print(drawn)

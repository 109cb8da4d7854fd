"""The prefix-aware schedule: prompt tokens that a vLLM server really reads, against asking cell by cell.

    .venv/bin/python -m benchmarks.eval_prefixes --base-url http://127.0.0.1:8000/v1

Claim: on a grid of thinking budgets at least 2 × fewer than cell by cell. Give the server a key-value cache that is too
small for all questions, else it keeps everything whatever the order. The figures are the server's own counters.
"""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import table
from evaluation.arms import Length
from evaluation.design.grid import ArmChoice, DataChoice, Grid, SamplingChoice, subjects_of
from evaluation.running.conducting import Surroundings, Wishes, conduct
from evaluation.running.experiment import settle
from rag.endpoints.endpoint import Endpoint, sole_model
from rag.folders import Folders
from rag.opening import ModelChoice

COUNTER = "vllm:prompt_tokens_by_source_total{"
BUDGETS = ArmChoice(
    placements=("gold_at_depth(depth=0.5)",), lengths=(Length(passages=3),), think_budgets=(0, 16, 48), twins=False
)
POSITIONS = ArmChoice(
    placements=tuple(f"gold_at_depth(depth={depth})" for depth in (0.0, 0.5, 1.0)),
    lengths=(Length(passages=4),),
    think_budgets=(0,),
    twins=False,
)


def main() -> None:
    """Measures and prints the table."""
    given = _arguments()
    endpoint = Endpoint(given.base_url, timeout=3600)
    model = sole_model(endpoint)
    rows = []
    for name, arms in (("thinking budgets", BUDGETS), ("gold positions", POSITIONS)):
        together = _read(given, endpoint, model, [arms])
        apart = _read(given, endpoint, model, _cells(arms))
        rows.append((name, f"{together:,.0f}", f"{apart:,.0f}", f"{apart / together:.2f}"))
    table(f"Prompt tokens read for {given.n} questions", ("grid", "by question", "cell by cell", "ratio"), rows)


def _cells(arms: ArmChoice) -> Sequence[ArmChoice]:
    return [
        replace(arms, placements=(placement,), think_budgets=(budget,))
        for placement in arms.placements
        for budget in arms.think_budgets
    ]


def _read(given: Namespace, endpoint: Endpoint, model: str, parts: Sequence[ArmChoice]) -> float:
    before = _counted(endpoint)
    for arms in parts:
        grid = Grid(
            name="prefixes",
            data=DataChoice(path=given.questions, n=given.n),
            subjects=subjects_of([ModelChoice(model, given.base_url, timeout=3600)]),
            arms=arms,
            sampling=SamplingChoice(temperature=0.0, max_tokens=80),
        )
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            around = Surroundings(Folders(place, place, place, place), place, place)
            conduct(settle(grid), around, Wishes(lanes=given.concurrency))
    return _counted(endpoint) - before


def _counted(endpoint: Endpoint) -> float:
    """Prompt tokens that the server has computed since it was started, not found in its cache."""
    page = str(endpoint.root.ask("/metrics"))
    lines = [line for line in page.splitlines() if line.startswith(COUNTER) and 'source="local_compute"' in line]
    return sum(float(line.split()[-1]) for line in lines)


def _arguments() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True, help="of a vLLM server that serves one reasoning model")
    parser.add_argument(
        "--questions",
        type=Path,
        default=Path("../shared/data/nq-open-20_total_documents_gold_at_0.first441.jsonl.gz"),
        help="a dataset with passages of its own (default: %(default)s)",
    )
    parser.add_argument("--n", type=int, default=100, help="questions (default: %(default)s)")
    parser.add_argument("--concurrency", type=int, default=8, help="requests at once (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""The prefix-aware schedule: prompt tokens that a vLLM server really reads, against asking cell by cell.

    .venv/bin/python -m benchmarks.eval_prefixes --base-url http://127.0.0.1:8000/v1

Claim: on a grid of thinking budgets at least 2 × fewer than cell by cell, and the same answers but for the noise that
asking anything twice has. Give the server a key-value cache that is too small for all questions, else it keeps
everything whatever the order. The figures are the server's own counters.
"""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import table
from evaluation.arms import Length
from evaluation.design.grid import ArmChoice, DataChoice, Grid, SamplingChoice, subjects_of
from evaluation.metrics import parse_metric
from evaluation.metrics.scorer import scorer
from evaluation.running.conducting import Surroundings, Wishes, conduct
from evaluation.running.experiment import settle
from evaluation.statistics.paired import compare
from evaluation.store.opening import open_run
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


class Asked(NamedTuple):
    """What came of a grid.

    Attributes:
        read: prompt tokens that the server computed.
        answers: by placement, budget and example.
        right: the same trials, whether they were.
    """

    read: float
    answers: dict[tuple[str, int | None, str], str | None]
    right: dict[tuple[str, int | None, str], bool]


def main() -> None:
    """Measures and prints the tables."""
    given = _arguments()
    endpoint = Endpoint(given.base_url, timeout=3600)
    model = sole_model(endpoint)
    rows, outcomes = [], []
    for name, arms in (("thinking budgets", BUDGETS), ("gold positions", POSITIONS)):
        together = _asked(given, endpoint, model, [arms])
        apart = _asked(given, endpoint, model, _cells(arms))
        ratio = apart.read / together.read
        rows.append((name, f"{together.read:,.0f}", f"{apart.read:,.0f}", f"{ratio:.2f}"))
        outcomes.append((name, *_differences(apart, together)))
    table(f"Prompt tokens read for {given.n} questions", ("grid", "by question", "cell by cell", "ratio"), rows)
    table("The same trials", ("grid", "trials", "other words", "gained", "lost", "p"), outcomes)


def _differences(before: Asked, after: Asked) -> tuple[str, ...]:
    keys = before.right.keys() & after.right.keys()
    words = sum(before.answers[key] != after.answers[key] for key in keys)
    gained = sum(after.right[key] and not before.right[key] for key in keys)
    lost = sum(before.right[key] and not after.right[key] for key in keys)
    p = compare(gained, lost, len(keys)).p
    return str(len(keys)), str(words), str(gained), str(lost), f"{p:.2f}"


def _cells(arms: ArmChoice) -> Sequence[ArmChoice]:
    return [
        replace(arms, placements=(placement,), think_budgets=(budget,))
        for placement in arms.placements
        for budget in arms.think_budgets
    ]


def _asked(given: Namespace, endpoint: Endpoint, model: str, parts: Sequence[ArmChoice]) -> Asked:
    before = _counted(endpoint)
    asked = Asked(0.0, {}, {})
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
            done = conduct(settle(grid), around, Wishes(lanes=given.concurrency))
            with open_run(done.path) as run:
                scores = scorer(run, [parse_metric("sub_span")])
                made = {arm.name: arm for arm in run.manifest.design.arms}
                for trial in run.trials():
                    arm = made[trial.key.arm]
                    key = (arm.placement, arm.think_budget, trial.key.example)
                    asked.answers[key] = trial.answer
                    asked.right[key] = scores(trial)[0].value == 1.0
    return asked._replace(read=_counted(endpoint) - before)


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

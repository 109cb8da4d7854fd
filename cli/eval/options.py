"""Options of the commands that settle an experiment: which questions, which model, how many."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    BaseUrl,
    Directory,
    IndexName,
    MaxTokens,
    Model,
    Reranker,
    Temperature,
    Timeout,
    shared_options,
)

Questions = Annotated[
    Path | None,
    typer.Option(
        "--questions",
        metavar="FILE",
        help="Questions with answers: rag's JSONL, a Lost-in-the-Middle, key-value, HotpotQA, MuSiQue or 2Wiki file, "
        "a BEIR folder or zip.",
    ),
]
Generate = Annotated[
    str | None,
    typer.Option("--generate", metavar="SPEC", help="Questions made up by a generator, as 'kv(keys=75, seed=0)'."),
]
Count = Annotated[int | None, typer.Option("--n", metavar="N", help="Most questions, drawn by the seed; default: all.")]
Budgets = Annotated[
    str | None,
    typer.Option(
        "--think-budgets", metavar="LIST", help="Thinking budgets in tokens, as free,512,0; 0: without thinking."
    ),
]
Samples = Annotated[int | None, typer.Option("--samples", metavar="N", help="Answers to each question in each arm.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Of all that is drawn at random; default: 0.")]
Metric = Annotated[str | None, typer.Option("--metric", help="What decides; default: sub_span, or the grid's.")]
Lanes = Annotated[
    int, typer.Option("--concurrency", metavar="N", min=1, help="Most requests at once; fewer if the server says so.")
]
RunFile = Annotated[
    Path | None, typer.Option("--run", metavar="FILE", help="The run's file; default: by content, below rag-runs/.")
]
Replay = Annotated[
    Path | None, typer.Option("--replay", metavar="RUN", help="Take what is ranked for the questions from this run.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Also where it takes more than 100,000 trials.")]


def _experiment(
    questions: Questions = None,
    generate: Generate = None,
    n: Count = None,
    model: Model = None,
    base_url: BaseUrl = None,
    timeout: Timeout = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    think_budgets: Budgets = None,
    samples: Samples = None,
    seed: Seed = None,
    metric: Metric = None,
    index: IndexName = None,
    directory: Directory = None,
    reranker: Reranker = None,
) -> None:
    """The options of every command that settles an experiment; only the signature counts."""


experiment_options = shared_options(_experiment)

"""Joins the commands of `rag eval`."""

from collections.abc import Callable

import typer

from cli.commands import new_group
from cli.eval.ab import ab
from cli.eval.calibrate import calibrate
from cli.eval.compare import compare
from cli.eval.grids import grids
from cli.eval.plan import plan
from cli.eval.questions import questions
from cli.eval.recover import recover
from cli.eval.report import report
from cli.eval.run import run
from cli.extra import EvalCommand

evaluation = new_group()


@evaluation.callback(
    epilog="rag eval ab --questions my_questions.jsonl --index handbook --model r1-qwen-7b\n"
    "rag eval plan position --questions nq.jsonl.gz --model r1-qwen-7b"
)
def eval_(context: typer.Context) -> None:
    """Measure what passage order, evidence position, length and thinking do to answers."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def _join(panel: str, function: Callable[..., None], *examples: str) -> None:
    evaluation.command(cls=EvalCommand, rich_help_panel=panel, epilog="\n".join(examples))(function)


_join(
    "Experiments",
    ab,
    "rag eval ab --questions my_questions.jsonl --index handbook --model r1-qwen-7b",
    "rag eval ab --questions nq.jsonl.gz --model smollm2 --placements best_first,edges,shuffled --n 100",
)
_join(
    "Experiments",
    run,
    "rag eval run position.toml",
    "rag eval run placement --questions my_questions.jsonl --index handbook --model r1-qwen-7b",
    "rag eval run position.toml --replay rag-runs/position-3fa2c1d0.rag-run --model qwen-7b",
)
_join("Experiments", plan, "rag eval plan position --questions nq.jsonl.gz --model r1-qwen-7b")
_join("Experiments", grids, "rag eval grids", "rag eval grids position > position.toml")
_join("Experiments", questions, "rag eval questions --index handbook --n 100 --model r1-qwen-7b --out drafts.jsonl")
_join(
    "Results",
    report,
    "rag eval report rag-runs/position-3fa2c1d0.rag-run",
    "rag eval report rag-runs/position-3fa2c1d0.rag-run --html position.html --csv trials.csv",
)
_join("Results", compare, "rag eval compare old.rag-run new.rag-run")
_join("Results", calibrate, "rag eval calibrate rag-runs/placement-3fa2c1d0.rag-run --effect 5")
_join("Results", recover, "rag eval recover damaged.rag-run recovered.rag-run")

"""Joins the commands of `rag check`."""

from collections.abc import Callable

import typer

from cli.check.bless import bless
from cli.check.diff import diff
from cli.check.init import init
from cli.check.run import run
from cli.commands import new_group
from cli.extra import EvalCommand

checking = new_group()


@checking.callback(epilog="rag check init --docs docs/ --questions questions.jsonl\nrag check run")
def check(context: typer.Context) -> None:
    """Catch what made answers worse, before it is merged: a gate for CI that runs offline."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def _join(panel: str, function: Callable[..., None], *examples: str) -> None:
    checking.command(cls=EvalCommand, rich_help_panel=panel, epilog="\n".join(examples))(function)


_join(
    "Commands",
    init,
    "rag check init --docs docs/ --questions questions.jsonl",
    "rag check init --index handbook --questions questions.jsonl --model extractive",
    "rag check init --docs docs/ --model r1-qwen-7b",
)
_join(
    "Commands",
    run,
    "rag check run",
    "rag check run --junit report.xml --markdown summary.md",
    "rag check run --filter smoke --inconclusive pass --json",
)
_join("Commands", bless, 'rag check bless --reason "first"', 'rag check bless --reason "new embedder" --answers')
_join("Commands", diff, "rag check diff", "rag check diff refunds-3 --full")

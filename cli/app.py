"""The `rag` command: joins the command modules, which import nothing heavy before they run."""

import gc
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated

import typer

from cli.ask import ask
from cli.chat import chat
from cli.check.group import checking
from cli.commands import Command, new_group
from cli.config import config
from cli.doctor import doctor
from cli.eval.group import evaluation
from cli.exits import exit_status
from cli.index import index
from cli.indexes import indexes, remove, verify
from cli.info import info
from cli.models import models
from cli.placements import placements
from cli.search import search
from cli.serve import serve

app = new_group()


@app.callback(epilog="rag index docs\nrag ask 'How are passages ordered?'\nrag placements -k 5")
def rag(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Annotated[  # noqa: ARG001  `main` reads it wherever it stands
        bool, typer.Option("--debug", help="Show the traceback of an error; fits anywhere.")
    ] = False,
) -> None:
    """Answers questions over your own documents, with citations."""
    if version:
        from importlib.metadata import version as version_of

        print(f"rag {version_of('reasoning-rag')}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def _join(panel: str, function: Callable[..., None], *examples: str) -> None:
    app.command(cls=Command, rich_help_panel=panel, epilog="\n".join(examples))(function)


_join(
    "Questions",
    ask,
    "rag ask 'How are passages ordered?'",
    "rag ask --placement 'shuffled(seed=7)' --show-context 'How are passages ordered?'",
    "rag ask --model smollm2 --json - < question.txt",
)
_join("Questions", search, "rag search 'olive oil' -k 5", "rag search vitamins --where 'source=guide/*' --json")
_join("Questions", chat, "rag chat", "rag chat --model smollm2 --index handbook")
app.add_typer(evaluation, name="eval", rich_help_panel="Evaluation")
app.add_typer(checking, name="check", rich_help_panel="Evaluation")
_join("Indexes", index, "rag index docs", "rag index docs papers --name library", "rag index --name library")
_join("Indexes", indexes, "rag indexes", "rag indexes --json")
_join("Indexes", info, "rag info", "rag info library --json")
_join("Indexes", verify, "rag verify library")
_join("Indexes", remove, "rag remove library --yes")
_join("Models", models, "rag models", "rag models show r1-qwen-7b", "rag models pull r1-qwen-1.5b")
_join(
    "Models",
    serve,
    "rag serve r1-qwen-7b",
    "rag serve r1-llama-70b --tensor-parallel 4 --dry-run",
    "rag serve r1-qwen-7b --vllm-python ~/vllm/bin/python -- --kv-cache-dtype fp8",
)
_join("Models", doctor, "rag doctor", "rag doctor --base-url http://127.0.0.1:8000/v1 --json")
_join("Settings and policies", placements, "rag placements", "rag placements -k 5 --json")
_join("Settings and policies", config, "rag config", "RAG_K=5 rag config --json")


def main() -> None:
    """Runs the command line and exits with its status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where the terminal's encoding lacks a character
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # where what is typed is not in the terminal's encoding
    gc.set_threshold(100_000)  # collecting rarely makes the imports of a command a tenth faster
    arguments, debug = _without_debug(sys.argv[1:])
    sys.exit(exit_status(lambda: _invoke(arguments), debug=debug, as_json="--json" in arguments))


def _invoke(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with command.make_context("rag", arguments) as context:
        command.invoke(context)


def _without_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """Takes `--debug` out wherever it stands before `--`, so that every command has it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    rest = [argument for argument in arguments[:end] if argument != "--debug"]
    debug = len(rest) < end or os.environ.get("RAG_DEBUG", "0") not in {"", "0"}
    return rest + arguments[end:], debug

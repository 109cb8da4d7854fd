"""`rag eval questions`: drafts a question set from the documents of an index."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.eval.options import Lanes, Seed
from cli.options import (
    AsJson,
    BaseUrl,
    Directory,
    IndexName,
    MaxTokens,
    Model,
    Temperature,
    ThinkBudget,
    Timeout,
    shared_options,
)

NO_MODEL = (
    "drafting questions needs a language model: --model NAME (rag models lists names), --model FILE.gguf, "
    "or --base-url URL"
)


def _drafting(
    model: Model = None,
    base_url: BaseUrl = None,
    timeout: Timeout = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    think_budget: ThinkBudget = None,
    index: IndexName = None,
    directory: Directory = None,
) -> None:
    """The options that are settings too; only the signature counts."""


@shared_options(_drafting)
def questions(
    *,
    said: Mapping[str, Any],
    n: Annotated[int, typer.Option("--n", metavar="N", help="Questions, those that are in the file included.")] = 100,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where they go; drafts that are there are added to.")
    ] = Path("questions.jsonl"),
    seed: Seed = None,
    concurrency: Lanes = 8,
    as_json: AsJson = False,
) -> None:
    """Draft questions with answers and quotes from your own documents, for a person to review.

    A model writes a question about each of many passages. Kept is what passes all checks: the quote stands in the
    passage, so does the answer, and the model gives that answer when it is asked with the passage alone. A command
    that is stopped, in whatever way, goes on with the same command.
    """
    from cli.amounts import count_of
    from cli.asked import choice_of
    from cli.console import note, print_result, stdout, warning
    from cli.eval.drafted import drafted, opened_writer, remarks
    from cli.opened import open_index
    from cli.settings import load_settings
    from evaluation.drafting import open_drafts
    from indexes.errors import RequestError
    from rag.folders import default_folders

    if n < 1:
        raise RequestError(f"--n must be at least 1, not {n!r}")
    flags = {name: value for name, value in said.items() if name != "directory"}
    loaded = load_settings(**flags, dir=said["directory"])
    choice = choice_of(loaded)
    with open_index(loaded.settings) as index:
        if choice.model is None and choice.base_url is None:
            raise RequestError(NO_MODEL)
        folders = default_folders(loaded.settings.cache)
        answerer = opened_writer(choice, embedder=lambda: index.embedder, folders=folders, seed=seed or 0)
        with open_drafts(out) as drafts:
            standing, stopped = drafted(index, answerer, drafts, n=n, seed=seed or 0, lanes=concurrency)
    for line in remarks(standing, out, stopped=stopped):
        note(line)
    if stopped:
        raise KeyboardInterrupt
    if standing.error:
        warning(f"some requests failed, the last one: {standing.error}")
    if as_json:
        dropped = dict(sorted(standing.dropped.items()))
        summary = {"path": str(out), "questions": standing.questions, "tried": standing.tried, "dropped": dropped}
        print_result(summary)
    else:
        stdout().print(f"{out}: {count_of(standing.questions, 'question')}", soft_wrap=True)
    if not standing.questions:
        raise typer.Exit(1)

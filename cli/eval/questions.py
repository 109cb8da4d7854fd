"""`rag eval questions`: drafts a question set from the documents of an index."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from cli.settings import Loaded
    from evaluation.drafting import DraftFile, Standing
    from indexes.index import Index
    from rag.answerer import Answerer

NO_MODEL = (
    "drafting questions needs a language model: --model NAME (rag models lists names), --model FILE.gguf, "
    "or --base-url URL"
)
NO_WRITER = "the model {!r} quotes and cannot write questions; choose a language model by --model or --base-url"


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
    from cli.console import note, print_result, stdout, warning
    from cli.opened import open_index
    from cli.settings import load_settings
    from evaluation.drafting import open_drafts
    from indexes.errors import RequestError

    if n < 1:
        raise RequestError(f"--n must be at least 1, not {n!r}")
    flags = {name: value for name, value in said.items() if name != "directory"}
    loaded = load_settings(**flags, dir=said["directory"])
    with open_index(loaded.settings) as index:
        answerer = _answerer(loaded, index, seed or 0)
        with open_drafts(out) as drafts:
            standing, stopped = _drafted(index, answerer, drafts, n=n, seed=seed or 0, lanes=concurrency)
    for line in _remarks(standing, out, stopped=stopped):
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
        stdout().print(f"{out}: {_questions(standing.questions)}", soft_wrap=True)
    if not standing.questions:
        raise typer.Exit(1)


def _answerer(loaded: "Loaded", index: "Index", seed: int) -> "Answerer":
    """The model of the settings, drawn by `seed`; none is looked for where they name none."""
    from cli.asked import choice_of
    from indexes.errors import RequestError
    from rag.folders import default_folders
    from rag.opening import open_answerer

    choice = choice_of(loaded)
    if choice.model is None and choice.base_url is None:
        raise RequestError(NO_MODEL)
    folders = default_folders(loaded.settings.cache)
    answerer = open_answerer(replace(choice, seed=seed), embedder=lambda: index.embedder, folders=folders)
    if not answerer.follows_prompts:
        raise RequestError(NO_WRITER.format(answerer.model))
    return answerer


def _drafted(
    index: "Index", answerer: "Answerer", drafts: "DraftFile", *, n: int, seed: int, lanes: int
) -> "tuple[Standing, bool]":
    """Drafts while it shows how far it is; and whether Ctrl-C ended it."""
    from cli.console import note
    from cli.eval.conducted import say_patient
    from cli.progress import Progress
    from evaluation.drafting import draft_questions, sample
    from evaluation.running.interrupting import patient_interrupt
    from evaluation.running.runner import lanes_for
    from rag.event_loop import run_to_end

    chosen = sample(index, seed=seed, used=[example.id for example in drafts.kept])
    note(f"model {answerer.model}, {answerer.where}")
    if drafts.kept:
        note(f"{str(drafts.path)!r}: {_questions(len(drafts.kept))} there already")
    with Progress() as progress, patient_interrupt(say_patient) as stopping:

        def show(standing: "Standing") -> None:
            detail = f"{standing.dropped.total():,} dropped" if standing.dropped else ""
            progress("questions", standing.questions, standing.wanted, detail=detail)

        progress("questions", len(drafts.kept), n)
        drafting = draft_questions(
            chosen.passages(index),
            answerer,
            n=n,
            known=[example.question for example in drafts.kept],
            keep=drafts.append,
            lanes=lanes_for([answerer], lanes),
            stopping=stopping,
            show=show,
        )
        return run_to_end(drafting), stopping()


def _remarks(standing: "Standing", out: Path, *, stopped: bool) -> list[str]:
    from evaluation.drafting import WORDS

    lines = [f"{standing.tried:,} passages tried, {standing.dropped.total():,} dropped"]
    lines += [f"  {count:,}: {WORDS[reason]}" for reason, count in standing.dropped.most_common()]
    missing = standing.wanted - standing.questions
    if stopped:
        lines.append(f"{str(out)!r} keeps what was found; the same command goes on where this one stopped")
    elif missing > 0:
        lines.append(f"{_questions(missing)} fewer than wanted: no more passages to try, or too many that gave none")
    if standing.questions:
        lines.append(f"a model wrote them: review {str(out)!r}, each question, answer and quote, before you rely on it")
    return lines


def _questions(count: int) -> str:
    """A count of questions, in words."""
    return f"{count:,} question{'' if count == 1 else 's'}"

"""`rag ask`: a cited answer to a question."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson, asking_options

if TYPE_CHECKING:
    from cli.asked import Session
    from rag.answer import Answer
    from rag.answering import Prepared

DONE = ("answered", "refused", "dry_run")
"""How an answer may end for the command to have done its work."""


@asking_options
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask; - reads it from stdin.")],
    *,
    said: Mapping[str, Any],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show which passages the thinking looked at, and what it quoted.")
    ] = False,
    show_context: Annotated[
        bool, typer.Option("--show-context", help="Draw what the model receives, slot by slot.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Stop before a model is asked; draws the context.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question from your documents, with citations.

    The citations are checked against the passages. The answer and its sources go to stdout; thinking, notes and
    warnings to stderr. The exit status is 0 for an answer or an honest refusal, 1 if no answer came.
    """
    from cli.answers import draw_context
    from cli.asked import session, settings_of
    from cli.console import print_result
    from cli.question import read_question
    from cli.streaming import waiting
    from rag.answering import dry_run as without_model
    from rag.answering import prepare
    from rag.contract import answer_contract

    asked = read_question(question)
    loaded = settings_of(said)
    with session(loaded, said) as opened:
        with waiting("looking for passages ..."):
            prepared = prepare(asked, opened.index, opened.answerer, asking=opened.asking)
        if show_context or (dry_run and not as_json):
            draw_context(prepared.context, opened.index, to_stderr=not dry_run or as_json)
        if dry_run:
            answer = without_model(prepared, opened.answerer.model)
        else:
            opened.say_who_answers()
            answer = _answered(prepared, opened, quiet=as_json, explain=explain)
    if as_json:
        print_result(answer_contract(answer))
    if answer.finish not in DONE:
        raise typer.Exit(1)


def _answered(prepared: "Prepared", opened: "Session", *, quiet: bool, explain: bool) -> "Answer":
    """The answer; shown while it comes and when it is complete, unless `quiet`."""
    from cli.answers import show_end, show_sources
    from cli.explain import show_consultation
    from cli.streaming import Stream, waiting
    from rag.answering import answer_stream, wait_for

    items = answer_stream(prepared, opened.index, opened.answerer)
    if quiet:
        with waiting("waiting for the answer ..."):
            return wait_for(items, lambda _: None)
    stream = Stream(opened.thinking)
    stream.wait()
    try:
        answer = wait_for(items, stream.show)
    finally:
        stream.close()
    stream.end(answer)
    show_sources(answer, opened.index)
    if explain:
        show_consultation(answer, opened.index)
    show_end(answer)
    return answer

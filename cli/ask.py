"""`rag ask`: a cited answer to a question."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import (
    AsJson,
    BaseUrl,
    Budget,
    Directory,
    IndexName,
    MaxTokens,
    Mode,
    Model,
    Passages,
    Placement,
    Reranker,
    Temperature,
    Timeout,
    Where,
)

if TYPE_CHECKING:
    from cli.asked import Session
    from rag.answer import Answer
    from rag.answering import Prepared

DONE = ("answered", "refused", "dry_run")
"""How an answer may end for the command to have done its work."""


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask; - reads it from stdin.")],
    k: Passages = None,
    budget: Budget = None,
    placement: Placement = None,
    mode: Mode = None,
    where: Where = None,
    reranker: Reranker = None,
    model: Model = None,
    base_url: BaseUrl = None,
    timeout: Timeout = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    show_context: Annotated[
        bool, typer.Option("--show-context", help="Draw what the model receives, slot by slot.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Stop before a model is asked; draws the context.")
    ] = False,
    index: IndexName = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from your documents, with citations.

    The citations are checked against the passages. The answer and its sources go to stdout; thinking, notes and
    warnings to stderr. The exit status is 0 for an answer or an honest refusal, 1 if no answer came.
    """
    from cli.answers import draw_context
    from cli.asked import say_who_answers, session
    from cli.console import print_result
    from cli.question import read_question
    from cli.settings import load_settings
    from rag.answering import dry_run as without_model
    from rag.answering import prepare
    from rag.contract import answer_contract

    asked = read_question(question)
    loaded = load_settings(
        k=k,
        budget=budget,
        placement=placement,
        mode=mode,
        reranker=reranker,
        model=model,
        base_url=base_url,
        timeout=timeout,
        max_tokens=max_tokens,
        temperature=temperature,
        index=index,
        dir=directory,
    )
    with session(loaded, where or ()) as opened:
        prepared = prepare(asked, opened.index, opened.answerer, asking=opened.asking)
        if show_context or (dry_run and not as_json):
            draw_context(prepared.context, opened.index, to_stderr=not dry_run or as_json)
        if dry_run:
            answer = without_model(prepared, opened.answerer.model)
        else:
            say_who_answers(opened.answerer, loaded)
            answer = _answered(prepared, opened, quiet=as_json)
    if as_json:
        print_result(answer_contract(answer))
    if answer.finish not in DONE:
        raise typer.Exit(1)


def _answered(prepared: "Prepared", opened: "Session", *, quiet: bool) -> "Answer":
    """The answer; shown while it comes and when it is complete, unless `quiet`."""
    from cli.answers import show_end, show_sources
    from cli.streaming import Stream
    from rag.answering import answer_stream, wait_for

    stream = Stream()
    answer = wait_for(
        answer_stream(prepared, opened.index, opened.answerer), (lambda _: None) if quiet else stream.show
    )
    if not quiet:
        stream.end(answer)
        show_sources(answer, opened.index)
        show_end(answer)
    return answer

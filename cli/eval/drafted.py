"""What drafts questions: a model that can write, the drafting itself with a display of how far it is, and remarks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.amounts import count_of
from cli.console import note

if TYPE_CHECKING:
    from evaluation.drafting import DraftFile, Standing
    from indexes.embedder.protocol import Embedder
    from indexes.index import Index
    from rag.answerer import Answerer
    from rag.folders import Folders
    from rag.opening import ModelChoice

NO_WRITER = "the model {!r} quotes and cannot write questions; choose a language model by --model or --base-url"


def opened_writer(
    choice: "ModelChoice", *, embedder: "Callable[[], Embedder]", folders: "Folders", seed: int = 0
) -> "Answerer":
    """The model of `choice`, drawn by `seed`.

    Raises:
        RequestError: there is no such model, or it cannot write.
    """
    from indexes.errors import RequestError
    from rag.opening import open_answerer

    answerer = open_answerer(replace(choice, seed=seed), embedder=embedder, folders=folders)
    if not answerer.follows_prompts:
        raise RequestError(NO_WRITER.format(answerer.model))
    return answerer


def drafted(
    index: "Index", answerer: "Answerer", drafts: "DraftFile", *, n: int, seed: int = 0, lanes: int
) -> "tuple[Standing, bool]":
    """Drafts while it shows how far it is; and whether Ctrl-C ended it."""
    from cli.eval.conducted import say_patient
    from cli.progress import Progress
    from evaluation.drafting import draft_questions, sample
    from evaluation.running.interrupting import patient_interrupt
    from evaluation.running.runner import lanes_for
    from rag.event_loop import run_to_end

    chosen = sample(index, seed=seed, used=[example.id for example in drafts.kept])
    note(f"model {answerer.model}, {answerer.where}")
    if drafts.kept:
        note(f"{str(drafts.path)!r}: {count_of(len(drafts.kept), 'question')} there already")
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


def remarks(standing: "Standing", out: Path, *, stopped: bool) -> Sequence[str]:
    """What became of the passages, and what is to be done with the questions; one line each."""
    from evaluation.drafting import WORDS

    lines = [f"{standing.tried:,} passages tried, {standing.dropped.total():,} dropped"]
    lines += [f"  {count:,}: {WORDS[reason]}" for reason, count in standing.dropped.most_common()]
    missing = standing.wanted - standing.questions
    if stopped:
        lines.append(f"{str(out)!r} keeps what was found; the same command goes on where this one stopped")
    elif missing > 0:
        lines.append(
            f"{count_of(missing, 'question')} fewer than wanted: no more passages to try, or too many that gave none"
        )
    if standing.questions:
        lines.append(f"a model wrote them: review {str(out)!r}, each question, answer and quote, before you rely on it")
    return lines

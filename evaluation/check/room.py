"""All that a check has at hand before a model is asked: questions, index, contexts, and who is to answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter

from evaluation.arms import Subject
from evaluation.check.asking import Panel, Wishes
from evaluation.check.config import AnswerChoice, CheckConfig
from evaluation.check.facts import facts_of
from evaluation.check.ground import Grounded, grounded
from evaluation.check.indexing import open_check_index
from evaluation.check.measuring import outcome_of
from evaluation.check.question_file import open_questions, self_finding, with_tags
from evaluation.check.values import Reply, Result
from evaluation.examples import Dataset
from evaluation.running.provenance import index_facts
from evaluation.running.reaching import check_reachable
from indexes.errors import RequestError
from indexes.index import Index
from rag.answerer import Answerer
from rag.extractive import ExtractiveAnswerer
from rag.folders import Folders
from rag.models.catalogue import load_catalogue
from rag.opening import open_answerer


@dataclass(frozen=True, slots=True)
class Room:
    """What is at hand.

    Attributes:
        dataset: the questions that are checked.
        grounds: the same, with their contexts.
        result: what is known without asking.
        panel: who answers; None: nobody is asked.
        down: why nobody can be asked though somebody should be.
        warnings: one sentence each.
    """

    config: CheckConfig
    dataset: Dataset
    index: Index
    grounds: tuple[Grounded, ...]
    result: Result
    panel: Panel | None
    down: str | None
    warnings: tuple[str, ...]


@contextmanager
def open_room(config: CheckConfig, folders: Folders, wishes: Wishes, *, tags: Sequence[str] = ()) -> Iterator[Room]:
    """Reads the questions, refreshes the index, and makes the contexts.

    A server that does not answer is infrastructure: what needs no model is checked all the same, and each reply of it
    has failed.

    Args:
        config: of the check.
        folders: of the user.
        wishes: how it is to be done.
        tags: only questions with any of these; (): all.

    Raises:
        RequestError: the questions or the documents are not as they must be, or the model cannot be had.
    """
    whole = open_questions(config)
    dataset = with_tags(whole, tags)
    catalogue = load_catalogue(folders.catalogue)
    answers = config.answers
    down = _down(answers) if answers else None
    asked = answers if down is None else None
    with open_check_index(config, cache=folders.cache, progress=wishes.progress) as index:
        answerer = _opened(asked, index, folders) if asked else ExtractiveAnswerer(index.embedder)
        grounds = grounded(
            config,
            dataset,
            index,
            answerer,
            progress=lambda done, total: wishes.progress("questions", done, total),
        )
        outcomes = tuple(
            outcome_of(one, config.retrieval.names, passages=config.passages, assembled=down is None) for one in grounds
        )
        if down is not None:
            outcomes = tuple(replace(one, replies=(Reply("failed", error=down),)) for one in outcomes)
        result = Result(
            facts=facts_of(config, whole, index, answerer.counter, catalogue),
            outcomes=outcomes,
            exact=answers is not None and answers.exact,
        )
        deadline = None if wishes.seconds is None else perf_counter() + wishes.seconds
        panel = (
            Panel(config, asked, whole, index_facts(index), answerer, catalogue, wishes, deadline) if asked else None
        )
        warnings = (*self_finding(config), *_warnings(index, down))
        yield Room(config, dataset, index, grounds, result, panel, down, warnings)


def _warnings(index: Index, down: str | None) -> Iterator[str]:
    skipped = index.skipped()
    if skipped:
        first = f"{skipped[0].path!r}: {skipped[0].reason}"
        files = "1 file" if len(skipped) == 1 else f"{len(skipped):,} files"
        yield f"{files} of the documents could not be read, as {first}"
    if down is not None:
        yield f"the model's server does not answer, so that only retrieval was checked: {down}"


def _down(answers: AnswerChoice) -> str | None:
    """Why the model's server cannot be asked; None where it can, or there is none."""
    try:
        check_reachable([Subject(answers.model.model or "", answers.model)])
    except RequestError as error:
        return str(error)
    return None


def _opened(answers: AnswerChoice, index: Index, folders: Folders) -> Answerer:
    answerer = open_answerer(answers.model, embedder=lambda: index.embedder, folders=folders)
    if unable := answerer.varied(seed=0, think_budget=answers.model.think_budget).unable():
        raise RequestError(f"model {answerer.model!r}: {unable[0]}; drop think_budget, or serve the model by vLLM")
    return answerer

"""Plans an experiment before a model is asked: its size on its own examples, with what earlier runs tell of speed."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean

from evaluation.arms import Subject
from evaluation.design.designing import design
from evaluation.planning.measured import Measured, measured
from evaluation.planning.plan import Plan, TokenFacts, plan
from evaluation.run import Design
from evaluation.running.conducting import Surroundings
from evaluation.running.experiment import Settled
from indexes.directory import find_index
from indexes.errors import RequestError
from indexes.index import Index
from indexes.passages import Passage
from rag.context import Context
from rag.folders import Folders
from rag.models.catalogue import known_model, load_catalogue
from rag.prompt import build_prompt, render_passage
from rag.tokens import EstimateCounter

LOOKED_AT = 200
"""Passages and questions whose length is estimated."""
ANSWER, THINKING = 60.0, 800.0
"""Tokens of a typical answer and thinking, where no earlier run tells."""


def guessed(settled: Settled, folders: Folders) -> tuple[str, ...]:
    """The models of which only their servers could tell whether they think."""
    catalogue = load_catalogue(folders.catalogue)
    choices = [subject.choice for subject in settled.grid.subjects]
    return tuple(
        choice.model or "of " + (choice.base_url or "")
        for choice in choices
        if choice.model is None or known_model(choice.model, catalogue) is None
    )


def foresee(settled: Settled, around: Surroundings) -> Plan:
    """What the experiment would cost and show; nothing is sent.

    Tokens are estimated; a model that the catalogue does not know counts as one that thinks.

    Args:
        settled: the experiment.
        around: the user's folders; those of earlier runs tell how fast a model is.

    Raises:
        RequestError: the experiment cannot be had.
    """
    catalogue = load_catalogue(around.folders.catalogue)

    def thinks(subject: Subject) -> bool:
        entry = known_model(subject.choice.model, catalogue) if subject.choice.model else None
        return entry is None or entry.thinks != "never"

    examples = len(settled.dataset.examples)
    planned = design(settled.grid, reasons=thinks, examples=examples, catalogue=catalogue, confirm_above=None)
    known = _known(planned, around.runs)
    first = known.get(planned.subjects[0].name)
    return plan(
        planned,
        examples=examples,
        tokens=_tokens(settled, planned, known, thinks, around),
        rates=first.rates if first else None,
        catalogue=catalogue,
    )


def _known(planned: Design, runs: Path) -> dict[str, Measured]:
    found = {subject.name: measured(runs, subject.choice.model) for subject in planned.subjects if subject.choice.model}
    return {name: one for name, one in found.items() if one}


def _tokens(
    settled: Settled,
    planned: Design,
    known: dict[str, Measured],
    thinks: Callable[[Subject], bool],
    around: Surroundings,
) -> TokenFacts:
    count = EstimateCounter().count
    passages = _passages(settled, around)
    questions = [example.question for example in settled.dataset.examples[:LOOKED_AT]]
    template = build_prompt("", Context((), "", 0, "")).messages[0].content
    gold = [len(example.gold_ids) or len(example.gold) or 1 for example in settled.dataset.examples]
    thinking = {}
    for subject in planned.subjects:
        if thinks(subject):
            told = known.get(subject.name)
            thinking[subject.name] = told.thinking if told and told.thinking is not None else THINKING
    return TokenFacts(
        passage=fmean(count([render_passage(passage, 10) for passage in passages])),
        question=fmean(count(questions)),
        template=float(count([template])[0]),
        answer=fmean(one.answer for one in known.values()) if known else ANSWER,
        thinking=thinking,
        gold=fmean(gold),
    )


def _passages(settled: Settled, around: Surroundings) -> Sequence[Passage]:
    """Some of those that contexts are made of."""
    examples = settled.dataset.examples
    if settled.grid.data.index is None:
        own = (passage for example in examples for passage in example.passages)
        found = list(islice(own, LOOKED_AT)) or list(settled.whole.corpus[:LOOKED_AT])
        if found:
            return found
    with Index(
        find_index(around.indexes, settled.grid.data.index or around.index), cache=around.folders.cache
    ) as index:
        found = list(islice(index.all_passages(), LOOKED_AT))
    if not found:
        raise RequestError(f"the index {index.manifest.name!r} has no passages; add documents by: rag index PATH")
    return found

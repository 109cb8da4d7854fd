"""Conducts an experiment: opens models and passages, checks that all can be had, freezes what is ranked, and asks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from evaluation.arms import Subject
from evaluation.contexts.arm_contexts import ArmContexts
from evaluation.contexts.pool import Collection, open_pool
from evaluation.run import Design, Run
from evaluation.running.experiment import (
    Settled,
    changed,
    check_able,
    design_of,
    manifest_of,
    needs_collection,
    open_or_create,
    replayed,
)
from evaluation.running.frozen import freeze_as, freeze_missing
from evaluation.running.provenance import index_facts
from evaluation.running.reaching import check_reachable
from evaluation.running.runner import Standing, Work, lanes_for, run_trials
from evaluation.store.opening import discard_run
from evaluation.store.store import RunStore
from indexes.directory import find_index
from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder
from indexes.embedder.source import DEFAULT_EMBEDDER
from indexes.errors import RequestError
from indexes.index import Index
from rag.answerer import Answerer
from rag.event_loop import run_to_end
from rag.folders import Folders
from rag.models.catalogue import Model, known_model, load_catalogue
from rag.opening import open_answerer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an experiment finds and leaves things.

    Attributes:
        folders: of the user: models, what is known of endpoints, the cache.
        indexes: the folder that holds indexes.
        runs: the folder that holds runs.
        embedder: of pools and extractive answers; None: the default.
        index: that is taken where an experiment names none and its questions bring no passages; None: the only one.
    """

    folders: Folders
    indexes: Path
    runs: Path
    embedder: str | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an experiment is to be conducted; nothing of it changes what is asked.

    Attributes:
        path: of the run; None: found by what it is made of.
        replay: a run whose rankings are taken over; None: they are made.
        lanes: most trials in flight at once.
        confirmed: any number of trials will do.
        progress: told of preparations: what is counted, how many are done, of how many.
        opened: told which run it is, and which facts have changed since it was begun, before the first trial.
        show: told after each trial.
        stopping: entered for as long as trials are asked; gives what is asked before each of them.
    """

    path: Path | None = None
    replay: Run | None = None
    lanes: int = 16
    confirmed: bool = False
    progress: Callable[[str, int, int], None] = lambda *_: None
    opened: Callable[[RunStore, Sequence[str]], None] = lambda *_: None
    show: Callable[[Standing], None] = lambda _: None
    stopping: Callable[[], AbstractContextManager[Callable[[], bool]]] = lambda: nullcontext(lambda: False)


class Conducted(NamedTuple):
    """What became of an experiment.

    Attributes:
        path: of its run.
        design: as it is wanted now: its metrics may be others than those of the run's first sitting.
        standing: how far that has come; where not all is done, some failed or it was stopped.
        stopped: whether it was.
    """

    path: Path
    design: Design
    standing: Standing
    stopped: bool


def conduct(settled: Settled, around: Surroundings, wishes: Wishes) -> Conducted:
    """Asks all that is still to be asked of an experiment, unless it is stopped.

    Raises:
        RequestError: something is wrong with the experiment, or cannot be had; nothing was asked.
        RagError: the server is gone, or there is no space; what was answered is kept.
    """
    if wishes.lanes < 1:
        raise RequestError(f"at least 1 trial at once is wanted, found {wishes.lanes!r}")
    check_reachable(settled.grid.subjects)
    with ExitStack() as stack:
        retrieves = wishes.replay is None and needs_collection(settled)
        index = _index(settled, around) if retrieves else None
        if index:
            stack.enter_context(index)
        opened = partial(_opened, embedder=partial(_embedder, index, around), folders=around.folders)
        catalogue = load_catalogue(around.folders.catalogue)
        design = design_of(
            settled,
            lambda subject: _thinks(subject, catalogue, opened),
            catalogue=catalogue,
            confirmed=wishes.confirmed,
        )
        answerers = {subject.name: opened(subject) for subject in design.subjects}
        check_able(design, answerers)
        collection = Collection(index) if index else None
        if retrieves and collection is None:
            collection = _pool(settled, around, wishes)
            stack.enter_context(collection.index)
        facts = index_facts(collection.index) if collection else None
        manifest = manifest_of(settled, design, answerers, index=facts, catalogue=catalogue)
        if wishes.replay:
            manifest = replayed(manifest, wishes.replay)
        store = stack.enter_context(open_or_create(around.runs, manifest, path=wishes.path))
        contexts = ArmContexts(store.manifest.design, answerers)
        _freeze(store, settled, collection, contexts, wishes)
        wishes.opened(store, changed(store.manifest, manifest))
        lanes = lanes_for(answerers.values(), wishes.lanes)
        work = work_of(store, contexts)
        stopping = stack.enter_context(wishes.stopping())
        standing = run_to_end(run_trials(work, store, lanes=lanes, stopping=stopping, show=wishes.show))
        return Conducted(store.path, design, standing, stopping())


def _freeze(
    store: RunStore, settled: Settled, collection: Collection | None, contexts: ArmContexts, wishes: Wishes
) -> None:
    """Brings what is ranked into the run; one that cannot be had, and held nothing before, is not left behind."""
    ranked = bool(store.examples())
    try:
        if wishes.replay:
            freeze_as(store, settled.dataset, wishes.replay, contexts=contexts)
        else:
            freeze_missing(
                store,
                settled.dataset,
                settled.source,
                collection=collection,
                contexts=contexts,
                progress=partial(wishes.progress, "questions"),
            )
    except RequestError:
        if not ranked:
            discard_run(store)
        raise


def work_of(store: RunStore, contexts: ArmContexts) -> Work:
    """What is to be asked, all in all; the runner leaves out what is there already."""
    design = store.manifest.design
    return Work(
        examples=store.examples(),
        arms=design.arms,
        samples=design.samples,
        seed=design.seed,
        contexts=lambda example, arms: contexts.made(store, example, arms),
        answerer=lambda subject, seed, budget: contexts.answerers[subject].varied(seed=seed, think_budget=budget),
    )


def _index(settled: Settled, around: Surroundings) -> Index | None:
    """The user's index, where one is named or the dataset has no passages; None: one of the dataset's own will do."""
    name = settled.grid.data.index
    own = settled.whole.corpus or any(example.passages for example in settled.whole.examples)
    if name is None and own:
        return None
    return Index(find_index(around.indexes, name or around.index), cache=around.folders.cache)


def _embedder(index: Index | None, around: Surroundings) -> Embedder:
    """What extractive answers are found with: that of the passages, also where these are still to be indexed."""
    return index.embedder if index else open_embedder(around.embedder or DEFAULT_EMBEDDER, cache=around.folders.cache)


def _pool(settled: Settled, around: Surroundings, wishes: Wishes) -> Collection:
    """The passages of the dataset, indexed; that takes minutes for many of them, so all else is checked before."""
    cache = around.folders.cache
    return open_pool(settled.whole, cache=cache, embedder=around.embedder, progress=wishes.progress)


def _opened(subject: Subject, *, embedder: Callable[[], Embedder], folders: Folders) -> Answerer:
    return open_answerer(subject.choice, embedder=embedder, folders=folders)


def _thinks(subject: Subject, catalogue: Mapping[str, Model], opened: Callable[[Subject], Answerer]) -> bool:
    """Whether a model thinks: as the catalogue says, else as is found out where it runs."""
    entry = known_model(subject.choice.model, catalogue) if subject.choice.model else None
    if entry is None or entry.thinks == "unknown":
        return opened(subject).thinks()
    return entry.thinks != "never"

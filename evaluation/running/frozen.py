"""Freezes what a run ranks and selects into its file, once; or takes it over from another run."""

from collections.abc import Callable
from dataclasses import replace

from evaluation.contexts.arm_contexts import ArmContexts
from evaluation.contexts.freezing import Source, freeze
from evaluation.contexts.pool import Collection
from evaluation.examples import Dataset
from evaluation.run import Run
from evaluation.store.store import RunStore
from indexes.errors import RequestError


def freeze_missing(
    store: RunStore,
    dataset: Dataset,
    source: Source,
    *,
    collection: Collection | None,
    contexts: ArmContexts,
    progress: Callable[[int, int], None],
) -> None:
    """Ranks and selects for the examples that are not in the run yet; each is kept as soon as it is made."""
    known = {example.id for example in store.examples()}
    missing = tuple(example for example in dataset.examples if example.id not in known)
    if not missing:
        return
    frozen = freeze(
        replace(dataset, examples=missing),
        source,
        collection=collection,
        lengths=contexts.lengths,
        count=contexts.first.counter.count,
        progress=lambda done, _: progress(len(known) + done, len(dataset.examples)),
    )
    for example, candidates in zip(missing, frozen, strict=True):
        store.add_example(example, contexts.settled(example, candidates))


def freeze_as(store: RunStore, dataset: Dataset, other: Run, *, contexts: ArmContexts) -> None:
    """Takes rankings and selections for the examples of `dataset` over from another run.

    Raises:
        RequestError: that run was not over these questions, selected nothing for a length of this one, or what it
            selected does not fit the models.
    """
    known = {example.id for example in store.examples()}
    wanted = {str(length) for length in contexts.lengths}
    there = {example.id: example for example in other.examples()}
    for example in dataset.examples:
        if example.id in known:
            continue
        same = there.get(example.id)
        if same is None or (same.question, same.answers) != (example.question, example.answers):
            raise RequestError(
                f"run {other.name!r} is over other questions: it does not have {example.id!r}, {example.question!r}; "
                "replay it with its own questions, or some of them"
            )
        candidates = other.candidates(example.id)
        selected = tuple(one for one in candidates.selections if one.length in wanted)
        if len(selected) < len(wanted):
            raise RequestError(
                f"run {other.name!r} has contexts of {', '.join(one.length for one in candidates.selections)}, not of "
                f"{', '.join(sorted(wanted))}; replay it with the same lengths"
            )
        room = contexts.room(example)
        if any(sum(one.tokens) > room for one in selected):
            raise RequestError(
                f"the contexts of run {other.name!r} do not fit: for question {example.id!r} there is room for {room} "
                "tokens of passages; lower --max-tokens, or serve the model with a larger context"
            )
        store.add_example(example, replace(candidates, selections=selected, room=room))

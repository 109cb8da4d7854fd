"""The contexts of a run: candidates that are frozen once into its file, and what each arm makes of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from evaluation.arms import BOUNDS, Arm, Length
from evaluation.contexts.assembling import context_for, select_lengths
from evaluation.contexts.candidates import Candidates
from evaluation.contexts.freezing import Source, freeze
from evaluation.contexts.pool import Collection
from evaluation.design.oracle import parse_arm_placement
from evaluation.examples import Dataset, Example
from evaluation.run import Design, Run
from evaluation.store.store import RunStore
from indexes.errors import RequestError
from rag.answerer import Answerer
from rag.answering import passage_room
from rag.context import Context
from rag.prompt import build_prompt

NO_PASSAGES = Context((), "", 0, "")


@dataclass(frozen=True)
class ArmContexts:
    """The contexts of a design, for the models that are to read them.

    All arms of one example and length have the same passages, settled once: with the tokenizer of the first model,
    within the room that the narrowest of them has beside its longest reply.

    Attributes:
        answerers: by the model's name in the experiment.
    """

    design: Design
    answerers: Mapping[str, Answerer]

    @cached_property
    def lengths(self) -> tuple[Length, ...]:
        """Of all arms but the bounds, which have none."""
        return tuple(dict.fromkeys(arm.length for arm in self.design.arms if arm.placement not in BOUNDS))

    @cached_property
    def first(self) -> Answerer:
        """Whose tokenizer counts."""
        return self.answerers[self.design.subjects[0].name]

    def room(self, example: Example) -> int:
        """Most tokens of passages that all models can read with the question.

        Raises:
            RequestError: there is none.
        """
        bare = build_prompt(example.question, NO_PASSAGES, layout="question_both")
        [tokens] = self.first.counter.count([bare.messages[0].content])
        return int(min(2**31, *(passage_room(answerer, tokens) for answerer in self.answerers.values())))

    def settled(self, example: Example, candidates: Candidates) -> Candidates:
        """`candidates` with what is selected of them for each length.

        Raises:
            RequestError: a length does not fit the models.
        """
        room = self.room(example)
        selections = select_lengths(candidates, self.lengths, count=self.first.counter.count, room=room)
        for length, selected in zip(self.lengths, selections, strict=True):
            if (length.passages is not None and selected.cut) or (length.tokens or 0) > room:
                raise RequestError(
                    f"a context of {length} does not fit the models of this experiment: for question {example.id!r} "
                    f"there is room for {room} tokens of passages; take a shorter length, a lower --max-tokens, or a "
                    "server with a larger context"
                )
        return replace(candidates, selections=selections)

    def made(self, run: Run, example: Example, arms: Sequence[Arm]) -> dict[str, Context | str]:
        """The context of each of `arms` for `example`, or the reason why there is none."""
        candidates = run.candidates(example.id)
        room = self.room(example)
        return {
            arm.name: context_for(
                candidates, arm.length, parse_arm_placement(arm.placement), counter=self.first.counter, room=room
            )
            for arm in arms
        }


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
        store.add_example(example, replace(candidates, selections=selected))

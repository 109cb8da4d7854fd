"""The contexts of the arms of a run: the same passages for all that share a length, within the room of all models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from evaluation.arms import BOUNDS, Arm, Length
from evaluation.candidates import Candidates
from evaluation.contexts.assembling import context_for, select_lengths
from evaluation.design.oracle import parse_arm_placement
from evaluation.examples import Example
from evaluation.run import Design, Run
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
        """`candidates` with what is selected of them for each length, and the room for them.

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
        return replace(candidates, selections=selections, room=room)

    def made(self, run: Run, example: Example, arms: Sequence[Arm]) -> dict[str, Context | str]:
        """The context of each of `arms` for `example`, or the reason why there is none."""
        candidates = run.candidates(example.id)
        counter = self.first.counter
        return {
            arm.name: context_for(
                candidates, arm.length, parse_arm_placement(arm.placement), counter=counter, room=candidates.room
            )
            for arm in arms
        }

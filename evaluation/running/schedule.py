"""The order in which the trials of one example are asked: those whose prompts begin alike stand together.

A server that caches prompts by their prefixes then reads each shared beginning once: samples, budgets and thinking or
not share the whole prompt, later gold positions share the passages before them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from evaluation.arms import Arm
from rag.context import Context


@dataclass(frozen=True, slots=True)
class Task:
    """A trial that is to be asked.

    Attributes:
        context: what the model is given.
    """

    arm: Arm
    sample: int
    context: Context


def in_order(example: str, tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks of `example` by model, layout and passages, so that neighbours share the longest prefixes.

    Sorting sequences of passages walks the tree of their prefixes, and no order shares more. Equal prompts, as of the
    A/A arm and the arm that it repeats, change places from example to example, so that neither always finds the cache
    warm.
    """
    return tuple(sorted(tasks, key=lambda task: _place(example, task)))


def _place(example: str, task: Task) -> tuple[str, str, tuple[str, ...], str]:
    arm = task.arm
    passages = tuple(slot.ranked.passage.id for slot in task.context.slots)
    drawn = sha256(f"{example}\0{arm.name}\0{task.sample}".encode()).hexdigest()
    return arm.subject, arm.layout, passages, drawn

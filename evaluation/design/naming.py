"""The names of arms: each says what varies between the arms of its experiment, and nothing else."""

from collections.abc import Sequence
from typing import NamedTuple

from evaluation.arms import BOUNDS, Arm

NO_THINK = "no_think"


class Words(NamedTuple):
    """What the name of an arm is made of; "" for what does not vary.

    Attributes:
        placement: always there, whether it varies or not.
        repeat: "(again)" for the A/A arm.
    """

    subject: str
    placement: str
    length: str
    budget: str
    layout: str
    repeat: str


def named(arms: Sequence[Arm]) -> tuple[str, ...]:
    """A name for each arm, such as "edges" or "r1 gold_at(position=5) 20 passages think 512".

    The bounds take no part in what varies in placement, length and layout: they always bear their placement's name.

    Args:
        arms: whose own names are not looked at.
    """
    varies = len({arm.placement for arm in arms if arm.placement not in BOUNDS}) > 1
    found = []
    for arm, words in zip(arms, worded(arms), strict=True):
        told = words if varies or arm.placement in BOUNDS else words._replace(placement="")
        text = _joined(*told[:-1]) or words.placement
        found.append(_joined(text, words.repeat))
    return tuple(found)


def parted(arms: Sequence[Arm]) -> tuple[tuple[str, str], ...]:
    """The name of each arm in two parts: what it shares with the others of its series, and its own placement.

    >>> from evaluation.arms import Length
    >>> edges = Arm("", "r1", "edges", Length(passages=10), 512)
    >>> parted([edges, Arm("", "r1", "edges", Length(passages=20), 512)])
    (('10 passages', 'edges'), ('20 passages', 'edges'))

    Args:
        arms: whose own names are not looked at.
    """
    return tuple(
        (_joined(one.subject, one.length, one.budget, one.layout), _joined(one.placement, one.repeat))
        for one in worded(arms)
    )


def worded(arms: Sequence[Arm]) -> tuple[Words, ...]:
    """What the name of each arm is made of."""
    placed = [arm for arm in arms if arm.placement not in BOUNDS]
    subjects = len({arm.subject for arm in arms}) > 1
    lengths = len({arm.length for arm in placed}) > 1
    layouts = len({arm.layout for arm in placed}) > 1
    budgets: dict[str, set[int | None]] = {}
    for arm in arms:
        budgets.setdefault(arm.subject, set()).add(arm.think_budget)

    def words(arm: Arm) -> Words:
        bound = arm.placement in BOUNDS
        return Words(
            arm.subject if subjects else "",
            arm.placement,
            str(arm.length) if lengths and not bound else "",
            thinking(arm.think_budget) if len(budgets[arm.subject]) > 1 else "",
            arm.layout if layouts and not bound else "",
            "" if arm.copy == 0 else f"(again{'' if arm.copy == 1 else f' {arm.copy}'})",
        )

    return tuple(words(arm) for arm in arms)


def thinking(budget: int | None) -> str:
    """A thinking budget in words.

    >>> thinking(None), thinking(512), thinking(0)
    ('think free', 'think 512', 'no_think')
    """
    if budget == 0:
        return NO_THINK
    return "think free" if budget is None else f"think {budget}"


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))

"""The names of arms: each says what varies between the arms of its experiment, and nothing else."""

from collections.abc import Sequence

from evaluation.arms import BOUNDS, Arm

NO_THINK = "no_think"


def named(arms: Sequence[Arm]) -> tuple[str, ...]:
    """A name for each arm, such as "edges" or "r1 gold_at(position=5) 20 passages think 512".

    The bounds take no part in what varies in placement, length and layout: they always bear their placement's name.

    Args:
        arms: whose own names are not looked at.
    """
    placed = [arm for arm in arms if arm.placement not in BOUNDS]
    subjects = len({arm.subject for arm in arms}) > 1
    placements = len({arm.placement for arm in placed}) > 1
    lengths = len({arm.length for arm in placed}) > 1
    layouts = len({arm.layout for arm in placed}) > 1
    budgets: dict[str, set[int | None]] = {}
    for arm in arms:
        budgets.setdefault(arm.subject, set()).add(arm.think_budget)

    def name(arm: Arm) -> str:
        bound = arm.placement in BOUNDS
        parts = [
            arm.subject if subjects else "",
            arm.placement if placements or bound else "",
            str(arm.length) if lengths and not bound else "",
            thinking(arm.think_budget) if len(budgets[arm.subject]) > 1 else "",
            arm.layout if layouts and not bound else "",
        ]
        text = " ".join(filter(None, parts)) or arm.placement
        return text if arm.copy == 0 else f"{text} (again{'' if arm.copy == 1 else f' {arm.copy}'})"

    return tuple(name(arm) for arm in arms)


def thinking(budget: int | None) -> str:
    """A thinking budget in words.

    >>> thinking(None), thinking(512), thinking(0)
    ('think free', 'think 512', 'no_think')
    """
    if budget == 0:
        return NO_THINK
    return "think free" if budget is None else f"think {budget}"

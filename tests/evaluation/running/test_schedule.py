from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from evaluation.running.schedule import Task, in_order
from tests.evaluation.building_work import arm, context


def shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many passages two contexts have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def read(orders: Sequence[Sequence[str]]) -> int:
    """The passages that must be read anew where the server remembers the prompt before."""
    before: Sequence[str] = ()
    total = 0
    for order in orders:
        total += len(order) - shared(before, order)
        before = order
    return total


@given(st.sets(st.permutations("abcd").map(tuple), min_size=1, max_size=5))
def test_no_order_of_the_arms_shares_longer_beginnings(orders: set[tuple[str, ...]]) -> None:
    tasks = [Task(arm(f"arm {at}"), 0, context(names)) for at, names in enumerate(sorted(orders))]
    ours = [tuple(s.ranked.passage.id for s in task.context.slots) for task in in_order("q", tasks)]
    assert read(ours) == min(read(other) for other in permutations(orders))


def test_budgets_and_samples_of_one_context_stand_together() -> None:
    tasks = [
        Task(arm(f"{names} {budget}", think_budget=budget), sample, context(names))
        for sample in (0, 1)
        for budget in (None, 0, 64)
        for names in ("ab", "ba")
    ]
    ordered = [task.context.slots[0].ranked.passage.id for task in in_order("q", tasks)]
    assert ordered == ["a"] * 6 + ["b"] * 6


def test_models_and_layouts_are_not_mixed() -> None:
    tasks = [Task(arm(f"{subject} {names}", subject=subject), 0, context(names)) for names in "ab" for subject in "xy"]
    assert [task.arm.subject for task in in_order("q", tasks)] == ["x", "x", "y", "y"]


def test_the_repeated_arm_is_not_always_asked_first() -> None:
    first = {
        in_order(f"q{number}", [Task(arm("edges"), 0, context("ab")), Task(arm("again", copy=1), 0, context("ab"))])[
            0
        ].arm.name
        for number in range(20)
    }
    assert first == {"edges", "again"}


def test_the_order_does_not_depend_on_how_the_tasks_came() -> None:
    tasks = [Task(arm(f"arm {names}"), sample, context(names)) for names in ("ab", "ba") for sample in (0, 1)]
    assert in_order("q", tasks) == in_order("q", tasks[::-1])

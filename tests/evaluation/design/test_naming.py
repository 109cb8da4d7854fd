"""Names of arms: what varies, nothing else, and no two alike."""

from hypothesis import given
from hypothesis import strategies as st

from evaluation.arms import CLOSED_BOOK, GOLD_ONLY, Arm, Length
from evaluation.design.naming import named, parted

TEN, TWENTY = Length(passages=10), Length(passages=20)


def test_only_placements_vary() -> None:
    arms = [Arm("", "r1", placement, TEN) for placement in ("best_first", "edges")]
    assert named(arms) == ("best_first", "edges")


def test_everything_varies() -> None:
    arms = [
        Arm("", "r1", "gold_at(position=1)", TEN, None),
        Arm("", "r1", "gold_at(position=5)", TWENTY, 512, "question_before"),
        Arm("", "base", "gold_at(position=5)", TWENTY),
    ]
    assert named(arms) == (
        "r1 gold_at(position=1) 10 passages think free question_after",
        "r1 gold_at(position=5) 20 passages think 512 question_before",
        "base gold_at(position=5) 20 passages question_after",
    )


def test_only_budgets_vary() -> None:
    arms = [Arm("", "r1", "edges", TEN, budget) for budget in (None, 512, 0)]
    assert named(arms) == ("think free", "think 512", "no_think")


def test_a_model_with_one_budget_does_not_name_it() -> None:
    arms = [Arm("", "r1", "edges", TEN, None), Arm("", "r1", "edges", TEN, 0), Arm("", "base", "edges", TEN)]
    assert named(arms) == ("r1 think free", "r1 no_think", "base")


def test_nothing_varies() -> None:
    assert named([Arm("", "r1", "edges", TEN)]) == ("edges",)


def test_the_second_of_two_equal_arms_says_so() -> None:
    assert named([Arm("", "r1", "edges", TEN), Arm("", "r1", "edges", TEN, copy=1)]) == ("edges", "edges (again)")


def test_bounds_are_named_by_themselves_and_count_for_no_length() -> None:
    arms = [
        Arm("", "r1", "edges", TEN),
        Arm("", "r1", "edges", TWENTY),
        Arm("", "r1", CLOSED_BOOK, Length()),
        Arm("", "r1", GOLD_ONLY, Length()),
    ]
    assert named(arms) == ("10 passages", "20 passages", "closed_book", "gold_only")


@given(
    st.sets(
        st.builds(
            Arm,
            name=st.just(""),
            subject=st.sampled_from(["a", "b"]),
            placement=st.sampled_from(["edges", "middle", CLOSED_BOOK]),
            length=st.sampled_from([TEN, TWENTY]),
            think_budget=st.sampled_from([None, 0, 5]),
            layout=st.sampled_from(["question_after", "question_before"]),
            copy=st.sampled_from([0, 1]),
        ).filter(lambda arm: arm.placement != CLOSED_BOOK or (arm.length == TEN and arm.layout == "question_after")),
        min_size=1,
    )
)
def test_different_arms_have_different_names(arms: set[Arm]) -> None:
    assert len(set(named(list(arms)))) == len(arms)
    assert len(set(parted(list(arms)))) == len(arms)


def test_a_name_in_two_parts_has_what_is_shared_and_the_placement() -> None:
    arms = [Arm("", "r1", "edges", TEN), Arm("", "base", "edges", TEN, copy=1), Arm("", "r1", CLOSED_BOOK, Length())]
    assert parted(arms) == (("r1", "edges"), ("base", "edges (again)"), ("r1", "closed_book"))

"""Tests of the choice how a reply is asked for."""

from typing import Any

import pytest

from rag.endpoints.endpoint import Endpoint
from rag.endpoints.probes import Probes
from rag.endpoints.ways import NO_BUDGET, NO_CLOSING, NO_CONSTRAINT, NO_THOUGHT, Way, choose_way
from rag.sampling import ANSWER_ROOM

NOWHERE = Endpoint("http://127.0.0.1:9/v1")  # what is not known fails
REASONER: dict[str, Any] = {"dialect": "vllm", "thinks": "inside"}
PLAIN: dict[str, Any] = {"dialect": None, "thinks": "own_tag", "budget_field": False}


def way(known: dict[str, Any], budget: int | None, *, constrained: bool = False, most: int = 4096) -> Way:
    return choose_way(Probes(NOWHERE, "m", known=known), budget=budget, constrained=constrained, reply_tokens=most)


def test_where_nothing_is_wanted_nothing_is_asked_of_the_endpoint() -> None:
    assert way({}, None) == Way()


@pytest.mark.parametrize(
    ("known", "budget", "expected"),
    [
        ({"budget_field": True}, 64, Way(fields={"thinking_token_budget": 64}, thoughts=64)),
        ({"budget_field": True, "zero": True}, 0, Way(fields={"thinking_token_budget": 0}, thoughts=0)),
        ({"budget_field": False}, 64, Way("ids", thoughts=64)),
        ({"budget_field": False}, 0, Way("ids", thoughts=0)),
        ({"budget_field": True, "zero": False}, 0, Way("ids", thoughts=0)),
        ({"budget_field": False, "dialect": None}, 64, Way(warnings=(NO_BUDGET,))),
        ({"budget_field": False, "dialect": None}, 0, Way(warnings=(NO_CLOSING,))),
    ],
)
def test_a_budget_is_kept_by_the_server_else_by_us_else_not(known: Any, budget: int, expected: Way) -> None:
    assert way({**REASONER, **known}, budget) == expected


@pytest.mark.parametrize("known", [{"thinks": "never"}, {"thinks": "own_tag", "reasons": False}])
def test_a_model_that_does_not_think_needs_no_budget(known: dict[str, Any]) -> None:
    assert way({"dialect": None, **known}, 0) == Way()
    assert way({"dialect": None, **known}, 64) == Way(warnings=(NO_THOUGHT,))


def test_a_constrained_answer_leaves_the_thinking_free_with_room_for_the_answer() -> None:
    """All of the 4,096 tokens but those kept for an answer; half of what is too few for that."""
    known = {**REASONER, "constraint": "grammar"}
    assert way(known, None, constrained=True, most=600).thoughts == 300
    assert way(known, None, constrained=True) == Way("ids", thoughts=4096 - ANSWER_ROOM, constraint="grammar")
    assert way(known, 64, constrained=True) == Way("ids", thoughts=64, constraint="grammar")
    assert way(known, 0, constrained=True) == Way("ids", thoughts=0, constraint="grammar")


@pytest.mark.parametrize("most", [1, 2, 100, 513, 4096])
def test_a_constrained_answer_always_leaves_some_room_to_think(most: int) -> None:
    thoughts = way({**REASONER, "constraint": "grammar"}, None, constrained=True, most=most).thoughts
    assert thoughts is not None
    assert 1 <= thoughts <= max(1, most - min(ANSWER_ROOM, most // 2))


def test_a_model_that_does_not_think_answers_at_once_under_its_constraint() -> None:
    known = {"dialect": "vllm", "thinks": "never", "constraint": "structured_outputs"}
    assert way(known, None, constrained=True) == Way("ids", constraint="structured_outputs")


def test_where_an_answer_cannot_be_constrained_the_rest_is_done_and_it_is_said() -> None:
    known = {**REASONER, "constraint": None, "budget_field": True}
    assert way(known, None, constrained=True) == Way(warnings=(NO_CONSTRAINT,))
    assert way(known, 64, constrained=True) == Way(
        fields={"thinking_token_budget": 64}, thoughts=64, warnings=(NO_CONSTRAINT,)
    )
    assert way({**PLAIN, "thinks": "inside", "constraint": None}, 64, constrained=True).warnings == (
        NO_BUDGET,
        NO_CONSTRAINT,
    )

"""Hard assertions: what holds, what does not, and what cannot be told."""

import pytest

from evaluation.check.assertions import check_must
from evaluation.check.values import Assertion, Reply
from evaluation.examples import Example
from evaluation.must import Must
from tests.evaluation.check.building_checks import failed, outcome, reply, result


def example(name: str = "q1", must: Must | None = None) -> Example:
    return Example(name, f"What is {name}?", ("Paris",), must=must)


def checked(must: Must, *replies: Reply) -> Assertion:
    """The only assertion of the only question."""
    (found,) = check_must([example(must=must)], result(outcome(replies=replies)))
    return found


@pytest.mark.parametrize(
    ("must", "given", "wanted", "found", "held"),
    [
        (Must(cite=("guide.md",)), reply(cited=("a.md", "guide.md")), "cites 'guide.md'", "", True),
        (Must(cite=("guide.md",)), reply(cited=("docs/guide.md",)), "cites 'guide.md'", "cites 'docs/guide.md'", False),
        (Must(cite=("guide.md",)), reply(), "cites 'guide.md'", "cites nothing", False),
        (Must(contain=("the  Eiffel\nTower",)), reply(answer="At THE *Eiffel* tower [1]."), None, "", True),
        (Must(contain=("Rome",)), reply(), "contains 'Rome'", "it is not in the answer", False),
        (
            Must(contain=("Rome",)),
            reply(answer=None, finish="unfinished_thinking"),
            "contains 'Rome'",
            "there is no answer: it ended as 'unfinished_thinking'",
            False,
        ),
        (Must(not_contain=("Rome",)), reply(), "does not contain 'Rome'", "", True),
        (Must(not_contain=("paris",)), reply(), "does not contain 'paris'", "it is in the answer", False),
        (Must(not_contain=("Rome",)), reply(answer=None, finish="empty"), "does not contain 'Rome'", "", True),
        (Must(refuse=True), reply(finish="refused"), "refuses", "", True),
        (Must(refuse=True), reply(), "refuses", "ended as 'answered'", False),
        (Must(max_tokens=1200), reply(tokens=1200), "takes at most 1,200 tokens", "", True),
        (Must(max_tokens=1200), reply(tokens=1201), "takes at most 1,200 tokens", "takes 1,201 tokens", False),
        (Must(max_tokens=1200), reply(), "takes at most 1,200 tokens", "the server does not tell", None),
        (Must(max_tokens=0), reply(tokens=1), "takes at most 0 tokens", "takes 1 tokens", False),
        (Must(max_seconds=2.5), reply(seconds=2.5), "takes at most 2.5 seconds", "", True),
        (Must(max_seconds=2.5), reply(seconds=2.75), "takes at most 2.5 seconds", "takes 2.75 seconds", False),
        (Must(max_seconds=2.5), reply(), "takes at most 2.5 seconds", "the server does not tell", None),
    ],
)
def test_what_is_found_of_one_reply(
    must: Must, given: Reply, wanted: str | None, found: str, held: bool | None
) -> None:
    one = checked(must, given)
    assert (one.question, one.found, one.held) == ("q1", found, held)
    assert wanted is None or one.wanted == wanted


def test_a_reply_that_failed_tells_nothing() -> None:
    one = checked(Must(not_contain=("Rome",)), failed("the server went away"))
    assert (one.held, one.found) == (None, "the reply failed: the server went away")


def test_where_no_model_was_asked_nothing_is_told() -> None:
    one = checked(Must(refuse=True))
    assert (one.held, one.found) == (None, "no model was asked")


def test_all_repeats_must_hold() -> None:
    must = Must(contain=("Paris",))
    assert checked(must, reply(), reply(), reply()).held is True
    assert checked(must, reply(), reply(answer="Rome"), reply()).held is False
    assert checked(must, reply(), failed()).held is None
    assert checked(must, failed(), reply(answer="Rome")).held is False


def test_all_that_is_asserted_is_told_in_the_order_of_the_questions() -> None:
    """A question without assertions, and one without an outcome (it was filtered out), say nothing."""
    must = Must(cite=("a.md", "b.md"), contain=("x",), not_contain=("y",), refuse=True, max_tokens=5, max_seconds=1)
    examples = [example("q2", must), example("q1", Must(refuse=True)), example("q3"), example("q4", must)]
    found = check_must(examples, result(*(outcome(name, replies=[1.0]) for name in ("q1", "q2", "q3"))))
    assert [one.question for one in found] == ["q2"] * 7 + ["q1"]
    assert [one.wanted for one in found[:7]] == [
        "cites 'a.md'",
        "cites 'b.md'",
        "contains 'x'",
        "does not contain 'y'",
        "refuses",
        "takes at most 5 tokens",
        "takes at most 1 seconds",
    ]

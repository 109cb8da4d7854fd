"""What a check found as JUnit's XML: valid whatever others wrote, with counts that are right."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from evaluation.check.judging import exit_status
from evaluation.check.outputs.junit import junit, junit_of_error
from evaluation.check.values import Checked
from tests.evaluation.check.building_checks import (
    against,
    assertion,
    checked,
    failed,
    metric,
    outcome,
    reply,
    result,
    stage,
)
from tests.evaluation.check.building_outputs import HOSTILE, full_check, undecided_check

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))


def suite_of(found: Checked) -> etree._Element:
    """The suite of a document that is valid, and whose counts are right."""
    root = etree.fromstring(junit(found, exit_status=exit_status(found)).encode())
    SCHEMA.assertValid(root)
    (suite,) = root
    for attribute, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error"),
                            ("skipped", "testcase/skipped")):  # fmt: skip
        assert suite.get(attribute) == str(len(suite.findall(path)))
    times = [float(case.get("time", "")) for case in suite.findall("testcase")]
    assert float(suite.get("time", "")) == pytest.approx(sum(times), abs=0.001 * len(times))
    return suite


def endings(found: Checked) -> dict[str, tuple[str, str, str]]:
    """By name of the case what it holds: the element, its type and its message."""
    cases = suite_of(found).findall("testcase")
    return {
        case.get("name", ""): (case[0].tag, case[0].get("type", ""), case[0].get("message", ""))
        for case in cases
        if len(case)
    }


LOST = metric(verdict="regressed", lost=("a",))


def test_each_question_is_a_case_and_the_verdict_another() -> None:
    suite = suite_of(checked(current=result(outcome("a"), outcome("b"))))
    assert suite.get("name") == "rag check"
    assert [(case.get("classname"), case.get("name")) for case in suite.findall("testcase")] == [
        ("rag-check.questions", "a"),
        ("rag-check.questions", "b"),
        ("rag-check", "verdict"),
    ]
    assert endings(checked(current=result(outcome("a"), outcome("b")))) == {}


def test_a_question_that_a_regressed_metric_lost_fails_and_so_does_the_verdict() -> None:
    now = result(outcome("a"), outcome("b"))
    found = endings(checked("regressed", current=now, baseline=against(stage("retrieval", LOST, verdict="regressed"))))
    assert found["a"] == ("failure", "lost", "lost: retrieval recall@10")
    assert found["verdict"][:2] == ("failure", "regressed")
    assert found["verdict"][2].startswith("REGRESSED: retrieval lost 1 of 100 questions")
    assert set(found) == {"a", "verdict"}


@pytest.mark.parametrize("one", [metric(lost=("a",)), metric(verdict=None, lost=("a",))])
def test_a_loss_that_does_not_decide_fails_no_question(one: object) -> None:
    assert isinstance(one, type(LOST))
    assert endings(checked(current=result(outcome("a")), baseline=against(stage("retrieval", one)))) == {}


def test_a_broken_assertion_fails_its_question_alone() -> None:
    held = (assertion("b", held=True), assertion("c", held=None))
    now = result(outcome("a"), outcome("b"), outcome("c"))
    assert endings(checked(current=now, assertions=(assertion("a"), *held))) == {
        "a": ("failure", "assertion", "wanted: cites 'guide.md'; found: cites nothing")
    }


def test_a_reply_that_failed_is_an_error() -> None:
    now = result(outcome("a", replies=(failed("HTTP 503"), 1.0)))
    assert endings(checked(current=now)) == {"a": ("error", "infrastructure", "1 of 2 replies failed: HTTP 503")}


def test_what_fails_and_errs_is_a_failure() -> None:
    now = result(outcome("a", replies=(failed(),)))
    found = endings(checked("regressed", current=now, baseline=against(stage("retrieval", LOST, verdict="regressed"))))
    assert found["a"][0] == "failure"


def test_what_was_added_since_is_skipped() -> None:
    now = result(outcome("a"), outcome("b"))
    assert endings(checked(current=now, baseline=against(added=("b",)))) == {
        "b": ("skipped", "not-compared", "no baseline for it")
    }


def test_what_there_was_no_time_for_is_skipped() -> None:
    now = result(outcome("a", replies=(1.0,)), outcome("b"))
    found = endings(checked("inconclusive", current=now, unasked=1))
    assert found["b"] == ("skipped", "not-asked", "out of time before it was asked")
    assert "a" not in found


def test_without_a_baseline_all_are_skipped_and_the_verdict_is_an_error() -> None:
    found = endings(checked("inconclusive", current=result(outcome("a")), baseline=None))
    assert found["a"] == ("skipped", "not-compared", "no baseline for it")
    assert found["verdict"][:2] == ("error", "inconclusive")
    assert "rag check bless" in found["verdict"][2]


def test_an_open_verdict_is_an_error() -> None:
    assert endings(undecided_check())["verdict"][:2] == ("error", "inconclusive")


def test_an_excused_verdict_is_skipped() -> None:
    root = etree.fromstring(junit(undecided_check(), exit_status=0).encode())
    SCHEMA.assertValid(root)
    (case,) = root.iterfind(".//testcase[@name='verdict']")
    assert [child.tag for child in case] == ["skipped"]


def test_a_check_that_could_not_be_done_is_an_error_that_says_why() -> None:
    root = etree.fromstring(junit_of_error("the baseline is damaged: \x1b <x>").encode())
    SCHEMA.assertValid(root)
    (case,) = root.iterfind(".//testcase")
    assert (case.get("name"), case[0].tag) == ("verdict", "error")
    assert "the baseline is damaged" in case[0].get("message", "")


def test_times_are_the_replies_own() -> None:
    """1.25 + 1000.5 s: no separator, no exponent; unknown and impossible times count for nothing."""
    slow = outcome("a", replies=(reply(seconds=1.25), reply(seconds=1000.5), reply(seconds=float("inf")), reply()))
    suite = suite_of(checked(current=result(slow)))
    assert [case.get("time") for case in suite.findall("testcase")] == ["1001.750", "0.000"]


def test_what_people_are_told_stands_at_the_end() -> None:
    said = suite_of(full_check()).findtext("system-out") or ""
    assert said.startswith("REGRESSED: retrieval lost 3 of 64 questions")
    assert "corpus: documents 33 → 34" in said


def test_texts_of_others_stay_text() -> None:
    suite = suite_of(full_check(HOSTILE))
    name = suite.findall("testcase")[0].get("name") or ""
    assert name.startswith("[bold]x[/] a|b <script>alert(1)</script> &lt;b&gt; &#64;all")
    assert "\x1b" not in junit(full_check(HOSTILE), exit_status=1)


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters() | st.sampled_from("<>&]\"'\x00\x0c\ufffe\uffff\ud800\r\n"), max_size=40))
def test_any_text_gives_a_valid_document(text: str) -> None:
    suite = suite_of(full_check(text))
    assert len(suite.findall("testcase")) == 5

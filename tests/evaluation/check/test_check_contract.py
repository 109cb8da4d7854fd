"""The JSON of a check: its names as promised, and values that JSON can hold."""

import json

import numpy as np

from evaluation.check.outputs.contract import contract
from tests.evaluation.check.building_checks import against, assertion, checked, metric, outcome, result, stage
from tests.evaluation.check.building_outputs import HOSTILE, full_check


def test_the_names_are_those_promised() -> None:
    found = contract(full_check(), exit_status=1)
    assert list(found) == [
        "verdict", "exit_status", "n", "stages", "changed", "changes", "added", "removed", "assertions",
        "infrastructure_failures", "failures", "unasked", "confirmed", "missing", "baseline", "anchor", "warnings",
        "path",
    ]  # fmt: skip
    assert list(found["stages"][0]) == ["stage", "verdict", "metrics"]
    assert list(found["stages"][0]["metrics"][0]) == [
        "name", "gates", "n", "baseline", "current", "difference", "low", "high", "p_adjusted", "margin", "gained",
        "lost", "gained_ids", "lost_ids", "verdict", "basis",
    ]  # fmt: skip
    assert list(found["assertions"][0]) == ["question", "wanted", "found", "held"]
    assert list(found["anchor"]) == ["blessed", "reason", "stages", "changed", "added", "removed"]


def test_gained_and_lost_are_counts_with_the_questions_beside_them() -> None:
    one = metric(verdict="regressed", gained=("c",), lost=("a", "b"), difference=-0.01, margin=0.02)
    (shown,) = contract(checked("regressed", baseline=against(stage("retrieval", one))), exit_status=1)["stages"]
    assert shown == {
        "stage": "retrieval",
        "verdict": "pass",
        "metrics": [
            {
                "name": "recall@10",
                "gates": True,
                "n": 100,
                "baseline": 0.9,
                "current": 0.9,
                "difference": -0.01,
                "low": None,
                "high": None,
                "p_adjusted": None,
                "margin": 0.02,
                "gained": 1,
                "lost": 2,
                "gained_ids": ["c"],
                "lost_ids": ["a", "b"],
                "verdict": "regressed",
                "basis": "no question lost",
            }
        ],
    }


def test_what_is_compared_and_with_what() -> None:
    found = contract(
        checked(
            "inconclusive",
            baseline=against(changed=("corpus",), added=("n",), removed=("o",)),
            assertions=(assertion("q1", held=None),),
            missing=(("q1", "old.md"),),
            infrastructure_failures=2,
            unasked=1,
            confirmed=False,
            warnings=("w",),
        ),
        exit_status=3,
    )
    assert (found["verdict"], found["exit_status"], found["n"]) == ("inconclusive", 3, 1)
    assert (found["changed"], found["added"], found["removed"]) == (["corpus"], ["n"], ["o"])
    wanted = {"question": "q1", "wanted": "cites 'guide.md'", "found": "cites nothing", "held": None}
    assert found["assertions"] == [wanted]
    assert found["missing"] == [{"question": "q1", "gold": "old.md"}]
    assert (found["infrastructure_failures"], found["unasked"], found["confirmed"]) == (2, 1, False)
    assert found["baseline"] == {"blessed": "2026-05-01T12:00:00Z", "reason": "first"}
    assert (found["anchor"], found["warnings"]) == (None, ["w"])


def test_without_a_baseline_the_stages_hold_the_values_of_now() -> None:
    now = result(outcome("a", recall=0.5), outcome("b", recall=1.0))
    found = contract(checked("inconclusive", current=now, baseline=None), exit_status=3)
    assert (found["baseline"], found["changed"], found["added"], found["removed"]) == (None, [], [], [])
    assert [stage["stage"] for stage in found["stages"]] == ["retrieval", "assembly"]
    recall = found["stages"][0]["metrics"][0]
    assert (recall["name"], recall["baseline"], recall["current"], recall["n"]) == ("recall@10", None, 0.75, 2)
    assert (recall["verdict"], recall["basis"]) == (None, "no baseline")


def test_any_number_and_any_text_is_json() -> None:
    one = metric(baseline=np.float64(0.5), n=np.int64(3), gates=np.bool_(True))
    for found in (checked(baseline=against(stage("retrieval", one))), full_check(HOSTILE)):
        shown = contract(found, exit_status=0)
        assert json.loads(json.dumps(shown, allow_nan=False)) == shown

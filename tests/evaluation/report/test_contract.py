"""The JSON object of a report: the names of the contract, plain values, None where nothing is known."""

import json
from dataclasses import replace

import numpy as np

from evaluation.analysis.values import CellResult
from evaluation.report.contract import contract
from evaluation.statistics.interval import Interval
from tests.evaluation.report.building_text import COMPARISON, EFFECT, bare_report, full_report


def test_the_names_are_those_of_the_contract() -> None:
    made = contract(full_report())
    assert {
        "run", "n", "baseline", "primary_metric", "cells", "comparisons", "aa", "position", "interaction", "excluded",
        "warnings",
    } <= set(made)  # fmt: skip
    assert set(made["cells"][0]) == {"arm", "metric", "value", "low", "high", "n", "finish"}
    assert {
        "baseline", "arm", "metric", "n", "difference", "low", "high", "p", "p_exact", "p_adjusted", "gained", "lost",
        "detectable", "verdict",
    } <= set(made["comparisons"][0])  # fmt: skip
    assert {"n", "flips", "p"} <= set(made["aa"])
    assert made["excluded"] == {"not_applicable": 12, "failed": 2}


def test_values_are_fractions_and_whole() -> None:
    made = contract(full_report())
    assert made["cells"][1]["value"] == 0.5419
    assert made["cells"][1]["finish"] == {"answered": 400, "refused": 30, "failed": 2}
    first = made["comparisons"][0]
    assert (first["difference"], first["low"], first["high"]) == (0.0113, -0.024, 0.0461)
    assert made["position"]["effects"][0]["points"][1] == {
        "position": 10,
        "label": "10",
        "arm": "r1 gold_at(position=10)",
        "value": 0.5,
        "low": 0.45,
        "high": 0.55,
        "n": 200,
    }
    assert made["position"]["effects"][0]["p_adjusted"] == 0.0008
    twin = made["interaction"]["effects"][0]
    assert (twin["kind"], twin["p_adjusted"], twin["detectable"]) == ("same_base", 0.18, 0.08)


def test_a_position_that_is_a_mean_is_no_whole_number() -> None:
    points = (replace(EFFECT.points[0], position=3.25, label="depth 0.25"), *EFFECT.points[1:])
    made = contract(replace(full_report(), positions=(replace(EFFECT, points=points),)))
    point = made["position"]["effects"][0]["points"][0]
    assert (point["position"], point["label"]) == (3.25, "depth 0.25")


def test_what_is_not_known_is_none() -> None:
    made = contract(full_report())
    empty = made["cells"][3]
    assert (empty["value"], empty["low"], empty["high"]) == (None, None, None)
    assert made["comparisons"][1]["p_adjusted"] is None
    bare = contract(bare_report())
    assert (bare["aa"], bare["position"], bare["interaction"]) == (None, None, None)
    assert (bare["cells"], bare["comparisons"], bare["warnings"]) == ([], [], [])


def test_an_interval_that_is_0_is_known() -> None:
    report = replace(full_report(), comparisons=(replace(COMPARISON, interval=Interval(0.0, 0.0)),))
    assert contract(report)["comparisons"][0]["low"] == 0


def test_numbers_of_numpy_become_plain() -> None:
    cell = CellResult("a", "sub_span", np.float64(0.5), Interval(np.float64(0), np.float64(1)), np.int64(3), {})  # type: ignore[arg-type]
    effect = replace(full_report().positions[0], flat=np.bool_(True))  # type: ignore[arg-type]
    report = replace(full_report(), cells=(cell,), positions=(effect,), missing=np.int64(2))  # type: ignore[arg-type]
    text = json.dumps(contract(report), allow_nan=False)
    assert json.loads(text)["position"]["effects"][0]["flat"] is True


def test_the_object_survives_json() -> None:
    for report in (full_report(), bare_report()):
        made = contract(report)
        assert json.loads(json.dumps(made, allow_nan=False)) == made

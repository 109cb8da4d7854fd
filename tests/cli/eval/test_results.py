"""`rag eval compare` and `rag eval calibrate`."""

import json
from pathlib import Path

import pytest

from tests.cli.eval.conftest import Rag
from tests.cli.eval.endpoint import Body, Endpoint


def now_and_then(body: Body) -> str:
    """Right for three prompts of four, whatever they ask for."""
    text = body["messages"][-1]["content"]
    values = [line.split('"')[3] for line in text.splitlines() if line.startswith('"') and '": "' in line]
    return " ".join(values) if sum(map(ord, text)) % 4 else "no idea"


def test_runs_over_the_same_questions_are_compared(asked: Rag, study: Rag, server: Endpoint) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    server.answer = now_and_then
    assert asked("run", "small.toml", "--run", "b.rag-run").status == 0
    outcome = study("eval", "compare", "a.rag-run", "b.rag-run", "--json")
    assert outcome.status == 0
    values = json.loads(outcome.out)
    assert values["schema_version"] == 1
    assert values["n"] == 4
    assert len(values["comparisons"]) >= 6
    assert any(one["gained"] for one in values["comparisons"])
    assert study("eval", "compare", "a.rag-run", "b.rag-run").status == 0


@pytest.mark.parametrize("change", [("--n", "3"), ("--generate", "kv(keys=6, examples=4, seed=9)")])
def test_runs_over_other_questions_are_refused(asked: Rag, study: Rag, change: tuple[str, str]) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    assert asked("run", "small.toml", "--run", "b.rag-run", *change).status == 0
    outcome = study("eval", "compare", "a.rag-run", "b.rag-run")
    assert outcome.status == 2
    assert "questions" in outcome.err
    assert outcome.out == ""


def test_runs_without_a_common_arm_are_refused(study: Rag) -> None:
    common = (
        "eval",
        "ab",
        "--questions",
        "questions.jsonl",
        "--index",
        "notes",
        "--model",
        "extractive",
        "--no-repeat",
    )
    assert study(*common, "--placements", "edges,middle", "--run", "a.rag-run").status == 0
    assert study(*common, "--placements", "best_last,best_first", "--run", "b.rag-run").status == 0
    outcome = study("eval", "compare", "a.rag-run", "b.rag-run")
    assert outcome.status == 2
    assert "arm" in outcome.err


def test_calibration_tells_how_many_questions_are_enough(asked: Rag, study: Rag, server: Endpoint) -> None:
    server.answer = now_and_then
    questions = ("--generate", "kv(keys=6, examples=60, seed=0)")
    assert asked("run", "small.toml", *questions, "--run", "a.rag-run").status == 0
    outcome = study("eval", "calibrate", "a.rag-run", "--effect", "10", "--json")
    assert outcome.status == 0
    values = json.loads(outcome.out)
    assert (values["run"], values["effect"]) == ("a", 0.1)
    assert values["comparisons"]
    for one in values["comparisons"]:
        assert one["n"] == 60
        assert all(part["n"] <= 30 for part in one["parts"])
    told = study("eval", "calibrate", "a.rag-run")
    assert told.status == 0
    assert "5 points" in told.out


@pytest.mark.parametrize("effect", ["0", "-5", "101", "nan", "lots"])
def test_an_effect_that_cannot_be_is_refused(asked: Rag, study: Rag, server: Endpoint, effect: str) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    outcome = study("eval", "calibrate", "a.rag-run", "--effect", effect)
    assert outcome.status == 2
    assert "Traceback" not in outcome.err
    assert "internal" not in outcome.err


def test_a_run_with_few_questions_cannot_be_calibrated(asked: Rag, study: Rag) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    outcome = study("eval", "calibrate", "a.rag-run")
    assert outcome.status == 2
    assert "50" in outcome.err


@pytest.mark.parametrize("command", [["report"], ["compare", "a.rag-run"], ["calibrate"], ["recover", "a.rag-run"]])
def test_a_run_has_to_be_named(study: Rag, project: Path, command: list[str]) -> None:
    outcome = study("eval", *command)
    assert outcome.status == 2
    assert "missing argument" in outcome.err

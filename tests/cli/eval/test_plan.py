import json
from pathlib import Path

import pytest

from tests.cli.eval.conftest import TRIALS, Rag
from tests.cli.eval.endpoint import Endpoint


def test_a_plan_sends_nothing_and_leaves_nothing(asked: Rag, project: Path, server: Endpoint) -> None:
    outcome = asked("plan", "small.toml")
    assert outcome.status == 0
    assert server.requests == 0
    assert not (project / "rag-runs").exists()


def test_a_plan_tells_size_and_what_it_can_show(asked: Rag) -> None:
    outcome = asked("plan", "small.toml")
    assert "cells × 4 questions" in outcome.out
    assert "with n = 4 questions and 80 % power" in outcome.out
    assert "time: not known" in outcome.out
    assert "model m counts as one that thinks" in outcome.err


def test_a_plan_is_json_too(asked: Rag) -> None:
    values = json.loads(asked("plan", "small.toml", "--json").out)
    assert values["schema_version"] == 1
    assert values["examples"] == 4


def test_a_plan_of_a_known_model_counts_what_the_run_asks(study: Rag, server: Endpoint) -> None:
    values = json.loads(study("eval", "plan", "small.toml", "--model", "smollm2", "--json").out)
    assert values["trials"] == TRIALS


def test_a_plan_knows_the_speed_of_an_earlier_run(asked: Rag) -> None:
    assert asked("run", "small.toml").status == 0
    outcome = asked("plan", "small.toml", "--n", "3")
    assert outcome.status == 0
    assert "time: about" in outcome.out
    assert "small-" in outcome.out


def test_a_damaged_run_beside_does_not_hinder_a_plan(asked: Rag, project: Path) -> None:
    (project / "rag-runs").mkdir()
    (project / "rag-runs" / "old.rag-run").write_bytes(b"no run at all")
    assert asked("plan", "small.toml").status == 0


@pytest.mark.parametrize("name", ["budget", "kv", "length", "placement", "position"])
def test_ready_grids_can_be_planned(study: Rag, name: str) -> None:
    generated = () if name == "kv" else ("--generate", "needle(passages=40, examples=20)")
    outcome = study("eval", "plan", name, *generated, "--model", "r1-qwen-7b")
    assert outcome.status == 0, outcome.err
    assert "power" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.toml",), "nothing.toml"),
        (("positon",), "position"),
        (("position",), "--questions FILE"),
        (("kv", "--generate", "kv(keys=7, examples=2)"), "needs 75 passages"),
    ],
)
def test_what_cannot_be_planned_is_refused(asked: Rag, arguments: tuple[str, ...], said: str) -> None:
    outcome = asked("plan", *arguments)
    assert outcome.status == 2
    assert said in outcome.err


def test_a_plan_of_very_many_trials_says_how_many(asked: Rag) -> None:
    outcome = asked("plan", "small.toml", "--samples", "357143")
    assert outcome.status == 0
    assert "18,571,436 trials" in outcome.out

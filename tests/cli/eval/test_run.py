import json
import re
from pathlib import Path

import pytest

from tests.cli.eval.conftest import GRID, TRIALS, Rag
from tests.cli.eval.endpoint import Body, Endpoint


def value_of_the_key(body: Body) -> str:
    """What stands beside the key asked for; without passages there is nothing to find."""
    prompt = body["messages"][-1]["content"]
    key = re.findall(r'key "([^"]+)"', prompt)[-1]
    found = re.search(rf'"{key}": "([^"]+)"', prompt)
    return f"{found[1]} [1]." if found else "I do not know."


def test_a_grid_of_a_file_is_asked_and_reported(asked: Rag, server: Endpoint) -> None:
    server.answer = value_of_the_key
    outcome = asked("run", "small.toml", "--json")
    assert outcome.status == 0
    values = json.loads(outcome.out)
    shares = {cell["arm"]: cell["value"] for cell in values["cells"] if cell["metric"] == "key_value_match"}
    assert shares["closed_book"] == 0
    assert set(shares.values()) == {0.0, 1.0}
    assert len(shares) == 7
    assert len(server.questions) == TRIALS
    assert (values["missing"], values["excluded"]["failed"]) == (0, 0)
    assert values["run"].startswith("small-")


def test_ready_grids_run_with_what_the_flags_say(asked: Rag, server: Endpoint) -> None:
    server.answer = value_of_the_key
    outcome = asked("run", "kv", "--generate", "kv(keys=75, examples=2, seed=1)", "--max-tokens", "60", "--json")
    assert outcome.status == 0
    assert json.loads(outcome.out)["n"] == 2
    assert len(server.questions) == 2 * (5 * 2 + 3)
    assert {body["max_tokens"] for body in server.questions} == {60}


def test_flags_come_before_the_grid(asked: Rag, server: Endpoint) -> None:
    outcome = asked(
        "run", "small.toml", "--n", "2", "--samples", "2", "--seed", "5", "--temperature", "0.3", "--max-tokens", "7",
        "--metric", "sub_span", "--json",
    )  # fmt: skip
    values = json.loads(outcome.out)
    assert (values["n"], values["primary_metric"]) == (2, "sub_span")
    assert len(server.questions) == 2 * 2 * 7
    assert {body["temperature"] for body in server.questions} == {0.3}
    assert {body["max_tokens"] for body in server.questions} == {7}
    assert len({body["seed"] for body in server.questions}) == 2 * 2 * 7


def test_models_of_a_grid_are_asked_where_no_flag_names_one(study: Rag, project: Path, server: Endpoint) -> None:
    models = f'[models.one]\nmodel = "m"\nbase_url = "{server.url}"\n[models.two]\nmodel = "other"\n'
    (project / "two.toml").write_text(GRID + models + f'base_url = "{server.url}"\n')
    outcome = study("eval", "run", "two.toml", "--json")
    assert outcome.status == 0
    assert {body["model"] for body in server.questions} == {"m", "other"}
    assert len(server.questions) == 2 * TRIALS - 4  # one A/A arm for both


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ("positon", "known: budget, kv, length, placement, position"),
        ("nothing.toml", "nothing.toml"),
        ("notes", "notes"),
    ],
)
def test_an_unknown_grid_is_refused(asked: Rag, server: Endpoint, grid: str, said: str) -> None:
    outcome = asked("run", grid)
    assert outcome.status == 2
    assert said in outcome.err
    assert not server.requests


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[arms]", "[arms]\nplacemnts = []", "placemnts"),
        ("[arms]", "[arms", "line 5"),
        ('"gold_at_depth(depth=1.0)"', '"gold_at_dpth"', "gold_at_dpth"),
        ('"key_value_match"', '"key_value"', "key_value"),
        ("passages = [3, 6]", "passages = []", "0 cells, because arms.passages is empty"),
        ('"gold_at_depth(depth=0.0)", "gold_at_depth(depth=1.0)"', "", "placements"),
        ("examples=4", "examples=0", "examples"),
        ("passages = [3, 6]", "passages = [3, 600]", "600"),
        ("repeat = true", "think_budgets = [0, 16]", "none of the models thinks"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_before_anything_is_asked(
    asked: Rag, project: Path, server: Endpoint, before: str, after: str, said: str
) -> None:
    assert before in GRID
    (project / "small.toml").write_text(GRID.replace(before, after))
    outcome = asked("run", "small.toml")
    assert outcome.status == 2
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert not server.questions
    assert not list(project.glob("rag-runs/*.rag-run"))


def test_more_trials_than_usual_want_confirmation(asked: Rag, project: Path, server: Endpoint) -> None:
    (project / "small.toml").write_text(GRID + "\n")
    outcome = asked("run", "small.toml", "--samples", "357143")
    assert outcome.status == 2
    assert "10,000,004 trials" in outcome.err
    assert "--yes" in outcome.err
    assert not server.questions


def test_a_model_that_the_server_does_not_have_is_said(study: Rag, server: Endpoint) -> None:
    outcome = study("eval", "run", "small.toml", "--model", "nobody", "--base-url", server.url)
    assert outcome.status == 1
    assert "serves 'm', 'other'" in outcome.err


def test_an_api_key_is_not_stored(asked: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_API_KEY", "sk-secret-of-mine")
    assert asked("run", "small.toml").status == 0
    [run] = project.glob("rag-runs/*.rag-run")
    assert b"sk-secret-of-mine" not in run.read_bytes()

"""What was answered is not asked again: finished runs, failed rows, runs replayed on another model."""

import json
from pathlib import Path

import pytest

from evaluation.store import open_run
from evaluation.store.store import RunStore
from tests.cli.eval.conftest import TRIALS, Rag
from tests.cli.eval.endpoint import Endpoint


def only_run(project: Path) -> RunStore:
    [path] = project.glob("rag-runs/*.rag-run")
    return open_run(path)


def test_a_finished_run_asks_nothing_and_reports_the_same(asked: Rag, server: Endpoint) -> None:
    first = asked("run", "small.toml", "--json")
    again = asked("run", "small.toml", "--json")
    assert (first.status, again.status) == (0, 0)
    assert again.out == first.out
    assert len(server.questions) == TRIALS
    assert f"{TRIALS} trials, {TRIALS} of them there already" in again.err


def test_a_finished_run_does_not_need_its_server(study: Rag, server: Endpoint, project: Path) -> None:
    assert study("eval", "run", "small.toml", "--model", "m", "--base-url", server.url).status == 0
    [path] = project.glob("rag-runs/*.rag-run")
    assert study("eval", "report", str(path)).status == 0


@pytest.mark.parametrize("change", [("--seed", "1"), ("--temperature", "0.1"), ("--samples", "2"), ("--n", "3")])
def test_another_design_is_another_run(asked: Rag, project: Path, change: tuple[str, str]) -> None:
    assert asked("run", "small.toml").status == 0
    assert asked("run", "small.toml", *change).status == 0
    assert len(list(project.glob("rag-runs/*.rag-run"))) == 2


@pytest.mark.parametrize("change", [("--concurrency", "1"), ("--timeout", "33"), ("--json",)])
def test_how_it_is_asked_makes_no_other_run(asked: Rag, server: Endpoint, change: tuple[str, ...]) -> None:
    assert asked("run", "small.toml").status == 0
    assert asked("run", "small.toml", *change).status == 0
    assert len(server.questions) == TRIALS


def test_changed_questions_are_another_run(study: Rag, project: Path) -> None:
    command = ("eval", "ab", "--questions", "questions.jsonl", "--index", "notes", "--model", "extractive")
    assert study(*command).status == 0
    text = (project / "questions.jsonl").read_text()
    (project / "questions.jsonl").write_text(text.replace("1871", "1872"))
    assert study(*command).status == 0
    assert len(list(project.glob("rag-runs/*.rag-run"))) == 2


def test_the_same_passages_indexed_anew_make_no_other_run(study: Rag, server: Endpoint) -> None:
    command = ("ab", "--questions", "questions.jsonl", "--index", "notes", "--model", "m", "--base-url", server.url)
    assert study("eval", *command).status == 0
    assert study("remove", "notes", "--yes").status == 0
    assert study("index", "notes").status == 0
    assert study("eval", *command).status == 0
    assert len(server.questions) == 16


def test_other_passages_make_another_run(study: Rag, server: Endpoint, project: Path) -> None:
    command = ("ab", "--questions", "questions.jsonl", "--index", "notes", "--model", "m", "--base-url", server.url)
    assert study("eval", *command).status == 0
    (project / "notes" / "new.md").write_text("# Another\n\nThe market of Holt opens at nine.\n")
    assert study("index", "notes").status == 0
    assert study("eval", *command).status == 0
    assert len(list(project.glob("rag-runs/*.rag-run"))) == 2
    assert len(server.questions) == 32


def test_failed_rows_are_asked_again(asked: Rag, server: Endpoint, project: Path) -> None:
    server.status = lambda number: 400 if number in (3, 4, 11) else 200
    first = asked("run", "small.toml", "--json")
    assert first.status == 1
    assert json.loads(first.out)["excluded"]["failed"] == 3
    assert "3 trials failed, the last one: " in first.err
    assert "the same command asks them again" in first.err
    server.status = lambda _: 200
    again = asked("run", "small.toml", "--json")
    assert again.status == 0
    assert len(server.questions) == TRIALS + 3
    with only_run(project) as run:
        attempts = sorted(trial.attempts for trial in run.trials())
    assert attempts == [1] * (TRIALS - 3) + [2] * 3


def test_a_run_may_have_a_file_of_its_own(asked: Rag, server: Endpoint, project: Path) -> None:
    assert asked("run", "small.toml", "--run", "mine/first.rag-run").status == 0
    assert asked("run", "small.toml", "--run", "mine/first.rag-run").status == 0
    assert len(server.questions) == TRIALS
    assert not (project / "rag-runs").exists()


def test_the_file_of_another_design_is_refused(asked: Rag, server: Endpoint) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    for change in (("--seed", "1"), ("--n", "2"), ("--samples", "2")):
        outcome = asked("run", "small.toml", *change, "--run", "a.rag-run")
        assert outcome.status == 2
        assert "is of another" in outcome.err
    assert len(server.questions) == TRIALS


def test_another_metric_asks_nothing_again(study: Rag, asked: Rag, server: Endpoint) -> None:
    assert asked("run", "small.toml", "--run", "a.rag-run").status == 0
    again = asked("run", "small.toml", "--metric", "token_f1", "--run", "a.rag-run", "--json")
    assert json.loads(again.out)["primary_metric"] == "token_f1"
    report = study("eval", "report", "a.rag-run", "--metric", "refused", "--metric", "token_f1", "--json")
    found = json.loads(report.out)
    assert found["primary_metric"] == "refused"
    assert {cell["metric"] for cell in found["cells"]} == {"refused", "token_f1"}
    assert study("eval", "report", "a.rag-run", "--metric", "no_such").status == 2
    assert len(server.questions) == TRIALS


def test_a_replay_asks_another_model_over_the_same_contexts(study: Rag, server: Endpoint, project: Path) -> None:
    command = ("eval", "ab", "--questions", "questions.jsonl", "--index", "notes", "--base-url", server.url)
    assert study(*command, "--model", "m", "--run", "m.rag-run").status == 0
    prompts = sorted(server.prompts())
    for note in (project / "notes").iterdir():
        note.unlink()
    assert study("remove", "notes", "--yes").status == 0  # nothing can be retrieved any more
    server.questions.clear()
    replay = ("--model", "other", "--replay", "m.rag-run", "--run", "other.rag-run")
    outcome = study(*command, *replay)
    assert outcome.status == 0, outcome.err
    assert {body["model"] for body in server.questions} == {"other"}
    assert sorted(server.prompts()) == prompts
    with open_run(Path("m.rag-run")) as before, open_run(Path("other.rag-run")) as after:
        assert [trial.context for trial in before.trials()] == [trial.context for trial in after.trials()]
        assert [e.id for e in before.examples()] == [e.id for e in after.examples()]
        for example in before.examples():
            assert before.candidates(example.id) == after.candidates(example.id)
    assert study("eval", "compare", "m.rag-run", "other.rag-run").status == 0


def test_a_replay_may_be_of_some_questions(study: Rag, server: Endpoint, project: Path) -> None:
    common = ("eval", "ab", "--index", "notes", "--base-url", server.url, "--questions", "questions.jsonl")
    assert study(*common, "--model", "m", "--run", "m.rag-run").status == 0
    server.questions.clear()
    outcome = study(*common, "--model", "other", "--n", "2", "--replay", "m.rag-run", "--json")
    assert outcome.status == 0
    assert json.loads(outcome.out)["n"] == 2
    assert len(server.questions) == 8
    with only_run(project) as run:
        assert run.manifest.facts["replay"] == "m"
        assert run.manifest.facts["index"]["name"] == "notes"


def test_a_replay_with_other_lengths_or_questions_is_refused(study: Rag, server: Endpoint, project: Path) -> None:
    common = ("eval", "ab", "--index", "notes", "--base-url", server.url, "--model", "m")
    assert study(*common, "--questions", "questions.jsonl", "--run", "m.rag-run").status == 0
    asked = len(server.questions)
    (project / "else.jsonl").write_text((project / "questions.jsonl").read_text().replace("Who", "When"))
    for change, said in (
        (("--questions", "questions.jsonl", "-k", "2"), "same lengths"),
        (("--questions", "else.jsonl"), "other questions"),
    ):
        outcome = study(*common, *change, "--replay", "m.rag-run")
        assert outcome.status == 2, outcome.err
        assert said in outcome.err
    assert len(server.questions) == asked
    assert not list(project.glob("rag-runs/*.rag-run"))

import csv
import json
import os
from pathlib import Path

import pytest

from tests.cli.eval.conftest import TRIALS, Rag
from tests.cli.eval.endpoint import Endpoint


@pytest.fixture
def run(asked: Rag, project: Path) -> str:
    """A finished run of `small.toml`."""
    assert asked("run", "small.toml").status == 0
    [path] = project.glob("rag-runs/*.rag-run")
    return str(path)


def test_a_finished_run_is_reported_without_its_server(study: Rag, run: str, server: Endpoint) -> None:
    before = server.requests
    outcome = study("eval", "report", run)
    assert outcome.status == 0
    assert "m 3 passages: spread" in outcome.out
    assert server.requests == before


def test_all_forms_are_written(study: Rag, run: str, project: Path) -> None:
    outcome = study(
        "eval", "report", run, "--html", "out.html", "--markdown", "out.md", "--csv", "out.csv", "--figures", "figures",
        "--json",
    )  # fmt: skip
    assert outcome.status == 0
    assert json.loads(outcome.out)["schema_version"] == 1
    assert "<script" in (project / "out.html").read_text()
    assert (project / "out.md").read_text().startswith("#")
    with (project / "out.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == TRIALS
    assert {path.suffix for path in (project / "figures").iterdir()} == {".png", ".svg"}
    for name in ("out.html", "out.md", "out.csv"):
        assert f"wrote {name}" in outcome.err


@pytest.mark.parametrize("option", ["--html", "--markdown", "--csv", "--figures"])
@pytest.mark.parametrize("target", ["small.toml/out", "folder"])
def test_a_target_that_cannot_be_written_is_said(study: Rag, run: str, project: Path, option: str, target: str) -> None:
    (project / "folder").mkdir()
    if option == "--figures" and target == "folder":
        target = "questions.jsonl"
    outcome = study("eval", "report", run, option, target)
    assert outcome.status == 2
    assert target in outcome.err
    assert "internal error" not in outcome.err
    assert outcome.out == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_target_that_may_not_be_written_is_said(study: Rag, run: str, project: Path) -> None:
    (project / "out.md").touch(mode=0o400)
    outcome = study("eval", "report", run, "--markdown", "out.md")
    assert (outcome.status, outcome.out) == (2, "")
    assert "out.md" in outcome.err


def test_folders_of_what_is_written_are_made(study: Rag, run: str, project: Path) -> None:
    assert study("eval", "report", run, "--markdown", "a/b/out.md", "--csv", "a/c/out.csv").status == 0
    assert (project / "a" / "b" / "out.md").stat().st_size
    assert (project / "a" / "c" / "out.csv").stat().st_size


def test_what_is_written_replaces_the_older(study: Rag, run: str, project: Path) -> None:
    (project / "out.md").write_text("x" * 10_000_000)
    assert study("eval", "report", run, "--markdown", "out.md").status == 0
    assert (project / "out.md").read_text().startswith("#")


@pytest.mark.parametrize("option", ["--html", "--markdown", "--csv"])
def test_a_run_is_not_overwritten_by_its_report(study: Rag, run: str, option: str) -> None:
    before = Path(run).read_bytes()
    outcome = study("eval", "report", run, option, run)
    assert outcome.status == 2
    assert Path(run).read_bytes() == before


@pytest.mark.parametrize("name", ["nothing.rag-run", "rag-runs", "questions.jsonl"])
def test_what_is_no_run_is_refused(study: Rag, run: str, name: str) -> None:
    outcome = study("eval", "report", name)
    assert outcome.status == 2
    assert name in outcome.err


def test_an_unfinished_run_is_reported_with_a_warning(study: Rag, server: Endpoint, project: Path) -> None:
    server.status = lambda number: 200 if number < 10 else 400
    assert study("eval", "run", "small.toml", "--model", "m", "--base-url", server.url).status == 1
    [path] = project.glob("rag-runs/*.rag-run")
    values = json.loads(study("eval", "report", str(path), "--json").out)
    assert values["excluded"]["failed"] + values["missing"] == TRIALS - 10
    assert any("run the same command again" in line for line in values["warnings"])

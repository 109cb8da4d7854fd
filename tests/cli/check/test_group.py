"""What the commands of `rag check` have in common."""

from pathlib import Path

import pytest

from tests.cli.check.conftest import CONFIG, Rag

COMMANDS = (("run",), ("bless", "--reason", "first"), ("diff",))


def test_without_a_command_it_shows_them(check: Rag) -> None:
    outcome = check()
    assert outcome.status == 0
    for name in ("init", "run", "bless", "diff"):
        assert f"\n  {name} " in outcome.out
    assert "rag check init --docs docs/ --questions" in outcome.out


def test_it_stands_among_the_evaluations(rag: Rag) -> None:
    assert "\n  check " in rag("--help").out.split("Evaluation:")[1].split("Indexes:")[0]


@pytest.mark.parametrize("command", ["init", "run", "bless", "diff"])
def test_help_has_examples(check: Rag, command: str) -> None:
    outcome = check(command, "--help")
    assert outcome.status == 0
    assert f"rag check {command}" in outcome.out.split("Examples:")[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_file_it_says_how_to_write_one(rag: Rag, project: Path, command: tuple[str, ...]) -> None:
    outcome = rag("check", *command)
    assert (outcome.status, outcome.out) == (2, "")
    assert "there is no 'ragcheck.toml' here; write one with `rag check init --docs docs/ " in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (CONFIG.replace("roots", "rots"), "rots"),
        (CONFIG + "\n[retrieval]\nmargin = -0.1\n", "retrieval.margin must be 0 or more, found -0.1"),
        (CONFIG.replace("questions.jsonl", "nowhere.jsonl"), "nowhere.jsonl"),
        (CONFIG + "[", "not valid TOML"),
    ],
)
def test_a_wrong_file_exits_with_2_and_one_line(
    check: Rag, notes: Path, command: tuple[str, ...], spoiled: str, message: str
) -> None:
    (notes / "ragcheck.toml").write_text(spoiled)
    outcome = check(*command)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("command", [("run",), ("bless", "--reason", "first")])
def test_an_empty_question_file_exits_with_2(check: Rag, notes: Path, command: tuple[str, ...]) -> None:
    (notes / "questions.jsonl").write_text("")
    outcome = check(*command)
    assert (outcome.status, outcome.out) == (2, "")
    assert "questions.jsonl" in outcome.err


def test_missing_packages_are_said_before_anything_else(check: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.packages.NEEDED", ("scipy", "no_such_package"))
    outcome = check("run")
    assert (outcome.status, outcome.out) == (2, "")
    assert "rag check needs more packages (no_such_package): pip install 'reasoning-rag[eval]'" in outcome.err
    assert check("run", "--help").status == 0


def test_the_check_is_found_by_its_file_from_anywhere(
    check: Rag, notes: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check("bless", "--reason", "first", "--config", "project/ragcheck.toml").status == 0
    assert (notes / "ragcheck.baseline.jsonl").is_file()
    assert check("run", "--config", "project/ragcheck.toml").status == 0
    assert not (tmp_path / ".ragcheck").exists()

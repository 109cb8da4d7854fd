"""The pytest plugin, in real sessions of pytest in a small project of their own."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation.check.checking import bless
from evaluation.check.config_file import read_config
from rag.folders import default_folders
from tests.cli.check.conftest import CONFIG, EXTRACTIVE, break_a_note, write_notes
from tests.cli.eval.conftest import NOTES

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Session:
    """How a session of pytest ended."""

    status: int
    out: str

    def outcomes(self) -> dict[str, int]:
        """Items by outcome, from the last line."""
        last = self.out.strip().splitlines()[-1]
        return {
            word.rstrip("s"): int(count) for count, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", last)
        }


PLUGIN = ("-p", "evaluation.check.pytest_plugin", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with notes, questions and a check, and a test of its own; the current one."""

    path: Path

    def pytest(self, *arguments: str, check: str = "ragcheck.toml") -> Session:
        """A session of pytest, with this plugin and none that happens to be installed."""
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = pytest.main([*PLUGIN, "--import-mode=importlib", "--rag-check", check, *arguments])
        return Session(status, out.getvalue())

    def pytest_apart(self, *arguments: str) -> Session:
        """The same in a process of its own, without any option."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *PLUGIN, *arguments],
            cwd=self.path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Session(done.returncode, done.stdout + done.stderr)

    def bless(self) -> None:
        """Makes what comes now the baseline."""
        bless(read_config(self.path / "ragcheck.toml"), default_folders(), reason="first", now=datetime.now(UTC))

    def break_a_note(self) -> None:
        """The document that question q0 needs is deleted, so that it is lost."""
        break_a_note(self.path)


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose check has no baseline; no settings reach it."""
    for name in [name for name in os.environ if name.startswith(("RAG_", "OPENAI_", "PYTEST_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "project"
    write_notes(path)
    write_questions(path)
    (path / "ragcheck.toml").write_text(CONFIG)
    (path / "tests").mkdir()
    (path / "tests" / "test_own.py").write_text("def test_own(): pass\n")
    (path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    monkeypatch.chdir(path)
    return Project(path)


@pytest.fixture
def blessed(plain: Project) -> Project:
    """The same with a baseline."""
    plain.bless()
    return plain


def write_questions(path: Path, *, extra: Sequence[dict[str, object]] = (), **more: object) -> None:
    """A question about each note, and `extra` ones; `more` is said of the first."""
    lines: list[dict[str, object]] = [
        {"id": f"q{at}", "question": question, "answers": [answer], "gold": [f"{at}.md"]}
        for at, (_, question, answer) in enumerate(NOTES)
    ]
    lines[0].update(more)
    (path / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*lines, *extra]))


def test_each_question_and_the_verdict_is_an_item_beside_the_projects_own(blessed: Project) -> None:
    session = blessed.pytest("-v")
    assert session.status == 0
    for name in ("q0", "q1", "q2", "q3", "verdict"):
        assert f"ragcheck.toml::{name} PASSED" in session.out
    assert "tests/test_own.py::test_own PASSED" in session.out
    assert session.outcomes() == {"passed": 6}


def test_a_lost_question_fails_with_what_it_lost_and_so_does_the_verdict(blessed: Project) -> None:
    blessed.break_a_note()
    session = blessed.pytest("-v")
    assert session.status == 1
    assert "ragcheck.toml::q0 FAILED" in session.out
    assert "ragcheck.toml::q1 PASSED" in session.out
    assert "ragcheck.toml::verdict FAILED" in session.out
    assert "retrieval recall@2: 100.0 % → 0.0 %" in session.out
    assert re.search(r"context: \d\.md", session.out)
    assert "REGRESSED" in session.out
    assert "Traceback" not in session.out
    assert "pytest_plugin.py" not in session.out


def test_collecting_lists_the_items_and_asks_nothing(blessed: Project) -> None:
    blessed.break_a_note()
    (blessed.path / ".ragcheck" / "ragcheck" / "index" / "manifest.json").unlink()
    session = blessed.pytest("--collect-only", "-q")
    assert session.status == 0
    for name in ("q0", "q1", "q2", "q3", "verdict"):
        assert f"ragcheck.toml::{name}\n" in session.out
    assert not (blessed.path / ".ragcheck" / "ragcheck" / "index" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (("-k", "q1 or q2"), 2),
        (("-m", "rag_check"), 5),
        (("-m", "not rag_check"), 1),
        (("ragcheck.toml::q2",), 1),
        (("ragcheck.toml::q1", "ragcheck.toml::q3"), 2),
        (("ragcheck.toml",), 5),
        ((".",), 6),
        (("--deselect", "ragcheck.toml::q0"), 5),
    ],
)
def test_items_are_selected_as_any_others(blessed: Project, arguments: tuple[str, ...], passed: int) -> None:
    assert blessed.pytest(*arguments).outcomes()["passed"] == passed


def test_the_verdict_is_over_all_questions_whatever_is_selected(blessed: Project) -> None:
    blessed.break_a_note()
    assert blessed.pytest("ragcheck.toml::q1").outcomes() == {"passed": 1}
    session = blessed.pytest("ragcheck.toml::verdict")
    assert session.outcomes() == {"failed": 1}
    assert "of 4 questions" in session.out


def test_without_a_baseline_questions_are_skipped_and_the_verdict_fails(plain: Project) -> None:
    session = plain.pytest("-rs")
    assert session.outcomes() == {"passed": 1, "skipped": 4, "failed": 1}
    assert "nothing is blessed yet: rag check bless" in session.out
    assert plain.pytest("--rag-check-inconclusive=pass", "ragcheck.toml::verdict").outcomes() == {"failed": 1}


def test_a_question_that_is_new_since_the_baseline_is_skipped(blessed: Project) -> None:
    write_questions(blessed.path, extra=[{"id": "new", "question": "Who?", "answers": ["me"], "gold": ["1.md"]}])
    session = blessed.pytest("-v", "-rs")
    assert "ragcheck.toml::new SKIPPED" in session.out
    assert "no baseline for it" in session.out
    assert "ragcheck.toml::verdict PASSED" in session.out


def test_a_broken_assertion_fails_its_question_and_the_verdict(plain: Project) -> None:
    (plain.path / "ragcheck.toml").write_text(EXTRACTIVE)
    write_questions(plain.path, must={"not_contain": ["1871"]})
    session = plain.pytest("-v")
    assert "ragcheck.toml::q0 FAILED" in session.out
    assert "ragcheck.toml::q1 SKIPPED" in session.out
    assert "ragcheck.toml::verdict FAILED" in session.out
    assert re.search(r"wanted: .*1871.*; found: ", session.out)


def test_what_infrastructure_kept_from_being_known_is_an_error(blessed: Project) -> None:
    dead = '\n[answers]\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n'
    (blessed.path / "ragcheck.toml").write_text(CONFIG + dead)
    session = blessed.pytest()
    assert session.outcomes() == {"passed": 1, "failed": 1, "error": 4}
    assert "not answered, by infrastructure's fault" in session.out
    assert "127.0.0.1:9" in session.out
    again = blessed.pytest("--rag-check-inconclusive=pass", "ragcheck.toml::verdict")
    assert again.outcomes() == {"failed": 1}


def test_a_check_that_cannot_be_done_is_an_error_of_each_item(blessed: Project) -> None:
    (blessed.path / "ragcheck.baseline.jsonl").write_text("<<<<<<< HEAD\n")
    session = blessed.pytest()
    assert session.outcomes() == {"passed": 1, "error": 5}
    assert "a mark of a merge conflict" in session.out
    assert "Traceback" not in session.out


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (CONFIG.replace("roots", "rots"), "rots"),
        (CONFIG.replace("questions.jsonl", "nowhere.jsonl"), "nowhere.jsonl"),
        (None, "there is no check at"),
    ],
)
def test_a_wrong_file_is_a_usage_error_of_one_line(plain: Project, spoiled: str | None, message: str) -> None:
    if spoiled is None:
        (plain.path / "ragcheck.toml").unlink()
    else:
        (plain.path / "ragcheck.toml").write_text(spoiled)
    session = plain.pytest()
    assert session.status == pytest.ExitCode.USAGE_ERROR
    assert message in session.out
    assert len(session.out.strip().splitlines()) == 1


def test_an_empty_question_file_is_a_usage_error(plain: Project) -> None:
    (plain.path / "questions.jsonl").write_text("")
    assert plain.pytest().status == pytest.ExitCode.USAGE_ERROR


@pytest.mark.slow
def test_workers_share_one_check(blessed: Project) -> None:
    blessed.break_a_note()
    runs = blessed.path / "runs.txt"
    (blessed.path / "conftest.py").write_text(
        "import evaluation.check.checking as checking\n"
        "real = checking.check\n"
        "def counted(*given):\n"
        f"    with open({str(runs)!r}, 'a') as file: file.write('x')\n"
        "    return real(*given)\n"
        "checking.check = counted\n"
    )
    session = blessed.pytest_apart("--rag-check", "ragcheck.toml", "-p", "xdist", "-n", "2")
    assert session.outcomes() == {"passed": 4, "failed": 2}
    assert "retrieval recall@2: 100.0 % → 0.0 %" in session.out
    assert runs.read_text() == "x"
    assert not list((blessed.path / ".ragcheck").rglob("pytest-*"))


def test_several_checks_in_one_session(blessed: Project) -> None:
    other = blessed.path / "other"
    other.mkdir()
    text = CONFIG.replace('"questions.jsonl"', '"../questions.jsonl"').replace('"notes"', '"../notes"')
    (other / "strict.toml").write_text(text)
    session = blessed.pytest("-v", "--rag-check", "other/strict.toml")
    assert "ragcheck.toml::q0 PASSED" in session.out
    assert "other/strict.toml::q0 SKIPPED" in session.out
    assert "other/strict.toml::verdict FAILED" in session.out


def test_the_file_is_found_from_the_projects_root_too(blessed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(blessed.path / "tests")
    assert blessed.pytest().outcomes() == {"passed": 6}


@pytest.mark.slow
def test_strict_settings_of_a_project_do_not_hit_the_libraries_of_the_check(blessed: Project) -> None:
    session = blessed.pytest_apart("--rag-check", "ragcheck.toml", "-W", "error", "--strict-markers", "--strict-config")
    assert session.outcomes() == {"passed": 6}


def test_names_and_texts_of_questions_cannot_steer_the_terminal(plain: Project) -> None:
    hostile: dict[str, object] = {
        "id": "a\x1b[2J\nb",
        "question": "Who\x1b]0;x\x07?",
        "answers": ["x"],
        "gold": ["1.md"],
    }
    write_questions(plain.path, extra=[hostile])
    (plain.path / "ragcheck.toml").write_text(CONFIG + '\n[answers]\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n')
    session = plain.pytest("-v", "-rA")
    assert "\x1b" not in session.out
    assert "\x07" not in session.out


def test_without_the_option_nothing_is_imported_and_collected(plain: Project) -> None:
    (plain.path / "tests" / "test_own.py").write_text(
        "import sys\n\n\ndef test_own():\n"
        "    loaded = {name.split('.')[0] for name in sys.modules}\n"
        "    assert not loaded & {'indexes', 'rag', 'pydantic', 'numpy', 'faiss', 'rich', 'filelock'}\n"
    )
    session = plain.pytest_apart()
    assert session.outcomes() == {"passed": 1}


def test_pytest_finds_it_where_the_package_is_installed(blessed: Project) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_DISABLE_PLUGIN_AUTOLOAD"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--rag-check", "ragcheck.toml", "-p", "no:cacheprovider"],
        cwd=blessed.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert Session(done.returncode, done.stdout + done.stderr).outcomes() == {"passed": 6}

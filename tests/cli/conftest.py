"""Runs the command line in process, away from the settings of whoever runs the tests."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.app import main
from tests.vllm.fixtures import vllm, vllm_model, vllm_python

__all__ = ["vllm", "vllm_model", "vllm_python"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, with no user settings and none in the environment."""
    for name in [name for name in os.environ if name.startswith(("RAG_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def rag(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `rag` with the given arguments in `project`."""

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr("sys.argv", ["rag", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return Outcome(end.value.code, captured.out, captured.err)

    return run

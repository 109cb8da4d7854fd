import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rag = Callable[..., Any]


def test_each_setting_is_shown_with_its_origin(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "rag.toml").write_text("k = 4\n")
    monkeypatch.setenv("RAG_MODE", "dense")
    lines = {line.split()[0]: line.split()[1:] for line in rag("config").out.splitlines() if line}
    assert lines["k"] == ["4", str(project / "rag.toml")]
    assert lines["mode"] == ["dense", "RAG_MODE"]
    assert lines["budget"] == ["not", "set", "default"]
    assert lines["project"] == [str(project / "rag.toml")]
    assert lines["user"][1:] == ["(not", "there)"]


def test_json_has_values_origins_and_files(rag: Rag, project: Path) -> None:
    shown = json.loads(rag("config", "--json").out)
    assert shown["schema_version"] == 1
    assert shown["settings"]["k"] == {"value": 10, "from": "default"}
    assert shown["settings"]["model"]["value"] is None
    assert shown["files"][0] == {"kind": "project", "path": str(project / "rag.toml"), "found": False}


@pytest.mark.parametrize("arguments", [["config"], ["config", "--json"]])
def test_secrets_are_never_shown(rag: Rag, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("RAG_API_KEY", "sk-very-secret")
    monkeypatch.setenv("RAG_BASE_URL", "https://me:hush@example.org/v1")
    outcome = rag(*arguments)
    assert outcome.status == 0
    assert "sk-very-secret" not in outcome.out + outcome.err
    assert "hush" not in outcome.out + outcome.err
    assert "RAG_API_KEY" in outcome.out


def test_values_cannot_paint_the_terminal(rag: Rag, project: Path) -> None:
    (project / "rag.toml").write_text('index = "[red]x[/red]\\u001b]0;pwned\\u0007"\n')
    out = rag("config").out
    assert "[red]x[/red]␛]0;pwned␇" in out
    assert "\x1b" not in out


def test_a_damaged_file_is_status_2_and_one_line(rag: Rag, project: Path) -> None:
    (project / "rag.toml").write_text("k = \n")
    outcome = rag("config")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1

"""A small project under a check: four notes, a question about each, and `ragcheck.toml`, with the hashing embedder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.cli.eval.conftest import NOTES

Rag = Callable[..., Outcome]
CONFIG = """
questions = "questions.jsonl"

[index]
roots = ["notes"]
embedder = "hashing"

[context]
passages = 2
"""
EXTRACTIVE = CONFIG + '\n[answers]\nmodel = "extractive"\n'


def write_questions(path: Path, **more: object) -> None:
    """A question about each note; `more` is said of the first of them."""
    lines: list[dict[str, object]] = [
        {"id": f"q{at}", "question": question, "answers": [answer], "gold": [f"{at}.md"], "tags": [f"t{at}"]}
        for at, (_, question, answer) in enumerate(NOTES)
    ]
    lines[0].update(more)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_notes(project: Path) -> None:
    """A document for each note."""
    (project / "notes").mkdir(parents=True)
    for number, (fact, _, _) in enumerate(NOTES):
        (project / "notes" / f"{number}.md").write_text(f"# Note {number}\n\n{fact} They say so in region {number}.\n")


@pytest.fixture
def notes(project: Path) -> Path:
    """The project: documents and questions, but no check yet."""
    write_notes(project)
    write_questions(project / "questions.jsonl")
    return project


@pytest.fixture
def check(rag: Rag, notes: Path) -> Rag:
    """`rag check` in the project, which has a check without a model."""
    (notes / "ragcheck.toml").write_text(CONFIG)

    def run(*arguments: str) -> Outcome:
        return rag("check", *arguments)

    return run


@pytest.fixture
def answering(check: Rag, notes: Path) -> Rag:
    """The same, but `extractive` answers."""
    (notes / "ragcheck.toml").write_text(EXTRACTIVE)
    return check


@pytest.fixture
def blessed(check: Rag) -> Rag:
    """`check` with a baseline."""
    assert check("bless", "--reason", "first").status == 0
    return check


def break_a_note(project: Path) -> None:
    """The document that question q0 needs is deleted, so that it is lost."""
    (project / "notes" / "0.md").unlink()

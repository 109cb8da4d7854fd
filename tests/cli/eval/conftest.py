"""A small study: documents in an index, questions about them, and an endpoint to ask."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from tests.cli.eval.endpoint import Endpoint, endpoint

Rag = Callable[..., Outcome]

NOTES = (
    ("The lighthouse of Varn was built in 1871.", "When was the lighthouse of Varn built?", "1871"),
    ("The bridge at Holt spans 412 metres.", "How long is the bridge at Holt?", "412 metres"),
    ("The mayor of Elsin is called Dora Quill.", "Who is the mayor of Elsin?", "Dora Quill"),
    ("The river Mord flows into the Grey Sea.", "Which sea does the river Mord flow into?", "Grey Sea"),
)
GRID = """
[data]
generate = "kv(keys=6, examples=4, seed=0)"

[arms]
placements = ["gold_at_depth(depth=0.0)", "gold_at_depth(depth=1.0)"]
passages = [3, 6]
repeat = true
closed_book = true
gold_only = true

[sampling]
max_tokens = 50

[metrics]
primary = "key_value_match"
"""
TRIALS = 28
"""Of `GRID`: four questions; two placements at two lengths, two bounds and the A/A arm."""


@pytest.fixture
def study(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> Rag:
    """`rag` in a folder with an index 'notes', `questions.jsonl` about it, and `small.toml`."""
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    (project / "notes").mkdir()
    lines = []
    for number, (fact, question, answer) in enumerate(NOTES):
        (project / "notes" / f"{number}.md").write_text(f"# Note {number}\n\n{fact} They say so in region {number}.\n")
        lines.append({"id": f"q{number}", "question": question, "answers": [answer], "gold": [f"{number}.md"]})
    (project / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (project / "small.toml").write_text(GRID)
    assert rag("index", "notes").status == 0
    return rag


@pytest.fixture
def server() -> Iterator[Endpoint]:
    """An endpoint that serves the models 'm' and 'other', which do not think."""
    with endpoint() as running:
        yield running


@pytest.fixture
def asked(study: Rag, server: Endpoint) -> Rag:
    """`rag eval` with the model 'm' of `server`."""

    def run(command: str, *arguments: str) -> Outcome:
        return study("eval", command, *arguments, "--model", "m", "--base-url", server.url)

    return run

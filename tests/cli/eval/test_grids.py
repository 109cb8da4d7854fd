from pathlib import Path

import pytest

from tests.cli.eval.conftest import Rag

READY = ["budget", "kv", "length", "placement", "position"]


def test_ready_grids_are_listed_with_their_question(rag: Rag) -> None:
    outcome = rag("eval", "grids")
    assert outcome.status == 0
    assert [line.split()[0] for line in outcome.out.splitlines()] == READY
    assert all("?" in line for line in outcome.out.splitlines())


@pytest.mark.parametrize("name", READY)
def test_a_printed_grid_is_a_grid(study: Rag, project: Path, name: str) -> None:
    (project / "mine.toml").write_text(study("eval", "grids", name).out)
    more = () if name == "kv" else ("--generate", "needle(passages=40, examples=3)")
    outcome = study("eval", "plan", "mine.toml", "--model", "r1-qwen-7b", *more)
    assert outcome.status == 0, outcome.err
    assert outcome.out.startswith("mine: ")


def test_an_unknown_grid_names_the_known_ones(rag: Rag) -> None:
    outcome = rag("eval", "grids", "positon")
    assert outcome.status == 2
    assert all(name in outcome.err for name in READY)

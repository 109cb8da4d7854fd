"""How often extracted sentences hold the answer, with the real embedder."""

from pathlib import Path

import pytest

from benchmarks.extractive import extractive, measured, nq_rows
from indexes.embedder.protocol import Embedder


@pytest.mark.slow
def test_two_sentences_answer_natural_questions_more_often_than_plain_likeness(
    shared_data: Path, minilm: Embedder
) -> None:
    """Measured 51 %; the plain scoring reaches 43 to 44 %. See benchmarks/extractive.py."""
    right, _ = measured(nq_rows(shared_data)[:100], 5, extractive, minilm)
    assert right >= 0.46

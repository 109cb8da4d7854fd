from pathlib import Path
from tempfile import TemporaryDirectory

import bm25s
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexes.lexical import LexicalIndex, build_lexical

TEXTS = ["the cat sat on the mat", "a dog and a cat", "birds sing", "a dog barks at another dog"]


def test_passages_that_share_words_come_best_first(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", TEXTS)
    hits = LexicalIndex(tmp_path / "l").search("dog", 10)
    assert hits.rows.tolist() == [3, 1]
    assert hits.scores[0] > hits.scores[1] > 0


@given(
    st.lists(st.text(st.sampled_from("abc xyz"), max_size=30), min_size=1, max_size=20), st.text("abcxyz ", max_size=20)
)
def test_scores_are_those_of_bm25s(texts: list[str], query: str) -> None:
    with TemporaryDirectory() as folder:
        build_lexical(Path(folder) / "l", texts)
        if not any((Path(folder) / "l").iterdir()):
            return
        reference = bm25s.BM25.load(str(Path(folder) / "l"), show_progress=False)
        words = bm25s.tokenize([query], stopwords="en", show_progress=False, return_ids=False)[0]
        expected = reference.get_scores(words) if words else np.zeros(len(texts), np.float32)
        np.testing.assert_allclose(LexicalIndex(Path(folder) / "l").scores(query), expected, rtol=1e-6)


def test_at_most_k_rows_and_ties_by_row(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", ["same words"] * 9)
    assert LexicalIndex(tmp_path / "l").search("words", 4).rows.tolist() == [0, 1, 2, 3]


def test_only_allowed_rows(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", TEXTS)
    hits = LexicalIndex(tmp_path / "l").search("cat dog", 10, allowed=np.array([0, 2]))
    assert hits.rows.tolist() == [0]


def test_query_of_stop_words_finds_nothing(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", TEXTS)
    assert len(LexicalIndex(tmp_path / "l").search("the and of ?!", 10).rows) == 0


def test_texts_without_words_give_an_empty_index(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", ["!!", "?"])
    assert len(LexicalIndex(tmp_path / "l").search("word", 10).rows) == 0


def test_unknown_words_find_nothing(tmp_path: Path) -> None:
    build_lexical(tmp_path / "l", TEXTS)
    assert len(LexicalIndex(tmp_path / "l").search("zebra", 10).rows) == 0

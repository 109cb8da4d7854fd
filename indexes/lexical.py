"""The lexical index (BM25, built by bm25s): made once a generation, memory-mapped by readers."""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexes.vectors import Hits

STOP_WORDS = "en"
WORD = r"(?u)\b\w\w+\b"
"""What counts as a word, when building and when searching."""

ARRAYS = ("indptr", "indices", "data")
"""The parts of the sparse matrix as bm25s names its files."""


def build_lexical(folder: Path, texts: Sequence[str]) -> None:
    """Writes the BM25 index of `texts` (k1 = 1.5, b = 0.75, Lucene's idf); nothing where no text has a word."""
    import bm25s

    folder.mkdir()
    tokens = bm25s.tokenize(list(texts), stopwords=STOP_WORDS, token_pattern=WORD, show_progress=False)
    if not any(len(ids) for ids in tokens.ids):
        return
    index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    index.index(tokens, show_progress=False)
    index.save(str(folder), show_progress=False)


class _Postings(NamedTuple):
    """What bm25s has written: for each word the passages that hold it and the score that it adds to each."""

    words: dict[str, int]
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


class LexicalIndex:
    """A BM25 index opened for search. Searching needs numpy alone: importing bm25s takes longer than a cold search."""

    def __init__(self, folder: Path) -> None:
        """Remembers the folder; it is opened by the first search."""
        self._folder = folder

    @cached_property
    def _postings(self) -> _Postings | None:
        if not any(self._folder.iterdir()):
            return None
        words = json.loads((self._folder / "vocab.index.json").read_bytes())
        arrays = (np.load(self._folder / f"{name}.csc.index.npy", mmap_mode="r") for name in ARRAYS)
        return _Postings(words, *arrays)

    @cached_property
    def _passages(self) -> int:
        return int(json.loads((self._folder / "params.index.json").read_bytes())["num_docs"])

    def scores(self, query: str) -> NDArray[np.float32]:
        """The BM25 score of every passage; words that the index does not know, as its stop words, add nothing."""
        scores = np.zeros(self._passages, np.float32)
        if self._postings is not None:
            words, starts, rows, added = self._postings
            for word in re.findall(WORD, query.lower()):
                if (number := words.get(word)) is not None:
                    span = slice(starts[number], starts[number + 1])
                    scores[rows[span]] += added[span]
        return scores

    def search(self, query: str, k: int, *, allowed: NDArray[np.int64] | None = None) -> Hits:
        """The `k` best rows that share a word with `query`, ties by row.

        Args:
            query: words; stop words do not count.
            k: how many at most.
            allowed: only these rows.
        """
        if self._postings is None:
            return Hits(np.empty(0, np.int64), np.empty(0, np.float32))
        scores = self.scores(query)
        rows = np.flatnonzero(scores > 0) if allowed is None else allowed[scores[allowed] > 0]
        if len(rows) > k:
            worst = np.partition(scores[rows], -k)[-k]
            rows = rows[scores[rows] >= worst]
        order = np.lexsort((rows, -scores[rows]))[:k]
        return Hits(rows[order].astype(np.int64), scores[rows][order])

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from indexes.errors import RequestError, UnknownNameError
from indexes.index import Index
from indexes.ranking import MODES, Mode, fuse, rank
from indexes.reranker import CrossEncoderReranker


class LongestFirst:
    """A reranker that prefers long texts."""

    name = "longest"

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def sources(index: Index, query: str, mode: Mode = "hybrid", where: Sequence[str] = ()) -> list[str]:
    return [ranked.passage.source for ranked in rank(index, query, mode=mode, where=where).passages]


@pytest.mark.parametrize("mode", MODES)
def test_best_passage_comes_first_and_ranks_count_from_one(folder: Path, cache: Path, mode: Mode) -> None:
    with Index(folder, cache=cache) as index:
        ranking = rank(index, "capital of Germany", mode=mode)
    assert ranking.passages[0].passage.source == "guide/germany.md"
    assert [ranked.rank for ranked in ranking.passages] == list(range(1, len(ranking.passages) + 1))
    scores = [ranked.score for ranked in ranking.passages]
    assert scores == sorted(scores, reverse=True)


def test_fusion_adds_reciprocal_ranks() -> None:
    """Row 7 is first and second: 1/61 + 1/62; row 3 second only: 1/62; row 5 first only: 1/61."""
    hits = fuse([np.array([7, 3]), np.array([5, 7])], 10)
    assert hits.rows.tolist() == [7, 5, 3]
    assert hits.scores.tolist() == pytest.approx([1 / 61 + 1 / 62, 1 / 61, 1 / 62])


def test_fusion_breaks_ties_by_row() -> None:
    assert fuse([np.array([9]), np.array([2])], 10).rows.tolist() == [2, 9]


def test_filters_narrow_all_modes(folder: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index:
        for mode in MODES:
            assert set(sources(index, "capital birds", mode, ["source=guide/*", "type=md"])) <= {
                "guide/france.md",
                "guide/germany.md",
            }
        assert sources(index, "capital", where=["source=nothing*"]) == []


def test_filter_on_an_unknown_key_names_the_known_ones(folder: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index, pytest.raises(UnknownNameError, match="did you mean 'source'"):
        rank(index, "capital", where=["sorce=x"])


@pytest.mark.parametrize("text", ["source", "=x"])
def test_filter_without_key_or_pattern_is_refused(folder: Path, cache: Path, text: str) -> None:
    with Index(folder, cache=cache) as index, pytest.raises(RequestError, match="key=pattern"):
        rank(index, "capital", where=[text])


def test_reranker_orders_anew_and_is_named(folder: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index:
        ranking = rank(index, "capital", k=2, reranker=LongestFirst())
    lengths = [len(ranked.passage.text) for ranked in ranking.passages]
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) == 2
    assert ranking.reranker == "longest"


def test_unknown_reranker_is_a_request_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(RequestError, match="cannot be loaded"):
        CrossEncoderReranker("no/such-model").score("q", ["text"])


@pytest.mark.parametrize("query", ["", "  \n"])
def test_empty_query_is_refused(folder: Path, cache: Path, query: str) -> None:
    with Index(folder, cache=cache) as index, pytest.raises(RequestError, match="query is empty"):
        rank(index, query)


def test_k_below_one_is_refused(folder: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index, pytest.raises(RequestError, match="at least 1"):
        rank(index, "capital", k=0)


def test_stale_sources_are_those_changed_or_gone(folder: Path, docs: Path, cache: Path) -> None:
    (docs / "birds.txt").write_text("something else")
    (docs / "guide/germany.md").unlink()
    with Index(folder, cache=cache) as index:
        stale = index.stale_sources(["guide/germany.md", "guide/france.md", "birds.txt", "birds.txt"])
    assert stale == ["guide/germany.md", "birds.txt"]

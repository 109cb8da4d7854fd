from pathlib import Path

import numpy as np
import pytest

from indexes.embedder.protocol import Vectors
from indexes.errors import RequestError
from indexes.vectors import VectorIndex, build_vectors, check_factory, default_factory


def unit_vectors(count: int, dimension: int = 16, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def exact(vectors: Vectors, query: Vectors, k: int) -> list[int]:
    order: list[int] = np.argsort(-(vectors @ query), kind="stable")[:k].tolist()
    return order


def test_exact_up_to_200_000_passages_and_a_graph_above() -> None:
    assert default_factory(200_000) == "Flat"
    assert default_factory(200_001).startswith("HNSW")


@pytest.mark.parametrize("factory", ["Flat", "HNSW32", "IVF4,Flat", "SQ8"])
def test_search_agrees_with_numpy(tmp_path: Path, factory: str) -> None:
    vectors = unit_vectors(400)
    info = build_vectors(tmp_path / "v", vectors, factory)
    index = VectorIndex(tmp_path / "v")
    query = unit_vectors(1, seed=1)[0]
    hits = index.search(query, 10)
    assert len(set(hits.rows) & set(exact(vectors, query, 10))) >= (10 if factory == "Flat" else 8)
    assert list(hits.scores) == sorted(hits.scores, reverse=True)
    assert info.recall_at_10 is not None
    assert info.recall_at_10 == 1.0 if factory == "Flat" else info.recall_at_10 > 0.9


@pytest.mark.parametrize("factory", ["Flat", "HNSW32", "IVF4,Flat"])
def test_filtered_search_is_exact_whatever_the_kind(tmp_path: Path, factory: str) -> None:
    vectors = unit_vectors(400)
    build_vectors(tmp_path / "v", vectors, factory)
    allowed = np.arange(3, 400, 7)
    query = unit_vectors(1, seed=1)[0]
    hits = VectorIndex(tmp_path / "v").search(query, 5, allowed=allowed)
    assert hits.rows.tolist() == allowed[exact(vectors[allowed], query, 5)].tolist()


def test_recall_is_one_where_all_passages_are_the_same(tmp_path: Path) -> None:
    vectors = np.tile(unit_vectors(1), (50, 1))
    assert build_vectors(tmp_path / "v", vectors, "Flat").recall_at_10 == 1.0


@pytest.mark.parametrize("count", [0, 1])
def test_almost_empty_index_can_be_searched(tmp_path: Path, count: int) -> None:
    info = build_vectors(tmp_path / "v", unit_vectors(count), "Flat")
    assert info.recall_at_10 is None
    assert VectorIndex(tmp_path / "v").search(unit_vectors(1)[0], 10).rows.tolist() == list(range(count))


def test_ties_are_broken_by_row(tmp_path: Path) -> None:
    vectors = np.tile(unit_vectors(1), (20, 1))
    build_vectors(tmp_path / "v", vectors, "Flat")
    rows = VectorIndex(tmp_path / "v").search(vectors[0], 20).rows.tolist()
    assert rows == list(range(20))


def test_unknown_factory_is_refused_before_anything_is_built() -> None:
    with pytest.raises(RequestError, match="'Wrong' is no FAISS index"):
        check_factory("Wrong", 16)


def test_factory_that_needs_more_passages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be built from 5 passages"):
        build_vectors(tmp_path / "v", unit_vectors(5), "IVF100,Flat")

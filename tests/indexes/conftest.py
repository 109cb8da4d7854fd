"""Fixtures for tests of indexing."""

from pathlib import Path

import pytest

from indexes.build import build_index
from tests.indexes.collection import HASHING, PAGES, write


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with three documents."""
    write(tmp_path / "docs", PAGES)
    return tmp_path / "docs"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A folder for exported models; the hashing embedder leaves it empty."""
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path, docs: Path, cache: Path) -> Path:
    """The folder of an index of `docs`."""
    folder = tmp_path / "indexes" / "docs"
    build_index(folder, [docs], cache=cache, recipe=HASHING)
    return folder

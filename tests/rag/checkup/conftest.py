"""Fixtures for tests of the checkup."""

from pathlib import Path

import pytest

from rag.folders import Folders
from tests.indexes.conftest import cache, docs, folder
from tests.vllm.fixtures import vllm, vllm_model, vllm_python

__all__ = ["cache", "docs", "folder", "folders", "vllm", "vllm_model", "vllm_python"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Empty ones."""
    return Folders(*(tmp_path / name for name in ("config", "cache", "data", "state")))

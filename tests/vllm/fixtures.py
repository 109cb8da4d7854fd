"""Fixtures for tests that need a real vLLM: to be imported into the conftest.py of their folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.vllm.server import ENVIRONMENT, MODEL, PYTHON, shared_server


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The interpreter of the environment that has vLLM."""
    if not (PYTHON.exists() and (ENVIRONMENT / "ready").exists()):
        require_or_skip("vllm", "there is no .venv-vllm, which `make test` sets up on Linux x86_64")
    return PYTHON


@pytest.fixture(scope="session")
def vllm_model(vllm_python: Path) -> Path:
    """The folder of a small real model with R1's think tags and template."""
    return MODEL


@pytest.fixture(scope="session")
def vllm(vllm_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Base URL and model name of a real vLLM server; parallel test processes share it."""
    base = tmp_path_factory.getbasetemp()
    with shared_server(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as url:
        yield url, vllm_model.name

"""Fixtures for tests of answering."""

from tests.indexes.embedder.conftest import embedder_cache, minilm
from tests.vllm.fixtures import vllm, vllm_model, vllm_python

__all__ = ["embedder_cache", "minilm", "vllm", "vllm_model", "vllm_python"]

"""Fixtures for tests of answering."""

from tests.indexes.embedder.conftest import embedder_cache, minilm

__all__ = ["embedder_cache", "minilm"]

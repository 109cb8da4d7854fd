"""Generators: datasets of any context length that need no download, the same wherever they are made."""

from evaluation.generators import chain as _chain  # noqa: F401 registers the built-in ones
from evaluation.generators import kv as _kv  # noqa: F401 registers the built-in ones
from evaluation.generators import needle as _needle  # noqa: F401 registers the built-in ones
from evaluation.generators.generating import generate
from evaluation.generators.registry import generator
from evaluation.generators.spec import GeneratorSpec, parse_generator

__all__ = ["GeneratorSpec", "generate", "generator", "parse_generator"]

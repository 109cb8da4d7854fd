"""Datasets from files: one small reader for each format, and one door that tells the formats apart."""

from evaluation.datasets import beir as _beir  # noqa: F401 registers the built-in ones
from evaluation.datasets import hotpotqa as _hotpotqa  # noqa: F401 registers the built-in ones
from evaluation.datasets import key_value as _key_value  # noqa: F401 registers the built-in ones
from evaluation.datasets import lost_in_the_middle as _lost_in_the_middle  # noqa: F401 registers the built-in ones
from evaluation.datasets import multidoc as _multidoc  # noqa: F401 registers the built-in ones
from evaluation.datasets import musique as _musique  # noqa: F401 registers the built-in ones
from evaluation.datasets import questions as _questions  # noqa: F401 registers the built-in ones
from evaluation.datasets import two_wiki as _two_wiki  # noqa: F401 registers the built-in ones
from evaluation.datasets.opening import open_dataset
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source

__all__ = ["Contents", "Source", "open_dataset", "reader"]

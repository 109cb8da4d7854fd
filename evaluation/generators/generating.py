"""Makes the dataset that a generator's spec stands for."""

from hashlib import sha256

from evaluation.datasets.record import shown
from evaluation.examples import Dataset
from evaluation.generators.registry import find_generator
from evaluation.generators.spec import parse_generator
from indexes.errors import RequestError

VERSION = 1
"""Of the built-in generators: part of the checksum, and counted up whenever one of them makes other examples."""


def generate(text: str) -> Dataset:
    """The dataset that `text` writes, such as ``needle(passages=200, seed=7)``; equal specs, equal datasets.

    Raises:
        UnknownNameError: no such generator.
        RequestError: not of that form, or a parameter is unknown, of another type or out of range.
    """
    spec = parse_generator(text)
    try:
        examples = find_generator(spec.name).function(**dict(spec.parameters))
    except ValueError as error:
        raise RequestError(f"generator {shown(str(spec))}: {error}") from error
    return Dataset(str(spec), spec.name, sha256(f"{VERSION} {spec}".encode()).hexdigest(), examples)

"""The dataset formats by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from evaluation.examples import Example
from indexes.errors import RequestError, UnknownNameError
from indexes.passages import Passage

if TYPE_CHECKING:
    from evaluation.datasets.source import Source


class Contents(NamedTuple):
    """What a reader finds; the meanings are those of `Dataset`."""

    examples: tuple[Example, ...]
    checksum: str
    corpus: tuple[Passage, ...] = ()
    warnings: tuple[str, ...] = ()


ReaderFunction = Callable[["Source"], Contents]

_F = TypeVar("_F", bound=ReaderFunction)


@dataclass(frozen=True, slots=True)
class Reader:
    """A registered reader.

    Attributes:
        name: of the format.
        keys: that all records of the format have, by which it is told from others; none where it is a folder or zip.
    """

    name: str
    function: ReaderFunction
    keys: frozenset[str]


_readers: dict[str, Reader] = {}


def reader(*, keys: Iterable[str] = ()) -> Callable[[_F], _F]:
    """Registers a function ``(source) -> Contents`` as the reader of the format of its name.

    Args:
        keys: that all records of the format have; none for a format that is a folder or a zip of one.

    Raises:
        RequestError: the name is taken.
    """

    def register(function: _F) -> _F:
        name = function.__name__
        if name in _readers:
            first, second = _readers[name].function.__module__, function.__module__
            raise RequestError(f"dataset format {name!r} is registered twice, by {first} and {second}; rename one")
        _readers[name] = Reader(name, function, frozenset(keys))
        return function

    return register


def find_reader(name: str) -> Reader:
    """The reader of the format called `name`.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in _readers:
        raise UnknownNameError("dataset format", name, _readers)
    return _readers[name]


def all_readers() -> dict[str, Reader]:
    """All readers by name, in the order of registration."""
    return dict(_readers)

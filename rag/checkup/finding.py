"""What a look at one thing found: well or not, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from indexes.errors import RagError

T = TypeVar("T")
State = Literal["ok", "warning", "failure"]
"""It works; it works less well than it could; what needs it cannot work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        what: the thing, in one or two words.
        state: how well it is.
        found: what there is, for people; may hold text of servers and files as it came.
        remedy: what to do, or what would be gained; None: nothing.
    """

    what: str
    state: State
    found: str
    remedy: str | None = None


def failed(what: str, error: RagError | OSError) -> Finding:
    """The failure that `error` tells of. The messages of our errors end in what to do, behind a semicolon.

    >>> failed("index", RagError("it is damaged; build it anew")).remedy
    'build it anew'
    """
    if isinstance(error, OSError):
        place = f": {error.filename!r}" if error.filename is not None else ""
        return Finding(what, "failure", f"{error.strerror or error}{place}")
    found, _, remedy = str(error).rpartition("; ")
    return Finding(what, "failure", found or remedy, remedy if found else None)


def told(what: str, findings: Iterator[T]) -> Iterator[T | Finding]:
    """`findings`; where looking at `what` raises, that is the last of them."""
    try:
        yield from findings
    except (RagError, OSError) as error:
        yield failed(what, error)

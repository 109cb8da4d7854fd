"""What a build did, for people and for `--json`."""

from collections.abc import Mapping
from dataclasses import dataclass

from indexes.changes import Name
from indexes.roots import Skipped


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. All counts but `passages` are of documents.

    Attributes:
        path: the index's folder.
        skipped: files that could not be read, with reasons, those of earlier builds too.
        seconds: how long it took.
        warnings: what the user should know, one sentence each.
    """

    name: str
    path: str
    documents: int
    passages: int
    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """How many documents came, changed, went and stayed."""

    added: int
    changed: int
    removed: int
    unchanged: int


def difference(before: Mapping[Name, str], after: Mapping[Name, str]) -> Difference:
    """Compares the content hashes of documents.

    >>> difference({("r", "a"): "1", ("r", "b"): "1"}, {("r", "a"): "2", ("r", "c"): "1"})
    Difference(added=1, changed=1, removed=1, unchanged=0)
    """
    common = before.keys() & after.keys()
    changed = sum(before[name] != after[name] for name in common)
    return Difference(
        added=len(after.keys() - before.keys()),
        changed=changed,
        removed=len(before.keys() - after.keys()),
        unchanged=len(common) - changed,
    )

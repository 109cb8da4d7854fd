"""What a reader is given: a file or folder, and helpers that read a record after the other from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.datasets.files import checksum, read_records
from evaluation.datasets.record import Record, shown
from evaluation.datasets.registry import Contents
from evaluation.examples import Example


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dataset comes from.

    Attributes:
        path: a file, or a folder.
        split: which part is wanted, of formats that have parts.
    """

    path: Path
    split: str = "test"

    def records(self) -> Iterator[Record]:
        """The objects of the file, see `read_records`."""
        return read_records(self.path)

    def examples(self, example: Callable[[Record], Example]) -> Contents:
        """The contents of a file in which each record is an example.

        Raises:
            RequestError: the file cannot be read, `example` refuses a record, or two have the same id.
        """
        found: list[Example] = []
        seen: dict[str, str] = {}
        for record in self.records():
            made = example(record)
            if made.id in seen:
                raise record.error(f"the id {shown(made.id)} is already that of {seen[made.id]}; ids must differ")
            seen[made.id] = record.number
            found.append(made)
        return Contents(tuple(found), checksum(self.path))

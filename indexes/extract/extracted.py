"""What a format's reader gives: text with its map, not yet a document, which adds source and type."""

from dataclasses import dataclass

from indexes.documents import Heading, Metadata


@dataclass(frozen=True, slots=True)
class RecordFields:
    """Which fields of a JSON record are its text, title and id: of each, the first that is there counts."""

    text: tuple[str, ...] = ("text", "content", "contents", "body")
    title: tuple[str, ...] = ("title", "name")
    id: tuple[str, ...] = ("_id", "id")


@dataclass(frozen=True, slots=True)
class Extracted:
    """One text found in a file. Fields of the same name are those of `Document`.

    Attributes:
        title: None where the file names none; then the first heading counts, or the file's name.
        record: the id of the record within its file; None where the file is one text.
    """

    text: str
    title: str | None = None
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Metadata = ()
    own_lines: bool = False
    record: str | None = None


def one_line(text: str) -> str:
    """The words of `text`, each white space between them folded to one space."""
    return " ".join(text.split())

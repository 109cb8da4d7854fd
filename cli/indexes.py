"""`rag indexes`, `rag verify`, `rag remove`: what indexes there are, and their care."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Directory

if TYPE_CHECKING:
    from indexes.directory import Entry

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which index; default: the only one.")]
NameAgain = Annotated[str | None, typer.Option("--index", help="The same as NAME.")]

OWNER = "sentence-transformers/"
"""Goes without saying in the name of a model."""


def indexes(directory: Directory = None, as_json: AsJson = False) -> None:
    """List the indexes."""
    from cli.console import note, print_result
    from cli.settings import load_settings
    from indexes.directory import list_indexes

    folder = load_settings(dir=directory).settings.dir
    entries = list_indexes(folder)
    if as_json:
        print_result({"dir": str(folder), "indexes": [entry_values(entry) for entry in entries]})
    elif entries:
        _draw(entries, folder)
    else:
        note(f"no index in {str(folder)!r}; build one with: rag index PATH")


def verify(name: Name = None, index: NameAgain = None, directory: Directory = None) -> None:
    """Check the files of an index against their checksums."""
    from rich.text import Text

    from cli.amounts import count_of
    from cli.console import stdout
    from cli.printable import filename
    from indexes.manifest import verify

    manifest = verify(find_entry(name, index, directory).folder)
    files = f"{count_of(len(manifest.checksums), 'file')} as built, {count_of(manifest.passages, 'passage')}"
    line = Text().append("ok", "bold green").append(f"   {filename(manifest.name)}   {files}")
    stdout().print(line, soft_wrap=True)


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which index.")],
    directory: Directory = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove an index. The documents that it was made of stay."""
    from cli.amounts import count_of
    from cli.console import note
    from cli.exits import WITHOUT_RESULT
    from cli.printable import one_line
    from indexes.directory import remove_index
    from indexes.errors import RequestError

    entry = find_entry(name, None, directory)
    size = count_of(entry.manifest.passages, "passage") if entry.manifest else "damaged"
    if not yes:
        if not sys.stdin.isatty():
            raise RequestError(
                f"removing index {entry.name!r} has to be confirmed; there is no one to ask, so give --yes"
            )
        if not typer.confirm(one_line(f"Remove the index {entry.name!r} ({size})? Its documents stay."), err=True):
            note("nothing was removed")
            raise typer.Exit(WITHOUT_RESULT)
    remove_index(entry.folder)
    note(f"removed the index {entry.name!r} ({size})")


def find_entry(name: str | None, index: str | None, directory: str | None) -> "Entry":
    """The list's entry of the index that is meant."""
    from cli.settings import load_settings
    from indexes.directory import find_index, list_indexes
    from indexes.errors import RequestError

    if name is not None and index is not None and name != index:
        raise RequestError(f"two indexes are named, {name!r} and by --index {index!r}; name one")
    settings = load_settings(dir=directory, index=name if name is not None else index).settings
    folder = find_index(settings.dir, settings.index)
    return next(entry for entry in list_indexes(settings.dir) if entry.folder == folder)


def entry_values(entry: "Entry") -> dict[str, object]:
    manifest = entry.manifest
    return {
        "name": entry.name,
        "path": str(entry.folder),
        "documents": manifest.documents if manifest else None,
        "passages": manifest.passages if manifest else None,
        "bytes": entry.bytes,
        "embedder": manifest.embedder.name if manifest else None,
        "created": manifest.created if manifest else None,
        "damage": entry.damage,
    }


def _draw(entries: Sequence["Entry"], folder: Path) -> None:
    from rich.filesize import decimal
    from rich.table import Table
    from rich.text import Text

    from cli.amounts import age_of
    from cli.console import stdout, warning
    from cli.printable import filename, one_line

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("name", overflow="ellipsis")
    for heading in ("documents", "passages", "size"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("model", overflow="ellipsis")
    table.add_column("age", justify="right", no_wrap=True)
    for entry in entries:
        name, manifest = Text(filename(entry.name), "bold"), entry.manifest
        if manifest is None:
            table.add_row(name, "", "", "", Text("damaged", "yellow"), "")
        else:
            model = Text(one_line(manifest.embedder.name).removeprefix(OWNER))
            counts = f"{manifest.documents:,}", f"{manifest.passages:,}", decimal(entry.bytes)
            table.add_row(name, *counts, model, Text(age_of(manifest.created), "dim"))
    out = stdout()
    out.print(table, width=None if out.is_terminal else 1000)
    out.print(Text(f"\nin {filename(str(folder))}", "dim"), soft_wrap=True)
    for entry in entries:
        if entry.damage:
            warning(one_line(entry.damage))

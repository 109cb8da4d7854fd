"""`rag index`: builds an index of files and folders, or refreshes one."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, Directory

if TYPE_CHECKING:
    from indexes.extract import RecordFields
    from indexes.report import BuildReport

_COUNTED = {"reading": "files", "embedding": "passages"}
"""Stage of a build to what is counted in it."""


def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders; none: refresh.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", "--index", help="Name of the index; default: that of the first PATH.")
    ] = None,
    directory: Directory = None,
    embedder: Annotated[
        str | None, typer.Option(help="Embedding model: a hub name or a folder; default: all-MiniLM-L6-v2.")
    ] = None,
    factory: Annotated[
        str | None, typer.Option(help="FAISS factory string; default: exact, HNSW above 200,000 passages.")
    ] = None,
    passage_tokens: Annotated[
        int | None, typer.Option(help="Most tokens of a passage; default: what the model reads, 256 at most.")
    ] = None,
    text_field: Annotated[str | None, typer.Option(help="Field of JSON records that holds the text.")] = None,
    title_field: Annotated[str | None, typer.Option(help="Field of JSON records that holds the title.")] = None,
    id_field: Annotated[str | None, typer.Option(help="Field of JSON records that holds the id.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Start anew: PATHs become the only ones, options may change.")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Take missing or emptied folders for deletions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Index files and folders, or refresh an index.

    PATHs are added to the index of that name, if there is one; without PATH it is brought up to date. Only what
    changed is read and embedded. What .gitignore and .ragignore leave out is left out, and hidden files are.
    """
    from dataclasses import asdict

    from cli.console import note, print_result
    from cli.progress import Progress
    from cli.settings import load_settings
    from indexes.build import build_index
    from indexes.directory import default_name, find_index, index_folder
    from indexes.errors import IndexMismatchError
    from indexes.recipe import Recipe

    loaded = load_settings(dir=directory, embedder=embedder, index=name)
    settings = loaded.settings
    paths = paths or []
    if paths:
        folder = index_folder(settings.dir, name if name is not None else default_name(paths[0]))
        if name is None:
            _say_whose_it_is(folder, paths, replace=replace)
    else:
        folder = find_index(settings.dir, settings.index)
    fields = _fields(text_field, title_field, id_field)
    recipe = Recipe(embedder=settings.embedder, factory=factory, fields=fields, passage_tokens=passage_tokens)
    try:
        with Progress() as shown:
            report = build_index(
                folder,
                paths,
                cache=settings.cache,
                recipe=recipe,
                anew=replace,
                allow_empty=allow_empty,
                progress=lambda stage, done, total: shown(*_counted(stage, done, total)),
            )
    except IndexMismatchError as error:
        origin = loaded.origins["embedder"]
        if settings.embedder is None or origin == "--embedder":
            raise
        raise IndexMismatchError(f"{error}; embedder {settings.embedder!r} comes from {origin}") from error
    except KeyboardInterrupt:
        note("what was embedded so far is kept; the same command continues from there")
        raise
    _say_what_is_missing(report)
    if as_json:
        print_result(asdict(report))
    else:
        _draw(report)


def _fields(text: str | None, title: str | None, id_: str | None) -> "RecordFields | None":
    from indexes.extract import RecordFields

    named = {"text": text, "title": title, "id": id_}
    chosen = {kind: (field,) for kind, field in named.items() if field is not None}
    return RecordFields(**chosen) if chosen else None


def _counted(stage: str, done: int, total: int) -> tuple[str, int, int]:
    return (_COUNTED[stage], done, total) if stage in _COUNTED else (stage, 0, 0)


def _say_whose_it_is(folder: Path, paths: Sequence[Path], *, replace: bool) -> None:
    """Says so where an index that nobody named is already that of other files and folders."""
    from cli.console import note
    from indexes.errors import RequestError
    from indexes.manifest import read_manifest

    given = {os.path.abspath(path) for path in paths}  # noqa: PTH100  roots keep their links
    with suppress(RequestError):  # the build will say what is wrong
        roots = read_manifest(folder).roots
        others = ", ".join(repr(root) for root in roots if root not in given)
        if others and (replace or not given <= set(roots)):
            doing = "replacing" if replace else "adding to"
            note(f"{doing} the index {folder.name!r} of {others}; for an index of its own give another --name")


def _say_what_is_missing(report: "BuildReport") -> None:
    from cli.console import note, warning
    from cli.printable import filename, one_line

    for skipped in report.skipped:
        note(f"skipped {filename(skipped.path)}: {one_line(skipped.reason)}")
    for text in report.warnings:
        warning(text)


def _draw(report: "BuildReport") -> None:
    from rich.text import Text

    from cli.amounts import count_of
    from cli.console import stdout
    from cli.printable import filename

    counts = {"added": report.added, "changed": report.changed, "removed": report.removed}
    changes = [f"{number:,} {what}" for what, number in counts.items() if number] or ["nothing changed"]
    if report.skipped:
        changes.append(f"{len(report.skipped):,} skipped")
    line = Text().append(filename(report.name), "bold")
    line.append(f"   {count_of(report.documents, 'document')}, {count_of(report.passages, 'passage')}   ")
    line.append(f"{', '.join(changes)}   {report.seconds:.1f} s", "dim")
    stdout().print(line, soft_wrap=True)
    stdout().print(Text(filename(report.path), "dim"), soft_wrap=True)

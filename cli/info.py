"""`rag info`: what an index was made of, and how."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cli.indexes import Name, NameAgain, entry_values, find_entry
from cli.options import AsJson, Directory

if TYPE_CHECKING:
    from indexes.directory import Entry
    from indexes.manifest import Manifest
    from indexes.roots import Skipped


def info(name: Name = None, index: NameAgain = None, directory: Directory = None, as_json: AsJson = False) -> None:
    """Show what an index was made of, and how."""
    from dataclasses import asdict

    from cli.console import print_result
    from indexes.errors import IndexDamagedError
    from indexes.index import Index

    entry = find_entry(name, index, directory)
    if entry.manifest is None:
        raise IndexDamagedError(entry.damage)
    with Index(entry.folder, cache=entry.folder) as opened:
        skipped = opened.skipped()
    if as_json:
        values = entry_values(entry) | asdict(entry.manifest) | {"skipped": [asdict(one) for one in skipped]}
        print_result({key: value for key, value in values.items() if key not in ("damage", "generation", "checksums")})
    else:
        _draw(entry, entry.manifest, skipped)


def _draw(entry: "Entry", manifest: "Manifest", skipped: Sequence["Skipped"]) -> None:
    from rich.text import Text

    from cli.console import stdout
    from cli.printable import filename, one_line

    out = stdout()
    out.print(Text(filename(entry.name), "bold"), soft_wrap=True)
    said = ""
    for what, value in _lines(entry, manifest):
        out.print(Text().append(f"  {what if what != said else '':<10}  ", "dim").append(value), soft_wrap=True)
        said = what
    for one in skipped:
        line = Text().append(f"  {'skipped' if said != 'skipped' else '':<10}  ", "dim").append(filename(one.path))
        out.print(line.append(f"  {one_line(one.reason)}", "dim"), soft_wrap=True)
        said = "skipped"


def _lines(entry: "Entry", manifest: "Manifest") -> Iterator[tuple[str, str]]:
    """What there is to say, by what it is about; all of it printable."""
    from rich.filesize import decimal

    from cli.amounts import age_of, count_of
    from cli.printable import filename, one_line
    from indexes.extract import RecordFields

    spec, vectors = manifest.embedder, manifest.vectors
    yield "path", filename(str(entry.folder))
    yield "built", f"{age_of(manifest.created)} ago, {one_line(manifest.created)}"
    for root in manifest.roots:
        yield "from", filename(root)
    yield "documents", f"{manifest.documents:,} in {count_of(manifest.files, 'file')}"
    yield "passages", f"{manifest.passages:,}, {decimal(entry.bytes)}"
    yield "embedder", one_line(spec.name)
    yield (
        "embedder",
        f"{spec.dimension} dimensions, reads {spec.max_tokens} tokens, fingerprint {spec.fingerprint[:12]}",
    )
    for kind, prompt in (("queries", spec.query_prompt), ("documents", spec.document_prompt)):
        if prompt:
            yield "embedder", f"put before {kind}: {one_line(repr(prompt))}"
    yield "cutting", one_line(manifest.cutting)
    if manifest.fields != RecordFields():
        for kind in ("text", "title", "id"):
            yield "fields", one_line(f"{kind}: {', '.join(getattr(manifest.fields, kind))}")
    chosen = "as asked for" if manifest.factory_asked else "by size"
    yield "vectors", f"FAISS {one_line(vectors.factory)}, {chosen}"
    if vectors.recall_at_10 is not None:
        queries = f"{vectors.sample} passages as queries"
        yield "vectors", f"recall@10 {vectors.recall_at_10:.3f} against exact search, on {queries}"
    for package, version in manifest.versions.items():
        yield "versions", one_line(f"{package} {version}")

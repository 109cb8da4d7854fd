"""The manifest of an index: what was built, from what, how, and the checksum of every file of its generation.

The manifest is the swap point: a generation becomes the index when its manifest is renamed into place.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexes.embedder.protocol import EmbedderSpec
from indexes.errors import IndexDamagedError, IndexMissingError
from indexes.extract import RecordFields
from indexes.vectors import VectorsInfo

FORMAT = 1
"""Version of the files of an index; an index of another version is refused, not guessed at."""

FILE_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file must be: its size in bytes, and its SHA-256 (hex)."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index is.

    Attributes:
        name: the index's name.
        generation: name of the folder, beside the manifest, that holds the files.
        created: when this generation was built, ISO 8601 in UTC.
        roots: absolute paths, in the order given.
        embedder: the model that made the vectors.
        cutting: spec of the cutting.
        passage_tokens: most tokens of a passage, as the user asked for; None: it went by the embedder.
        fields: which fields of JSON records were read.
        files: files indexed.
        documents: documents; a file of records holds several.
        passages: passages, and so vectors.
        skipped: files that could not be read.
        vectors: how the vectors are indexed.
        factory_asked: what the user asked for; None: chosen by size.
        versions: of the packages that matter.
        checksums: path inside the generation's folder to the checksum of that file.
    """

    name: str
    generation: str
    created: str
    roots: tuple[str, ...]
    embedder: EmbedderSpec
    cutting: str
    passage_tokens: int | None
    fields: RecordFields
    files: int
    documents: int
    passages: int
    skipped: int
    vectors: VectorsInfo
    factory_asked: str | None
    versions: Mapping[str, str]
    checksums: Mapping[str, Checksum]


def read_manifest(folder: Path) -> Manifest:
    """Reads the manifest of the index in `folder`.

    Raises:
        IndexMissingError: there is none.
        IndexDamagedError: it is not a manifest, or of another format.
    """
    path = folder / FILE_NAME
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise IndexMissingError(
            f"no index {folder.name!r} in {str(folder.parent)!r}; build it with: rag index PATH --name {folder.name}"
        ) from error
    except (OSError, ValueError) as error:
        raise _unknown(folder, f"its manifest cannot be read ({error})") from error
    try:
        found = values.pop("format")
        if found != FORMAT:
            raise _unknown(folder, f"its manifest has format {found!r}, this version of rag reads {FORMAT}")
        embedder = EmbedderSpec(**values.pop("embedder"))
        vectors = VectorsInfo(**values.pop("vectors"))
        fields = RecordFields(**{name: tuple(names) for name, names in values.pop("fields").items()})
        roots = tuple(values.pop("roots"))
        sums = {path: Checksum(**known) for path, known in values.pop("checksums").items()}
        return Manifest(embedder=embedder, vectors=vectors, fields=fields, roots=roots, checksums=sums, **values)
    except (TypeError, KeyError, AttributeError) as error:
        raise _unknown(folder, f"its manifest is not complete ({error})") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Makes `manifest` the index's: written aside, synced to disk, renamed into place."""
    aside = folder / f"{FILE_NAME}.new"
    values: dict[str, Any] = {"format": FORMAT, **asdict(manifest)}
    with aside.open("w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / FILE_NAME)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Makes renames inside `folder` durable, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def checksums(folder: Path) -> dict[str, Checksum]:
    """The checksum of every file below `folder`, by relative path with ``/``, sorted."""
    return {
        path.relative_to(folder).as_posix(): _checksum(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """A quick look at the files of an index: all there, none cut short. `verify` looks at every byte.

    Raises:
        IndexDamagedError: a file is missing or has another size.
    """
    for path, known in manifest.checksums.items():
        try:
            size = (folder / manifest.generation / path).stat().st_size
        except OSError as error:
            raise damaged(folder, f"{path} is missing") from error
        if size != known.size:
            raise damaged(folder, f"{path} has {size} bytes, not {known.size}")


def verify(folder: Path) -> Manifest:
    """Compares every file of the index in `folder` with its manifest.

    Raises:
        IndexDamagedError: a file is missing, changed or too many; all are named.
    """
    manifest = read_manifest(folder)
    found = checksums(folder / manifest.generation)
    wrong = []
    for path in sorted(found.keys() | manifest.checksums.keys()):
        if path not in found:
            wrong.append(f"{path} is missing")
        elif path not in manifest.checksums:
            wrong.append(f"{path} is not expected")
        elif found[path] != manifest.checksums[path]:
            wrong.append(f"{path} has changed")
    if wrong:
        raise damaged(folder, ", ".join(wrong))
    return manifest


def _checksum(path: Path) -> Checksum:
    with path.open("rb") as file:
        return Checksum(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def damaged(folder: Path, what: str) -> IndexDamagedError:
    """The error for an index whose manifest can be read, but not all of its files."""
    return IndexDamagedError(
        f"index {folder.name!r} is damaged: {what}; rebuild it with: rag index --name {folder.name} --replace"
    )


def _unknown(folder: Path, what: str) -> IndexDamagedError:
    return IndexDamagedError(
        f"index {folder.name!r} is damaged: {what}, so its roots are not known; "
        f"rebuild it with: rag index PATH --name {folder.name} --replace"
    )

"""The collection that passages are drawn from: an index of the user's, or one of the dataset's own passages."""

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from evaluation.examples import Dataset
from indexes.build import Progress, build_index
from indexes.embedder.source import DEFAULT_EMBEDDER, canonical_name
from indexes.errors import IndexDamagedError, IndexMissingError, RequestError
from indexes.index import Index
from indexes.passages import Passage
from indexes.recipe import Recipe

FILE = "passages.jsonl"


@dataclass(frozen=True, slots=True)
class Collection:
    """An open index, and for a pool what each of its documents was made of.

    A pool cuts the dataset's passages as any index cuts documents; `whole` and `cut` lead back to the dataset's own.

    Attributes:
        originals: the dataset's passages by their source in the index; empty for an index of the user's.
        named: the dataset's sources to those in the index.
    """

    index: Index
    originals: Mapping[str, Passage] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def whole(self, passage: Passage) -> Passage:
        """The dataset's passage that a passage of the index is part of; in an index of the user's, the passage."""
        return self.originals.get(passage.source, passage)

    def cut(self, passage: Passage) -> Passage:
        """A passage of the index under the names of the dataset; the dataset's own where it is all of that."""
        original = self.originals.get(passage.source)
        if original is None:
            return passage
        if original.text.strip() == passage.text.strip():
            return original
        return replace(
            passage,
            source=original.source,
            title=original.title,
            heading=original.heading,
            page=original.page,
            metadata=original.metadata,
        )

    def sources(self, source: str) -> tuple[str, ...]:
        """The sources in the index of what the dataset calls `source`."""
        return self.named.get(source, ()) if self.originals else (source,)

    def source_of(self, passage: Passage) -> str | None:
        """The source in the index of a passage of the dataset; None where it is not in it."""
        source = f"{FILE}#{_key(passage)}"
        return source if source in self.originals else None


def open_pool(
    dataset: Dataset,
    *,
    cache: Path,
    embedder: str | None = None,
    progress: Progress = lambda *_: None,
) -> Collection:
    """All passages of `dataset` as an index, each once; made when first asked for, kept under ``cache/evaluation``.

    Args:
        dataset: whole, not a part of it: what other questions bring are the distractors.
        cache: also keeps exported embedding models.
        embedder: name of the model; None: the default.
        progress: told how far the build is.

    Raises:
        RequestError: the dataset brings no passages, or the index cannot be built.
    """
    originals: dict[str, Passage] = {}
    named: dict[str, dict[str, None]] = {}
    for passage in (*(one for example in dataset.examples for one in example.passages), *dataset.corpus):
        source = f"{FILE}#{_key(passage)}"
        originals.setdefault(source, passage)
        named.setdefault(passage.source, {})[source] = None
    if not originals:
        raise RequestError(
            f"the dataset {dataset.name!r} brings no passages of its own to retrieve from; name an index by --index"
        )
    name = canonical_name(embedder or DEFAULT_EMBEDDER)
    folder = cache / "evaluation" / f"{_digest(originals)}-{re.sub(r'[^A-Za-z0-9.]+', '-', name)}"
    try:
        index = Index(folder / "pool", cache=cache)
    except (IndexMissingError, IndexDamagedError):
        _write(folder / FILE, originals)
        build_index(
            folder / "pool",
            [folder / FILE],
            cache=cache,
            recipe=Recipe(embedder=name),
            anew=True,
            progress=progress,
        )
        index = Index(folder / "pool", cache=cache)
    return Collection(index, originals, {name: tuple(sources) for name, sources in named.items()})


def _key(passage: Passage) -> str:
    """Equal for passages of equal title and text, wherever they come from."""
    return sha256(json.dumps([passage.title, passage.text]).encode()).hexdigest()[:16]


def _digest(originals: Mapping[str, Passage]) -> str:
    """Of all passages in their order: a pool is used again for whatever has the same."""
    return sha256("\n".join(originals).encode()).hexdigest()[:16]


def _write(path: Path, originals: Mapping[str, Passage]) -> None:
    """A record for each passage; the file is there whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - an open handle
                for source, passage in originals.items():
                    title = passage.title.strip() or passage.source  # without any, it would be the record's id
                    record = {"id": source.rpartition("#")[2], "title": title, "text": passage.text}
                    file.write(json.dumps(record) + "\n")
            Path(aside).replace(path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RequestError(
            f"cannot keep the passages of the dataset in {str(path.parent)!r}: {error.strerror or error}; "
            "free some space there or choose another cache folder"
        ) from error

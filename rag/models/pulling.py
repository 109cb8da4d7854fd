"""Pulls GGUF builds of catalogue entries from the model hub, and remembers which are here."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from indexes.errors import RequestError
from rag.folders import Folders, write_json
from rag.models.catalogue import Model, load_catalogue
from rag.models.hub import Progress, describe, fetch


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was pulled.

    Attributes:
        name: its catalogue entry.
        path: its file, checked when it was pulled.
        sha256: the file's checksum, in hex.
        bytes: the file's size.
        licence: as the hub names it; None where it does not.
        pulled: when, ISO 8601 with its time zone.
        repo: where on the hub it is from.
        file: its name there.
    """

    name: str
    path: Path
    sha256: str
    bytes: int
    licence: str | None
    pulled: str
    repo: str
    file: str


def pull(
    entry: Model,
    folders: Folders,
    *,
    say: Callable[[str], None],
    progress: Progress | None = None,
    endpoint: str | None = None,
    cache: Path | None = None,
) -> Pulled:
    """Fetches the GGUF build of `entry`, unless it is here.

    Args:
        entry: the model.
        folders: where is remembered what was pulled.
        say: told, before the download begins, what will be fetched: its size and licence.
        progress: told how the download comes on.
        endpoint: where the hub is; None: as huggingface_hub is set up.
        cache: the folder of huggingface_hub's cache; None: as it is set up.

    Raises:
        RequestError: no build is known, the hub could not be reached or does not give it, no room for it.
        RagError: the download stopped, or the file is not what the hub said.
    """
    if entry.gguf is None:
        known = [model.name for model in load_catalogue(folders.catalogue).values() if model.gguf]
        raise RequestError(f"no GGUF build of {entry.name!r} is known; there are builds of: {', '.join(known)}")
    here = next((one for one in pulled(folders) if one.name == entry.name), None)
    if here and (here.repo, here.file) == (entry.gguf.repo, entry.gguf.file):
        say(f"{entry.name} is here: nothing to fetch")
        return here
    build = describe(entry.gguf, endpoint=endpoint)
    size, licence = f"{build.bytes / 1e9:.2f} GB", build.licence or "not named"
    say(f"{build.file} of {build.repo}: {size}, licence: {licence}, SHA-256: {build.sha256}")
    path = fetch(build, progress=progress, endpoint=endpoint, cache=cache)
    now = datetime.now(UTC).isoformat()
    new = Pulled(entry.name, path, build.sha256, build.bytes, build.licence, now, build.repo, build.file)
    _remember(new, folders)
    return new


def pulled(folders: Folders) -> tuple[Pulled, ...]:
    """The models that are here, the last pulled first. Without those whose file is gone or has another size."""
    found = (_recall(path) for path in sorted(_folder(folders).glob("*.json")))
    return tuple(sorted((one for one in found if one), key=lambda one: one.pulled, reverse=True))


def _folder(folders: Folders) -> Path:
    return folders.data / "models"


def _remember(new: Pulled, folders: Folders) -> None:
    write_json(_folder(folders) / f"{quote(new.name, safe='')}.json", {**asdict(new), "path": str(new.path)})


def _recall(path: Path) -> Pulled | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        one = Pulled(**{**values, "path": Path(values["path"]), "pulled": str(values["pulled"])})
        return one if one.path.stat().st_size == one.bytes else None
    except (OSError, ValueError, TypeError, KeyError):  # gone, or damaged: it can be pulled again
        return None

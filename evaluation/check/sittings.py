"""Where the replies of a check are kept while it is asked, so that one that was stopped goes on where it stopped."""

from pathlib import Path
from secrets import randbelow
from typing import Any

from evaluation.run import Manifest
from evaluation.running.experiment import identity
from evaluation.store.errors import RunBusyError
from evaluation.store.opening import create_run, open_run, remove_run, resume_run
from evaluation.store.store import RunStore
from indexes.errors import RequestError

SEEDS = 2**31


def new_seed() -> int:
    """Of a new sitting; seeds differ from one to the next, so that a repeat is a real one."""
    return randbelow(SEEDS)


def open_sitting(path: Path, manifest: Manifest, *, resume: bool) -> RunStore:
    """The sitting at `path`, if it is to be resumed and asks the same; else a new one in its place.

    Args:
        path: of its file.
        manifest: what it asks; of an old sitting the seed may be another.
        resume: take an old one; its answers must never be taken for new ones otherwise.

    Raises:
        RunBusyError: another process writes it.
        RequestError: it cannot be written.
    """
    store = _resumed(path) if resume else None
    if store is not None:
        if _asks(store.manifest) == _asks(manifest):
            return store
        store.close()
    remove_run(path)
    return create_run(path, manifest)


def pending(path: Path, *, failed: bool = False) -> bool:
    """Whether there is a sitting at `path` that was not asked to its end; or that has replies that `failed`."""
    if not path.exists():
        return False
    try:
        with open_run(path) as store:
            return unasked(store) > 0 or (failed and bool(store.failed()))
    except RequestError:
        return False


def unasked(store: RunStore) -> int:
    """Replies of a sitting that were never asked for."""
    design = store.manifest.design
    total = store.manifest.examples * len(design.arms) * design.samples
    return total - len(store.finished()) - len(store.failed())


def _resumed(path: Path) -> RunStore | None:
    if not path.exists():
        return None
    try:
        return resume_run(path)
    except RunBusyError:
        raise
    except RequestError:  # damaged, or of another version: it can be asked again
        return None


def _asks(manifest: Manifest) -> dict[str, Any]:
    asked = identity(manifest)
    return {**asked, "design": {name: value for name, value in asked["design"].items() if name != "seed"}}

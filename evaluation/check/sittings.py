"""Where the replies of a check are kept while it is asked, so that one that was stopped goes on where it stopped.

A check has a folder of up to three sittings. The folder stands under `open` until the check has come to its end, and
under `done` afterwards: what is open goes on, what is done is looked at, and is never taken for new answers.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import randbelow
from typing import Any

from evaluation.run import Manifest
from evaluation.running.experiment import identity
from evaluation.store.errors import RunBusyError
from evaluation.store.opening import create_run, open_run, remove_run, resume_run
from evaluation.store.schema import SUFFIX
from evaluation.store.store import RunStore
from indexes.errors import RequestError

SEEDS = 2**31
MAIN, FROZEN, AGAIN = (f"{name}{SUFFIX}" for name in ("rag-check", "frozen", "again"))
"""Over the contexts of now; over the baseline's passages; and once more where the first shows a drop."""


def new_seed() -> int:
    """Of a new sitting; seeds differ from one to the next, so that a repeat is a real one."""
    return randbelow(SEEDS)


@dataclass(frozen=True, slots=True)
class Sittings:
    """The sittings of a check.

    Attributes:
        open: the folder of a check that has not come to its end.
        done: that of the last one that has.
    """

    open: Path
    done: Path

    def take_up(self) -> bool:
        """Opens what is done once more, if replies of it failed and nothing is open; tells whether anything is."""
        if not self.open.exists() and any(_lacks(path) for path in self.done.glob(f"*{SUFFIX}")):
            self.done.rename(self.open)
        return self.open.exists()

    def finish(self) -> None:
        """What is open is done."""
        if self.open.exists():
            shutil.rmtree(self.done, ignore_errors=True)
            self.open.rename(self.done)

    def discard(self) -> None:
        """Forgets what is open.

        Raises:
            RunBusyError: another process is asking.
        """
        for path in self.open.glob(f"*{SUFFIX}"):
            remove_run(path)
        shutil.rmtree(self.open, ignore_errors=True)

    def forget(self) -> None:
        """Forgets what is done."""
        shutil.rmtree(self.done, ignore_errors=True)


def sittings_in(folder: Path, kind: str, tags: Sequence[str] = ()) -> Sittings:
    """Those below `folder` of a `kind`; of some tags only, they are apart from those of all questions."""
    name = f"{kind}-{sha256(repr(sorted(set(tags))).encode()).hexdigest()[:8]}" if tags else kind
    return Sittings(folder / f"{name}.open", folder / name)


def discard_open(folder: Path, kind: str) -> None:
    """Forgets what is open of a `kind`, whatever its tags.

    Raises:
        RunBusyError: another process is asking.
    """
    for opened in folder.glob(f"{kind}*.open"):
        Sittings(opened, opened.with_suffix("")).discard()


def open_sitting(path: Path, manifest: Manifest) -> RunStore:
    """The sitting at `path` if it asks the same; else a new one, in place of all that are in its folder.

    Args:
        path: of its file.
        manifest: what it asks; of an old sitting the seed may be another.

    Raises:
        RunBusyError: another process writes it.
        RequestError: it cannot be written.
    """
    store = _resumed(path)
    if store is not None:
        if _asks(store.manifest) == _asks(manifest):
            return store
        store.close()
    for other in path.parent.glob(f"*{SUFFIX}") if path.name == MAIN else [path]:
        remove_run(other)
    return create_run(path, manifest)


def unasked(store: RunStore) -> int:
    """Replies of a sitting that were never asked for."""
    design = store.manifest.design
    total = store.manifest.examples * len(design.arms) * design.samples
    return total - len(store.finished()) - len(store.failed())


def _lacks(path: Path) -> bool:
    try:
        with open_run(path) as store:
            return unasked(store) > 0 or bool(store.failed())
    except RequestError:
        return False


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
    design = {name: value for name, value in asked["design"].items() if name != "seed"}
    return {**asked, "design": design, "sampling": manifest.facts.get("sampling")}

"""Where what outlives a command is kept, beside the indexes."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexes.places import APP, default_cache


@dataclass(frozen=True, slots=True)
class Folders:
    """Where what outlives a command is kept; made when first needed.

    Attributes:
        config: the user's settings, and their own catalogue of models.
        cache: what can be found out or fetched again: what endpoints can do.
        data: the list of the models that were pulled.
        state: the servers that run.
    """

    config: Path
    cache: Path
    data: Path
    state: Path

    @property
    def catalogue(self) -> Path:
        """The user's own catalogue of models, which need not be there."""
        return self.config / "models.toml"


def default_folders(cache: Path | None = None) -> Folders:
    """The platform's folders for the user; `cache` in place of its own."""
    import platformdirs

    return Folders(
        config=platformdirs.user_config_path(APP),
        cache=cache or default_cache(),
        data=platformdirs.user_data_path(APP),
        state=platformdirs.user_state_path(APP),
    )


def write_json(path: Path, values: Mapping[str, object]) -> None:
    """Writes a small file that its user alone can read: whole, or, where that fails, not at all. Makes its folder.

    Raises:
        OSError: it could not be written.
    """
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise

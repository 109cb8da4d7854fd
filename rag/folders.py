"""Where what outlives a command is kept, beside the indexes."""

from dataclasses import dataclass
from pathlib import Path

from indexes.places import APP, default_cache


@dataclass(frozen=True, slots=True)
class Folders:
    """Where what outlives a command is kept; made when first needed.

    Attributes:
        config: the user's own catalogue of models, `models.toml`.
        cache: what can be found out or fetched again: what endpoints can do.
        data: the list of the models that were pulled.
        state: the servers that run.
    """

    config: Path
    cache: Path
    data: Path
    state: Path


def default_folders(cache: Path | None = None) -> Folders:
    """The platform's folders for the user; `cache` in place of its own."""
    import platformdirs

    return Folders(
        config=platformdirs.user_config_path(APP),
        cache=cache or default_cache(),
        data=platformdirs.user_data_path(APP),
        state=platformdirs.user_state_path(APP),
    )

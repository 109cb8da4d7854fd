"""Loads what plugins add to a registry: they name a module under an entry-point group, and loading it registers."""

from functools import cache

from indexes.errors import RequestError


@cache
def load_plugins(group: str, kind: str) -> None:
    """Loads all plugins of `group`, once.

    Args:
        group: of entry points, as "rag.placements".
        kind: of what they register, in the singular, for messages.

    Raises:
        RequestError: one does not load.
    """
    from importlib.metadata import entry_points  # slow to import, and what is built in does without

    for entry_point in entry_points(group=group):
        try:
            entry_point.load()
        except Exception as error:  # a plugin may raise anything
            raise RequestError(
                f"the {kind} plugin {entry_point.name!r} ({entry_point.value}) does not load: {error!r}; "
                "repair or uninstall it"
            ) from error

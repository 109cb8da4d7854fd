"""Where indexes and exported models are kept if nothing else is said: the platform's folders for them."""

from pathlib import Path

APP = "reasoning-rag"


def default_directory() -> Path:
    """The folder that holds indexes, in the user's data folder."""
    import platformdirs

    return platformdirs.user_data_path(APP) / "indexes"


def default_cache() -> Path:
    """The folder that holds what can be made again, such as exported embedding models."""
    import platformdirs

    return platformdirs.user_cache_path(APP)

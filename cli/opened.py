"""Opens the index that a command reads; where reading fails because its files are damaged, the error says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.settings import Settings
    from indexes.index import Index


@contextmanager
def open_index(settings: "Settings") -> Iterator["Index"]:
    """The index that `settings` mean.

    Raises:
        RequestError: there is none, or it is damaged; damage may show only while it is used.
    """
    from indexes.directory import find_index
    from indexes.errors import RagError
    from indexes.index import Index
    from indexes.manifest import verify

    folder = find_index(settings.dir, settings.index)
    try:
        with Index(folder, cache=settings.cache) as index:
            yield index
    except (RagError, BrokenPipeError):
        raise
    except Exception:
        # damage shows itself in errors of many libraries: the checksums tell
        verify(folder)
        raise

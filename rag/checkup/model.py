"""Which model would answer, by the same precedence as `rag ask`, and why."""

from collections.abc import Callable, Iterator
from pathlib import Path

from indexes.errors import UnknownNameError
from rag.checkup.finding import Finding
from rag.endpoints.capabilities import Capabilities
from rag.folders import Folders
from rag.local import LocalAnswerer
from rag.models.catalogue import EXTRACTIVE, known_model, load_catalogue
from rag.opening import ModelChoice, discover, is_path, weights_of

GET_ONE = "for a reasoning model: `rag models pull NAME`, `rag serve NAME`, or --base-url URL"


def check_model(
    choice: ModelChoice, why: str | None, folders: Folders, say: Callable[[str], None]
) -> Iterator[Finding | Capabilities]:
    """The model that `choice` means; where an endpoint has it, what that can do. No weights are loaded.

    Args:
        choice: which model, as far as it is said.
        why: what said it, for people; None: nothing did.
        folders: where running servers, pulled models and the user's catalogue are.
        say: told before something slow begins.

    Raises:
        RequestError: no such model, its weights are not here, or its server is still loading.
    """
    found = discover(choice, folders)
    if found:
        choice = found.choice
        why = f"{why}; {found.how}" if why else found.how
    if choice.base_url is not None:
        from rag.checkup.endpoint import check_endpoint  # openai takes half a second to import

        yield from check_endpoint(choice, choice.base_url, why or "", folders, say)
    else:
        yield _local(choice.model or EXTRACTIVE, why, folders)


def _local(name: str, why: str | None, folders: Folders) -> Finding:
    catalogue = load_catalogue(folders.catalogue)
    entry = known_model(name, catalogue)
    because = f" ({why})" if why else ""
    if entry is None and not is_path(name):
        raise UnknownNameError("model", name, catalogue, hint="name one of `rag models`, a .gguf file, or a --base-url")
    if entry and entry.name == EXTRACTIVE:
        return Finding("model", "ok", f"{EXTRACTIVE}{because}: quotes, no language model", GET_ONE)
    path = weights_of(entry, folders) if entry else Path(name).expanduser()
    answerer = LocalAnswerer(path, entry=entry)  # looks at the file; loads nothing
    size = path.stat().st_size / 1e9
    return Finding("model", "ok", f"{answerer.model}{because}, in this process: {path}, {size:.1f} GB")

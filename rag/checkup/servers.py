"""The servers that `rag serve` has registered, those that are gone among them, and the models that were pulled."""

from collections.abc import Iterator
from pathlib import Path

from rag.checkup.finding import Finding
from rag.folders import Folders
from rag.models.pulling import pulled
from rag.serving.registration import Registration, abandoned, registered, state_of


def check_servers(folders: Folders) -> Iterator[Finding]:
    """Each server that is registered on this machine, newest first; then what dead ones left behind."""
    for server in registered(folders):
        yield _look(server)
    for path in abandoned(folders):
        remedy = f"`rag ask` passes it over and the next `rag serve` removes it; or: rm {str(path)!r}"
        yield Finding("rag serve", "warning", f"the server of {path.name!r} is gone, its entry is left", remedy)


def check_pulled(folders: Folders) -> Iterator[Finding]:
    """Each model that was pulled and is here, the last one first."""
    for one in pulled(folders):
        yield Finding("pulled", "ok", f"{one.name}, {one.bytes / 1e9:.1f} GB: {one.path}")


def _look(server: Registration) -> Finding:
    name = f"{server.model} at {server.url}"
    match state_of(server):
        case "ready":
            return Finding("rag serve", "ok", f"{name} is ready")
        case "loading":
            return Finding("rag serve", "ok", f"{name} is still loading")
        case None:
            log = f"see its log, {str(Path(server.log))!r}, or " if server.log else ""
            return Finding(
                "rag serve", "warning", f"{name} runs and does not answer", f"{log}stop it: kill {server.pid}"
            )

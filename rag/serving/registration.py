"""The servers that `rag serve` runs on this machine: one small file each, by which `rag ask` finds them."""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from rag.folders import Folders, write_json

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 3.0
"""A busy server is slow to say that it is well; one on this machine is never slow to take a connection."""

REFUSED = (401, 403, 404)

State = Literal["loading", "ready"]


@dataclass(frozen=True, slots=True)
class Registration:
    """A server as it was registered.

    Attributes:
        url: of its API, as ``http://127.0.0.1:8000/v1``.
        model: the first of the names that it serves its model under.
        entry: the model's name in the catalogue; None for what is not in it.
        pid: of the server, not of the `rag serve` that started it.
        started: seconds since 1970.
        host: the name of the machine that it runs on.
        log: the file that it writes what it does to.
        key: that it asks for; None if it asks for none.
        state: what `rag serve` last knew; "ready" stays even if the server hangs.
    """

    url: str
    model: str
    entry: str | None
    pid: int
    started: float
    host: str
    log: str | None = None
    key: str | None = field(default=None, repr=False)
    state: State = "loading"


class Live(NamedTuple):
    """A server that runs now.

    Attributes:
        state: "ready": it is well and lists the model; "loading": it was started and cannot answer yet.
    """

    registration: Registration
    state: State


def register(folders: Folders, registration: Registration) -> Path:
    """Writes the file of a server, in place of an earlier one at its port, and removes those of dead servers."""
    folder = _folder(folders)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path, values in _files(folder):
        if _is_ours(values) and not _lives(values):
            path.unlink(missing_ok=True)
    path = _path(folder, registration)
    write_json(path, {**asdict(registration), "birth": _birth(registration.pid)})
    return path


def unregister(folders: Folders, registration: Registration) -> None:
    """Removes the file of a server, unless another one has taken its port since."""
    path = _path(_folder(folders), registration)
    if _read(path).get("pid") == registration.pid:
        path.unlink(missing_ok=True)


def registered(folders: Folders) -> tuple[Registration, ...]:
    """The servers registered on this machine whose process lives, newest first. Reads files only."""
    found = [
        registration
        for _, values in _files(_folder(folders))
        if (registration := _parse(values)) and _is_ours(values) and _lives(values)
    ]
    return tuple(sorted(found, key=lambda server: (-server.started, server.url)))


def abandoned(folders: Folders) -> tuple[Path, ...]:
    """The files on this machine by which nobody finds a server: it is gone, or the file is damaged."""
    whole = {path: values for path, values in _files(_folder(folders)) if _parse(values)}
    every = sorted(_folder(folders).glob("*.json"))
    return tuple(path for path in every if path not in whole or (_is_ours(whole[path]) and not _lives(whole[path])))


def live(folders: Folders, *, models: Collection[str] = ()) -> Live | None:
    """The newest server that is well and lists its model, else the newest that is still loading; None: neither.

    With nothing registered it costs the look into one folder; otherwise two short requests a server.

    Args:
        folders: where servers are registered.
        models: names of the model that is wanted, in the catalogue and on the hub; none: any model.
    """
    loading = None
    for registration in registered(folders):
        state = state_of(registration, models=models)
        if state == "ready":
            return Live(registration, state)
        if state == "loading" and (not models or {registration.model, registration.entry} & set(models)):
            loading = loading or Live(registration, state)
    return loading


def state_of(registration: Registration, *, models: Collection[str] = ()) -> State | None:
    """What the server says of itself now; None if it was ready once and is not now, or has not that model.

    Args:
        registration: of a server whose process lives.
        models: names of which it must list one; none: the one it was registered with.
    """
    try:
        _get(registration, "/health")
    except OSError:
        return "loading" if registration.state == "loading" else None
    try:
        listed = json.loads(_get(registration, f"{urlsplit(registration.url).path}/models"))
        names = {served["id"] for served in listed["data"]}
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return "ready" if names & set(models or (registration.model,)) else None


def refusal(registration: Registration) -> int | None:
    """The status with which a server refuses to list its models; None: it lists them, or does not answer."""
    try:
        _get(registration, f"{urlsplit(registration.url).path}/models")
    except _StatusError as error:
        return error.status if error.status in REFUSED else None
    except OSError:
        pass
    return None


class _StatusError(OSError):
    """A page came with a status that is not 200."""

    def __init__(self, path: str, status: int) -> None:
        super().__init__(f"{path}: status {status}")
        self.status = status


def _get(registration: Registration, path: str) -> bytes:
    """The body of a page of the server, without a proxy; OSError whatever is wrong."""
    from http.client import HTTPConnection, HTTPException

    parts = urlsplit(registration.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        headers = {"Authorization": f"Bearer {registration.key}"} if registration.key else {}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise _StatusError(path, response.status)
        return response.read(1 << 20)
    except (HTTPException, ValueError) as error:  # ValueError: a key that fits in no header
        raise OSError(f"{path}: {error!r}") from error
    finally:
        connection.close()


def _folder(folders: Folders) -> Path:
    return folders.state / "servers"


def _path(folder: Path, registration: Registration) -> Path:
    # machines of a cluster may share the folder
    return folder / f"{registration.host}-{urlsplit(registration.url).port}.json"


def _files(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*.json")):
        yield path, _read(path)


def _read(path: Path) -> dict[str, Any]:
    """The values in the file; none if it is gone or damaged."""
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _parse(values: dict[str, Any]) -> Registration | None:
    try:
        known = {name: values[name] for name in Registration.__dataclass_fields__}
        parts = urlsplit(known["url"])
        usable = parts.scheme == "http" and parts.hostname and parts.port
    except (LookupError, ValueError, TypeError, AttributeError):
        return None
    texts = (known["url"], known["model"], known["host"])
    optional = (known["entry"], known["log"], known["key"])
    fits = (
        usable
        and all(isinstance(text, str) for text in texts)
        and all(text is None or isinstance(text, str) for text in optional)
        and isinstance(known["started"], int | float)
        and known["state"] in ("loading", "ready")
    )
    return Registration(**known) if fits else None


def _is_ours(values: dict[str, Any]) -> bool:
    import socket

    return values.get("host") == socket.gethostname()


def _lives(values: dict[str, Any]) -> bool:
    """Whether the process that was registered lives, not another that was given its number since."""
    pid = values.get("pid")
    return isinstance(pid, int) and pid > 0 and (birth := _birth(pid)) is not None and birth == values.get("birth")


def _birth(pid: int) -> int | None:
    """When the process began, in clock ticks since the machine did; 0 where that is not told; None: it is dead."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (OSError, OverflowError):
        return None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return None if fields[0] in "ZX" else int(fields[19])

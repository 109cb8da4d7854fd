"""vLLM as a child process: started, waited for, kept registered while it runs, and stopped with all its children."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from indexes.errors import RagError, RequestError
from rag.folders import Folders
from rag.serving import watch
from rag.serving.command import Command, Wanted, environment_of
from rag.serving.log import last_lines, reason
from rag.serving.registration import Registration, refusal, register, registered, state_of, unregister
from rag.serving.target import Target

POLL_SECONDS = 0.5
FIRST_PORT = 8000
PORTS_TRIED = 100


@dataclass(slots=True)
class Server:
    """A vLLM that runs.

    Attributes:
        registration: as it was last registered.
        log: what vLLM writes.
        process: vLLM's own.
        folders: where it is registered.
    """

    registration: Registration
    log: Path
    process: subprocess.Popen[bytes]
    folders: Folders

    def wait_until_ready(self, said: Callable[[float, str], None]) -> float:
        """Waits until the server answers for its model; the seconds that it took.

        Args:
            said: called while it loads, with the seconds so far and the last line of the log.

        Raises:
            RagError: vLLM ended instead, or is up and does not let us see its models.
        """
        began = time.monotonic()
        while (state := state_of(self.registration)) != "ready":
            if state is None and (status := refusal(self.registration)):
                raise RagError(
                    f"vLLM is up and refuses {self.registration.url}/models with status {status}, so `rag ask` could "
                    "not use it; leave out what of its flags or settings asks for another key or path (RAG_API_KEY "
                    f"sets a key); its log: {str(self.log)!r}"
                )
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(POLL_SECONDS)
                raise self._ended("while loading")
            lines = last_lines(self.log)
            said(time.monotonic() - began, lines[-1] if lines else "")
        self.registration = replace(self.registration, state="ready")
        register(self.folders, self.registration)
        return time.monotonic() - began

    def wait_for_end(self) -> RagError:
        """Waits until vLLM ends by itself, which it never should; why it did."""
        self.process.wait()
        return self._ended("by itself")

    def _ended(self, when: str) -> RagError:
        status = self.process.returncode
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        why = reason(last_lines(self.log))
        return RagError(f"vLLM {how} {when}{f': {why}' if why else ''}; its log: {str(self.log)!r}")


@contextmanager
def running(
    target: Target,
    wanted: Wanted,
    command: Command,
    *,
    folders: Folders,
    environment: Mapping[str, str],
    key: str | None = None,
) -> Iterator[Server]:
    """Starts vLLM; at the end of the `with` it is stopped and no longer registered, whatever happened.

    Args:
        target: the model.
        wanted: how it is served.
        command: what starts it.
        folders: where it is registered, and where its log goes.
        environment: variables that it inherits.
        key: that it is to ask for; None: it asks for none.
    """
    variables = environment_of(command, environment)
    if key is not None:
        variables["VLLM_API_KEY"] = key  # where `ps` does not show it
    host = socket.gethostname()  # machines of a cluster may share the folder
    log = folders.state / "logs" / f"{host}-{wanted.port}.log"
    process = _start(command, variables, log)
    registration = Registration(
        url=_url(wanted),
        model=target.names[0],
        entry=target.entry.name if target.entry else None,
        pid=process.pid,
        started=time.time(),
        host=host,
        log=str(log),
        key=key,
    )
    try:
        with _ended_at_last(process):
            register(folders, registration)
            yield Server(registration, log, process, folders)
    finally:
        unregister(folders, registration)


def free_port(host: str, port: int | None, *, folders: Folders) -> int:
    """A port that a server can listen at: `port`, or the first free one from `FIRST_PORT` on if that is None.

    Raises:
        RequestError: it is taken or not to be had, or there is no such host.
    """
    taken = {urlsplit(server.url).port for server in registered(folders)}  # one that loads does not listen yet
    problem = in_use = os.strerror(errno.EADDRINUSE)
    for candidate in (port,) if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        problem = in_use if candidate in taken else _problem(host, candidate)
        if not problem:
            return candidate
        if problem != in_use:
            break
    raise RequestError(
        f"cannot listen at port {candidate} of {host!r}: {problem.lower()}; give another --port or --host"
    )


def _problem(host: str, port: int) -> str:
    """Why a server could not listen there; empty if it could."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as vLLM does: just closed is free
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _url(wanted: Wanted) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(wanted.host, wanted.host)  # noqa: S104  compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{wanted.port}/v1"


def _start(command: Command, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)  # whose permissions would stay
    with open(log, "xb", opener=_for_its_owner) as output:
        try:
            return subprocess.Popen(  # noqa: S603  what the user asked for
                command.arguments,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C on the terminal reaches us alone, and we stop the group
            )
        except OSError as error:
            raise RequestError(f"cannot start {command.arguments[0]!r}: {error.strerror}") from error


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # prompts may stand in it


@contextmanager
def _ended_at_last(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ends the process and its group after the `with`; at once if interrupted again, and also if we are killed."""
    command = [sys.executable, "-I", watch.__file__, str(process.pid)]
    watcher = subprocess.Popen(  # noqa: S603  our own
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # whoever reads what we print is not to wait for it
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        yield
    finally:
        try:
            watch.end_group(process.pid)
        finally:
            process.wait()
            watcher.communicate(b"stopped")

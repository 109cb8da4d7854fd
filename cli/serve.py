"""`rag serve`: vLLM for a model, found by `rag ask` as long as it runs."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

if TYPE_CHECKING:
    from rag.serving.command import Wanted
    from rag.serving.installed import Installed
    from rag.serving.process import Server
    from rag.serving.target import Target

PLAIN_EVERY = 10.0
"""Seconds between two lines where no line can be drawn anew."""
LOG_LINES = 12


class _StopAskedError(Exception):
    """Someone asked for the end who was not at the keyboard: a service manager, or a terminal that closed."""


def serve(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A name of `rag models`, a hub id, or a folder.")],
    flags: Annotated[list[str] | None, typer.Argument(metavar="-- FLAGS", help="Passed to vLLM unchanged.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Default: 8000, or the next free one.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    context: Annotated[
        int | None, typer.Option("--context", help="Most tokens of prompt and reply; default: what fits.")
    ] = None,
    gpu_memory_share: Annotated[
        float | None, typer.Option("--gpu-memory-share", help="Of each GPU, above 0 to 1; default: vLLM's.")
    ] = None,
    tensor_parallel: Annotated[
        int | None, typer.Option("--tensor-parallel", help="GPUs that share each layer.")
    ] = None,
    data_parallel: Annotated[int | None, typer.Option("--data-parallel", help="Copies of the model.")] = None,
    pipeline_parallel: Annotated[
        int | None, typer.Option("--pipeline-parallel", help="Groups of GPUs that share out the layers.")
    ] = None,
    vllm_python: Annotated[
        str | None, typer.Option("--vllm-python", help="The Python that has vLLM; default: this one.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the command and start nothing.")] = False,
) -> None:
    """Serve a model with vLLM until Ctrl-C; meanwhile `rag ask` finds it.

    With RAG_API_KEY set, the server asks for that key.
    """
    from cli.console import note, warning
    from cli.settings import load_settings
    from rag.folders import default_folders
    from rag.models.catalogue import load_catalogue
    from rag.serving.command import Wanted, command_for, shell_line
    from rag.serving.process import FIRST_PORT, free_port, running
    from rag.serving.target import find_target

    wanted = Wanted(
        host=host,
        port=FIRST_PORT if port is None else port,
        context=context,
        gpu_memory_share=gpu_memory_share,
        tensor_parallel=tensor_parallel,
        data_parallel=data_parallel,
        pipeline_parallel=pipeline_parallel,
        flags=tuple(flags or ()),
    )
    loaded = load_settings(vllm_python=vllm_python)
    folders = default_folders(loaded.settings.cache)
    target = find_target(model, load_catalogue(folders.catalogue))
    vllm = _vllm(str(loaded.settings.vllm_python or sys.executable), needed=not dry_run)
    if target.entry is None and not any(flag.startswith("--reasoning-parser") for flag in wanted.flags):
        note(f"{target.names[0]} is not in the catalogue; if it thinks, name its parser: -- --reasoning-parser NAME")
    if not dry_run:
        wanted = replace(wanted, port=free_port(host, port, folders=folders))
    command = command_for(target, wanted, vllm, bfloat16=_bfloat16())
    # any other key in the settings is some hosted endpoint's, and not for a server here to keep
    secret = loaded.settings.api_key if loaded.origins["api_key"] == "RAG_API_KEY" else None
    key = (secret.get_secret_value() if secret else None) or os.environ.get("VLLM_API_KEY") or None
    if dry_run:
        print(shell_line(command, os.environ))
        if secret:
            note("set VLLM_API_KEY to the key that the server is to ask for; keys are not printed")
        return
    if key is None and host not in ("127.0.0.1", "localhost", "::1"):
        warning(f"whoever reaches {host} may use the model; set RAG_API_KEY to a key of your choice to ask for it")
    if not vllm.cpu and (problem := _memory_problem(target, wanted)):
        warning(problem)
    if port is None and wanted.port != FIRST_PORT:
        note(f"port {FIRST_PORT} is taken; the server gets {wanted.port}")
    with (
        suppress(_StopAskedError),
        _stop_when_asked(),
        running(target, wanted, command, folders=folders, environment=os.environ, key=key) as server,
    ):
        _serve(server)


def _serve(server: "Server") -> None:
    """Waits until it is ready, and then for its end."""
    from cli.console import note, stderr
    from indexes.errors import RagError
    from rag.serving.log import last_lines

    name = server.registration.model
    note(f"vLLM loads {name}; its log: {str(server.log)!r}")
    try:
        with _waiting(name) as said:
            seconds = server.wait_until_ready(said)
        ready = f"{name} is ready at {server.registration.url} after {seconds:.0f} s"
        stderr().print(f"{ready}; ask it with `rag ask`, stop it with Ctrl-C", soft_wrap=True)
        raise server.wait_for_end()
    except (KeyboardInterrupt, _StopAskedError):
        note("stopping vLLM ...")
        raise
    except RagError:
        for line in last_lines(server.log)[-LOG_LINES:]:
            note(f"  {line}")
        raise


def _vllm(python: str, *, needed: bool) -> "Installed":
    """The vLLM of an interpreter; where it has none and none is needed, the version that the flags were tried with."""
    from cli.console import note
    from indexes.errors import RequestError
    from rag.serving.installed import PINNED, Installed, find_python, find_vllm

    path = find_python(python)
    found = find_vllm(path)
    if found is None and needed:
        raise RequestError(
            f"vLLM is not installed for {path!r}; install it there with pip install 'reasoning-rag[serve]', "
            "or name the Python of an environment that has it with --vllm-python PATH"
        )
    if found is None:
        note(f"vLLM is not installed for {path!r}; the command is for version {PINNED}")
    return found or Installed(path, PINNED, cpu=False)


def _memory_problem(target: "Target", wanted: "Wanted") -> str | None:
    from rag.serving.gpus import find_gpus, memory_warning

    try:
        return memory_warning(target, wanted, find_gpus())
    except OSError as error:
        return f"{error}; see that its driver is installed and fits"


def _bfloat16() -> bool:
    from rag.serving.command import computes_bfloat16

    try:
        return computes_bfloat16(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return False


@contextmanager
def _waiting(name: str) -> Iterator[Callable[[float, str], None]]:
    """Shows how long the server has been loading and what it does: a live line, or a plain one now and then."""
    from cli.console import note, stderr
    from cli.printable import one_line

    if stderr().is_terminal:
        with stderr().status(f"loading {name}") as status:

            def draw(seconds: float, doing: str) -> None:
                line = one_line(f"loading {name}, {seconds:.0f} s: {doing}")
                status.update(Text(line[: stderr().width - 4]))

            yield draw
        return
    spoke_at = 0.0

    def say(seconds: float, doing: str) -> None:
        nonlocal spoke_at
        if seconds - spoke_at >= PLAIN_EVERY:
            spoke_at = seconds
            note(one_line(f"loading {name}, {seconds:.0f} s: {doing}"))

    yield say


@contextmanager
def _stop_when_asked() -> Iterator[None]:
    """Turns SIGTERM, and SIGHUP unless it is ignored as under `nohup`, into an exception here; SIGINT always is one."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  signal's signature
        raise _StopAskedError

    handlers = {signal.SIGTERM: stop, signal.SIGINT: signal.default_int_handler}  # a script's `&` has it ignored
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        handlers[signal.SIGHUP] = stop
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

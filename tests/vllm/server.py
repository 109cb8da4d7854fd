"""One real vLLM server for all test processes of a run: the first user starts it, it ends with the last one.

The users hold the writing end of a named pipe that the server's watcher reads, so the kernel counts them: a test
process that is killed counts as gone.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from filelock import FileLock

from rag.serving import watch

ENVIRONMENT = Path(__file__).parents[2] / ".venv-vllm"
PYTHON = ENVIRONMENT / "bin" / "python"
MODEL = ENVIRONMENT / "smollm2-r1"
LOADING_SECONDS = 600


@contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The base URL of the server that all processes with the same `folder` share.

    Raises:
        RuntimeError: it did not come up; the message is the end of its log.
    """
    with FileLock(folder / "vllm.lock"):
        user = _join(folder)
        if user is None:
            user = _start(folder)
        url = json.loads((folder / "vllm.json").read_text())
    try:
        yield url
    finally:
        os.close(user)


def _join(folder: Path) -> int | None:
    """Becomes a user of the server that runs; None: none runs."""
    try:
        return os.open(folder / "vllm.users", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # no pipe yet, or nobody reads it any more
        return None


def _start(folder: Path) -> int:
    pipe = folder / "vllm.users"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "vllm.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            _command(port), env=_variables(), stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
        )
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    user = os.open(pipe, os.O_WRONLY)
    os.set_blocking(reader, True)
    watcher = [sys.executable, "-I", watch.__file__, str(server.pid)]
    subprocess.Popen(
        watcher, stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
    ).returncode = 0  # it outlives this process on purpose, and so is no warning's business
    os.close(reader)
    try:
        _wait(server, port, log)
    except BaseException:
        os.close(user)  # then the watcher ends what is left
        raise
    (folder / "vllm.json").write_text(json.dumps(f"http://127.0.0.1:{port}/v1"))
    server.returncode = 0  # the watcher's, from now on
    return user


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + LOADING_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with opener.open(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    raise RuntimeError(f"vLLM did not come up: {log.read_text(errors='replace')[-3000:]}")


def _command(port: int) -> list[str]:
    arguments = [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server", "--model", str(MODEL)]
    arguments += ["--served-model-name", MODEL.name, "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--dtype", "float32", "--enforce-eager", "--max-model-len", "8192"]
    arguments += ["--enable-prompt-tokens-details", "--reasoning-parser", "deepseek_r1"]
    return [*arguments, "--structured-outputs-config", '{"backend": "xgrammar", "enable_in_reasoning": true}']


def _variables() -> dict[str, str]:
    own = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    return {**os.environ, **own, "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_NUM_OF_RESERVED_CPU": "0"}

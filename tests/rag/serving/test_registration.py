import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.folders import Folders
from rag.serving.registration import Live, Registration, live, refusal, register, registered, unregister


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config", tmp_path / "cache", tmp_path / "data", tmp_path / "state")


def of(port: int, *, model: str = "r1", started: float = 1.0, pid: int | None = None) -> Registration:
    return Registration(
        url=f"http://127.0.0.1:{port}/v1",
        model=model,
        entry=model,
        pid=os.getpid() if pid is None else pid,
        started=started,
        host=socket.gethostname(),
    )


@contextmanager
def serving(*names: str, key: str | None = None, health: int = 200) -> Iterator[int]:
    """A server on this machine that lists `names`; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = key is None or self.headers["Authorization"] == f"Bearer {key}"
            body = json.dumps({"data": [{"id": name} for name in names]}).encode()
            self.send_response(health if self.path == "/health" else 200 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_nothing_is_registered_at_first(folders: Folders) -> None:
    assert registered(folders) == ()
    assert live(folders) is None
    assert not folders.state.exists()


def test_what_was_registered_is_found_the_newest_first(folders: Folders) -> None:
    old, new = of(8000, started=1.0), replace(of(8001, started=2.0), key="k", log="/log", state="ready")
    register(folders, old)
    register(folders, new)
    assert registered(folders) == (new, old)


def test_a_file_is_readable_by_its_owner_alone_and_shows_no_key_in_print(folders: Folders) -> None:
    path = register(folders, replace(of(8000), key="secret"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret" not in repr(registered(folders))


def test_a_server_is_unregistered_but_not_its_successor_at_the_port(folders: Folders, dead_pid: int) -> None:
    mine = of(8000)
    register(folders, mine)
    unregister(folders, replace(mine, pid=dead_pid))
    assert registered(folders) == (mine,)
    unregister(folders, mine)
    unregister(folders, mine)
    assert registered(folders) == ()


def test_a_dead_server_is_ignored_and_its_file_goes_when_another_is_registered(folders: Folders, dead_pid: int) -> None:
    path = register(folders, of(8000, pid=dead_pid))
    assert registered(folders) == ()
    assert live(folders) is None
    assert path.exists()
    register(folders, of(8001))
    assert not path.exists()


def test_a_process_that_was_given_the_number_of_a_dead_server_is_not_it(folders: Folders) -> None:
    path = register(folders, of(8000))
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "birth": values["birth"] + 1}))
    assert registered(folders) == ()


def test_a_server_of_another_machine_is_ignored_and_kept(folders: Folders) -> None:
    path = register(folders, replace(of(8000), host="elsewhere"))
    register(folders, of(8000))
    assert [server.host for server in registered(folders)] == [socket.gethostname()]
    assert path.exists()


@given(damage=st.one_of(st.binary(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_a_damaged_file_is_ignored(damage: bytes | str, tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("state")
    (state / "servers").mkdir()
    (state / "servers" / "x-1.json").write_bytes(damage if isinstance(damage, bytes) else damage.encode())
    assert registered(Folders(state, state, state, state)) == ()


@given(
    name=st.sampled_from([*Registration.__dataclass_fields__, "birth"]),
    value=st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())),
)
def test_a_wrong_value_in_a_file_is_no_error(
    name: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = tmp_path_factory.mktemp("state")
    folders = Folders(state, state, state, state)
    path = register(folders, of(8000))
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    for server in registered(folders):
        assert isinstance(server.url, str)
        assert isinstance(server.pid, int)


def test_a_ready_server_is_live_under_each_name_that_it_lists(folders: Folders) -> None:
    with serving("r1", "owner/R1") as port:
        register(folders, of(port))
        assert live(folders) == Live(of(port), "ready")
        assert live(folders, models={"owner/R1", "elsewhere"}) == Live(of(port), "ready")
        assert live(folders, models={"other"}) is None


def test_a_server_that_lists_another_model_is_stale(folders: Folders) -> None:
    with serving("other") as port:
        register(folders, replace(of(port), state="ready"))
        assert live(folders) is None


def test_a_server_that_does_not_answer_yet_is_loading_and_one_that_no_longer_does_is_stale(folders: Folders) -> None:
    with serving("r1", health=503) as port:
        register(folders, of(port))
        assert live(folders) == Live(of(port), "loading")
        assert live(folders, models={"r1"}) == Live(of(port), "loading")
        assert live(folders, models={"other"}) is None
        register(folders, replace(of(port), state="ready"))
        assert live(folders) is None


def test_an_older_ready_server_goes_before_a_newer_one_that_loads(folders: Folders) -> None:
    with serving("r1") as port, serving("r1", health=503) as loading:
        register(folders, of(port, started=1.0))
        register(folders, of(loading, started=2.0))
        assert live(folders) == Live(of(port, started=1.0), "ready")


def test_the_key_of_a_server_is_sent_to_it(folders: Folders) -> None:
    with serving("r1", key="secret") as port:
        register(folders, of(port))
        assert live(folders) is None
        register(folders, replace(of(port), key="secret"))
        assert live(folders) is not None


def test_a_server_that_refuses_to_list_its_models_is_told_from_one_that_does_not_answer() -> None:
    with serving("r1", key="secret") as port:
        assert refusal(of(port)) == 401
        assert refusal(replace(of(port), key="secret")) is None
    assert refusal(of(port)) is None


def test_no_proxy_stands_between(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving("r1") as port:
        register(folders, of(port))
        assert live(folders) is not None


def test_looking_for_servers_loads_no_network_code() -> None:
    code = (
        "import sys; from pathlib import Path; from rag.folders import Folders\n"
        "from rag.serving.registration import live\n"
        "here = Path('/nonexistent'); assert live(Folders(here, here, here, here)) is None\n"
        "print({'openai', 'http.client', 'socket', 'ssl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from rag.checkup.servers import check_pulled, check_servers
from rag.folders import Folders
from rag.serving.registration import Registration, State, register
from tests.rag.checkup.loopback import serving
from tests.rag.endpoints.servers import Server


def registration(url: str, *, pid: int = os.getpid(), state: State = "ready") -> Registration:
    return Registration(url, "m", None, pid, time.time(), socket.gethostname(), log="/log", state=state)


def unused_url() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/v1"


def test_without_servers_there_is_nothing_to_say(folders: Folders) -> None:
    assert [*check_servers(folders)] == []


def test_a_server_that_is_ready_is_named(folders: Folders) -> None:
    server = Server(absent=page_of_health)
    with serving(server) as url:
        register(folders, registration(url))
        (finding,) = check_servers(folders)
    assert (finding.what, finding.state, finding.found) == ("rag serve", "ok", f"m at {url} is ready")


def page_of_health() -> httpx2.Response:
    return httpx2.Response(200, json={})


def test_a_server_that_loads_is_fine(folders: Folders) -> None:
    register(folders, registration(unused_url(), state="loading"))
    (finding,) = check_servers(folders)
    assert finding.state == "ok"
    assert "loading" in finding.found


def test_a_server_that_hangs_is_shown_with_its_log_and_how_to_stop_it(folders: Folders) -> None:
    register(folders, registration(unused_url()))
    (finding,) = check_servers(folders)
    assert finding.state == "warning"
    assert "does not answer" in finding.found
    assert finding.remedy == f"see its log, '/log', or stop it: kill {os.getpid()}"


def test_the_entry_of_a_dead_server_is_shown_with_its_file(folders: Folders) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = register(folders, registration(unused_url(), pid=ended.pid))
    (finding,) = check_servers(folders)
    assert (finding.state, finding.found) == ("warning", f"the server of '{path.name}' is gone, its entry is left")
    assert f"rm '{path}'" in (finding.remedy or "")


def test_a_damaged_entry_is_shown_and_one_of_another_machine_passed_over(folders: Folders) -> None:
    path = register(folders, registration(unused_url()))
    values = json.loads(path.read_bytes())
    path.write_text(json.dumps({**values, "host": "elsewhere"}))
    assert [*check_servers(folders)] == []
    for damage in ("{", "[]", '{"url": "x"}'):
        path.write_text(damage)
        (finding,) = check_servers(folders)
        assert finding.state == "warning"
        assert path.name in finding.found


def test_pulled_models_are_listed(folders: Folders, tmp_path: Path) -> None:
    assert [*check_pulled(folders)] == []
    weights = tmp_path / "tiny.gguf"
    weights.write_bytes(b"GGUF" + bytes(96))
    remember(folders, weights)
    (finding,) = check_pulled(folders)
    assert (finding.what, finding.state, finding.found) == ("pulled", "ok", f"tiny, 0.0 GB: {weights}")


def remember(folders: Folders, weights: Path) -> None:
    folder = folders.data / "models"
    folder.mkdir(parents=True)
    values = {"name": "tiny", "path": str(weights), "bytes": weights.stat().st_size, "licence": None, "repo": "a/b"}
    values |= {"sha256": "0" * 64, "pulled": "2026-01-01T00:00:00+00:00", "file": "tiny.gguf"}
    (folder / "tiny.json").write_text(json.dumps(values))

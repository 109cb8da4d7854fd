import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from indexes.errors import RequestError, UnknownNameError
from rag.checkup.finding import Finding
from rag.checkup.model import check_model
from rag.endpoints.capabilities import Capabilities
from rag.folders import Folders
from rag.opening import ModelChoice
from rag.serving.registration import Registration, State, register
from tests.rag.checkup.loopback import serving
from tests.rag.endpoints.servers import Server

ROOT = Path(__file__).parents[3]


def look(choice: ModelChoice, folders: Folders, why: str | None = None) -> list[Finding]:
    found = check_model(choice, why, folders, lambda _: None)
    return [one for one in found if not isinstance(one, Capabilities)]


def pulled(folders: Folders, content: bytes) -> Path:
    """What `rag models pull r1-qwen-1.5b` leaves."""
    folder = folders.data / "models"
    folder.mkdir(parents=True)
    weights = folder / "weights.gguf"
    weights.write_bytes(content)
    values = {"name": "r1-qwen-1.5b", "path": str(weights), "bytes": len(content), "licence": None, "repo": "a/b"}
    values |= {"sha256": "0" * 64, "pulled": "2026-01-01T00:00:00+00:00", "file": "tiny.gguf"}
    (folder / "r1-qwen-1.5b.json").write_text(json.dumps(values))
    return weights


def served(url: str, folders: Folders, state: State = "ready") -> None:
    register(folders, Registration(url, "m", None, os.getpid(), time.time(), socket.gethostname(), state=state))


def test_without_a_choice_quotes_answer_and_the_way_to_a_model_is_shown(folders: Folders) -> None:
    (finding,) = look(ModelChoice(), folders)
    assert (finding.what, finding.state) == ("model", "ok")
    assert finding.found.startswith("extractive: ")
    assert "`rag models pull NAME`" in (finding.remedy or "")


def test_a_pulled_model_answers_where_none_is_chosen(folders: Folders) -> None:
    weights = pulled(folders, b"GGUF" + bytes(96))
    (finding,) = look(ModelChoice(), folders)
    assert finding.found == f"r1-qwen-1.5b (the model pulled last), in this process: {weights}, 0.0 GB"
    (named,) = look(ModelChoice("r1-qwen-1.5b"), folders, "chosen by --model")
    assert "(chosen by --model; pulled)" in named.found


def test_a_running_server_goes_before_a_pulled_model(folders: Folders) -> None:
    pulled(folders, b"GGUF")
    with serving(Server(absent=lambda: httpx2.Response(200, json={}))) as url:
        served(url, folders)
        found = {finding.what: finding for finding in look(ModelChoice(), folders)}
    assert found["model"].found == "m (`rag serve` runs it)"
    assert found["answers"].state == "ok"


def test_weights_that_are_no_weights_are_refused(folders: Folders, tmp_path: Path) -> None:
    pulled(folders, b"<html>")
    with pytest.raises(RequestError, match="no GGUF file"):
        look(ModelChoice(), folders)
    with pytest.raises(RequestError, match="no model file"):
        look(ModelChoice(str(tmp_path / "absent.gguf")), folders)


def test_a_model_without_weights_says_how_to_get_them(folders: Folders) -> None:
    with pytest.raises(RequestError, match="fetch them with `rag models pull r1-qwen-7b`"):
        look(ModelChoice("r1-qwen-7b"), folders)


def test_an_unknown_model_is_refused(folders: Folders) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'r1-qwen-7b'"):
        look(ModelChoice("r1-qwen7b"), folders)


def test_a_server_that_loads_is_no_answer_yet(folders: Folders) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{one.getsockname()[1]}/v1"
    served(url, folders, "loading")
    with pytest.raises(RequestError, match="still loading"):
        look(ModelChoice(), folders)


def test_a_look_at_local_weights_loads_neither_them_nor_a_client(folders: Folders) -> None:
    pulled(folders, b"GGUF" + bytes(96))
    code = (
        "import sys; from pathlib import Path; from rag.checkup.checkup import check_answering; "
        "from rag.folders import Folders; from rag.opening import ModelChoice; "
        "f = Folders(*map(Path, sys.argv[1:])); "
        "found = [*check_answering(ModelChoice(), why=None, folders=f, directory=f.data, index=None, say=print)]; "
        "assert [one.what for one in found] == ['pulled', 'model', 'index'], found; "
        "print(*{'openai', 'xllamacpp', 'faiss', 'torch', 'onnxruntime', 'tokenizers'} & set(sys.modules))"
    )
    places = [folders.config, folders.cache, folders.data, folders.state]
    done = subprocess.run([sys.executable, "-c", code, *places], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

import cli.console
from tests.indexes.collection import PAGES, write
from tests.rag.checkup.loopback import serving
from tests.rag.endpoints.servers import Server

Rag = Callable[..., Any]

RUN = (
    "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    "from cli.app import main; sys.argv[0] = 'rag'; main()"
)
NEVER = {"torch", "faiss", "openai", "onnxruntime", "sentence_transformers", "tokenizers", "xllamacpp"}


@pytest.fixture
def docs(rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only index is of this folder."""
    monkeypatch.setenv("RAG_EMBEDDER", "hashing")
    monkeypatch.setenv("RAG_DIR", str(project / "indexes"))
    write(project / "docs", PAGES)
    assert rag("index", "docs").status == 0
    return project / "docs"


def findings(outcome: Any) -> dict[str, Any]:
    return {one["what"]: one for one in json.loads(outcome.out)["findings"]}


def test_all_is_well_with_an_index_and_no_model(rag: Rag, docs: Path) -> None:
    outcome = rag("doctor")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0].startswith("ok       python        3.")
    assert any(line.startswith("ok       model         extractive: quotes") for line in lines)
    assert any(line.startswith("                       → for a reasoning model: ") for line in lines)
    assert any(line.startswith("ok       index         docs: ") for line in lines)
    assert "\x1b" not in outcome.out


def test_json_keeps_the_contract(rag: Rag, docs: Path) -> None:
    outcome = rag("doctor", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    values = json.loads(outcome.out)
    assert values.keys() == {"schema_version", "findings", "capabilities"}
    assert (values["schema_version"], values["capabilities"]) == (1, None)
    assert all(one.keys() == {"what", "state", "found", "remedy"} for one in values["findings"])
    assert {"python", "packages", "vllm", "gpu", "settings", "model", "index"} <= findings(outcome).keys()


def test_an_endpoint_is_asked_what_it_can_do(rag: Rag, docs: Path) -> None:
    with serving(Server()) as url:
        outcome = rag("doctor", "--base-url", url, "--json")
        shown = rag("doctor", "--base-url", url)
    assert outcome.status == 0
    assert json.loads(outcome.out)["capabilities"] == {
        "server": "vllm 0.32.0",
        "dialect": "vllm",
        "thinks": "inside",
        "separates": True,
        "context": 8192,
        "budget": "server",
        "no_think": "server",
        "cached": True,
        "constraint": None,
        "samples": False,
    }
    assert findings(outcome)["model"]["found"] == "m (chosen by --base-url)"
    assert shown.status == 0
    assert f"asking {url} what it can do" in shown.err
    assert "0 failures, 2 warnings" in shown.err
    assert "ok       budget        the server bounds the thinking" in shown.out


@pytest.mark.parametrize("as_json", [True, False])
def test_a_dead_endpoint_is_status_1_and_the_rest_is_looked_at_all_the_same(
    rag: Rag, docs: Path, as_json: bool
) -> None:
    outcome = rag("doctor", "--base-url", "http://127.0.0.1:9/v1", "--timeout", "2", *(["--json"] if as_json else []))
    assert outcome.status == 1
    if as_json:
        found = findings(outcome)
        assert (found["endpoint"]["state"], found["index"]["state"]) == ("failure", "ok")
        assert found["endpoint"]["remedy"] == "start it, or correct --base-url"
    else:
        assert "failure  endpoint      could not list the models: no server answers at" in outcome.out
        assert "ok       index " in outcome.out
        assert "1 failure, 0 warnings" in outcome.err


def test_a_damaged_index_is_status_1_with_the_remedy(rag: Rag, docs: Path, project: Path) -> None:
    (store,) = (project / "indexes" / "docs").glob("*/store.sqlite")
    store.unlink()
    outcome = rag("doctor")
    assert outcome.status == 1
    assert "failure  index         index 'docs' is damaged: store.sqlite is missing" in outcome.out
    assert "→ rebuild it with: rag index --name docs --replace" in outcome.out


def test_no_index_is_a_warning_and_an_unknown_one_a_failure(rag: Rag, docs: Path, project: Path) -> None:
    outcome = rag("doctor", "--dir", str(project / "elsewhere"))
    assert outcome.status == 0
    assert "→ build one with: rag index PATH" in outcome.out
    unknown = rag("doctor", "--index", "papers", "--json")
    assert unknown.status == 1
    assert findings(unknown)["index"]["found"] == "unknown index 'papers'"


@pytest.mark.parametrize("content", [b"k = ", b"\xff\xfe", b"nonsense = 1", b'base_url = "x"'])
def test_settings_that_cannot_be_used_are_a_failure_that_names_the_file(
    rag: Rag, project: Path, content: bytes
) -> None:
    (project / "rag.toml").write_bytes(content)
    outcome = rag("doctor", "--json")
    assert outcome.status == 1
    found = findings(outcome)
    assert found["settings"]["state"] == "failure"
    assert "rag.toml" in found["settings"]["found"] + str(found["settings"]["remedy"])
    assert found["packages"]["state"] == "ok"
    assert "model" not in found


def test_a_flag_that_overrides_a_wrong_setting_lets_the_rest_be_looked_at(rag: Rag, project: Path) -> None:
    (project / "rag.toml").write_text('base_url = "x"')
    outcome = rag("doctor", "--base-url", "http://127.0.0.1:9/v1", "--json")
    assert {"settings", "endpoint"} <= {what for what, one in findings(outcome).items() if one["state"] == "failure"}


def test_settings_name_their_files(rag: Rag, project: Path) -> None:
    (project / "rag.toml").write_text('model = "extractive"')
    found = findings(rag("doctor", "--json"))
    assert found["settings"]["found"] == str(project / "rag.toml")
    assert found["model"]["found"].startswith(f"extractive (chosen by {project / 'rag.toml'})")


def test_a_broken_catalogue_of_the_user_is_named(rag: Rag, project: Path) -> None:
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "reasoning-rag" / "models.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[x")
    outcome = rag("doctor", "--model", "x", "--json")
    assert outcome.status == 1
    assert str(path) in json.dumps(findings(outcome)["model"])


def test_a_python_for_vllm_that_is_not_there_is_a_failure(
    rag: Rag, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_VLLM_PYTHON", str(project / "python"))
    outcome = rag("doctor", "--json")
    assert outcome.status == 1
    assert findings(outcome)["vllm"]["state"] == "failure"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--timeout", "0"), "timeout must be greater than 0"),
        (("--base-url", "localhost:8000"), "base_url must look like"),
        (("--modle", "x"), "did you mean"),
        (("surplus",), "surplus"),
    ],
)
def test_wrong_usage_is_status_2(rag: Rag, project: Path, arguments: tuple[str, ...], words: str) -> None:
    outcome = rag("doctor", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert words in outcome.err


def test_a_server_cannot_command_the_terminal(rag: Rag, project: Path) -> None:
    hostile = "m\x1b[2J\nok       endpoint      fine"
    with serving(Server(listed={"data": [{"id": hostile}]})) as url:
        outcome = rag("doctor", "--base-url", url)
        told = rag("doctor", "--base-url", url, "--model", "x\x1b[31m")
    for one in (outcome, told):
        assert "\x1b" not in one.out + one.err
        assert not any(line.startswith("ok       endpoint      fine") for line in one.out.splitlines())
    assert "m␛[2J ok" in outcome.out


def test_no_line_is_wider_than_the_terminal_and_none_is_cut(
    rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rag("doctor", "--base-url", "http://127.0.0.1:9/v1").out
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=80, color_system=None, legacy_windows=False, highlight=False,
        markup=False, emoji=False,
    )  # fmt: skip
    monkeypatch.setattr(cli.console, "stdout", lambda: console)
    rag("doctor", "--base-url", "http://127.0.0.1:9/v1")
    drawn = out.getvalue()
    assert max(map(len, drawn.splitlines())) <= 80
    assert "".join(drawn.split()) == "".join(whole.split())


def test_colour_goes_to_a_terminal_only(rag: Rag, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, color_system="standard", legacy_windows=False)
    monkeypatch.setattr(cli.console, "stdout", lambda: console)
    rag("doctor")
    assert "\x1b[32mok" in out.getvalue()


def test_without_an_endpoint_nothing_heavy_is_loaded(rag: Rag, docs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "doctor"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "index         docs: " in done.stdout
    assert not NEVER & set(done.stderr.split())


def test_a_server_that_is_still_starting_is_a_failure(rag: Rag, project: Path) -> None:
    with serving(Server(broken={"/v1/models": lambda: httpx2.Response(503, json={"error": "loading"})})) as url:
        outcome = rag("doctor", "--base-url", url, "--json")
    assert outcome.status == 1
    assert "503" in findings(outcome)["endpoint"]["found"]

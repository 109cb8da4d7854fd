"""Tests of probes: what is found out of servers of several kinds, by the effect, and when it is asked for anew."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx2
import openai
import pytest

from rag.endpoints.capabilities import Capabilities
from rag.endpoints.endpoint import Endpoint
from rag.endpoints.memory import TRUSTED
from rag.endpoints.probes import Probes
from rag.models.catalogue import Model
from tests.rag.endpoints.servers import Server, page

R1 = Model("r1", "a reasoner", reasoning=True, thinks="inside")


def probes(server: Server, folder: Path | None = None, entry: Model | None = None) -> Probes:
    return Probes(server.endpoint, "m", entry=entry, folder=folder)


def test_all_of_a_vllm_server_is_found_out() -> None:
    server = Server(constrains="structured_outputs", samples=True)
    assert probes(server).capabilities() == Capabilities(
        server="vllm 0.32.0",
        dialect="vllm",
        thinks="inside",
        separates=True,
        context=8192,
        budget="server",
        no_think="server",
        cached=True,
        constraint="structured_outputs",
        samples=True,
    )


def test_a_vllm_server_that_ignores_the_budget_is_bounded_in_two_steps() -> None:
    found = probes(Server(bounds=False))
    assert (found.budget, found.no_think) == ("two_step", "closed_block")


def test_a_budget_that_closes_the_thinking_too_late_is_no_budget() -> None:
    """It thinks 20 words whatever it is told: the thinking closes and an answer follows, but not within 4 tokens."""
    found = probes(Server(bounds=False, thought="hm " * 20))
    assert found.budget == "two_step"


@pytest.mark.parametrize("separates", [True, False])
def test_all_of_a_llama_cpp_server_is_found_out(separates: bool) -> None:
    server = Server("llama.cpp", bounds=False, separates=separates, constrains="grammar", inside=False)
    assert probes(server).capabilities() == Capabilities(
        server=None,
        dialect="llama.cpp",
        thinks="own_tag",
        separates=separates,
        context=8192,
        budget="two_step",
        no_think="closed_block",
        cached=False,
        constraint="grammar",
        samples=False,
    )


def refusing(status: int) -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(status, json={"error": {"message": "no"}})


@pytest.mark.parametrize(
    "absent", [*map(refusing, (400, 401, 403, 404, 405, 422, 500, 501)), page, lambda: httpx2.Response(200, json=[1])]
)
def test_a_plain_server_can_do_nothing_however_it_says_so(absent: Callable[[], httpx2.Response]) -> None:
    server = Server("plain", absent=absent, bounds=False, listed={"data": [{"id": "m"}]})
    assert probes(server, entry=R1).capabilities() == Capabilities(
        server=None,
        dialect=None,
        thinks="inside",
        separates=True,
        context=None,
        budget=None,
        no_think=None,
        cached=False,
        constraint=None,
        samples=False,
    )


def test_a_server_that_refuses_the_budget_field_is_not_told_it_again() -> None:
    def refuse_budgets(request: httpx2.Request) -> httpx2.Response:
        if b"thinking_token_budget" in request.content:
            return httpx2.Response(400, json={"error": {"message": "Unrecognized request argument"}})
        return server.handle(request)

    server = Server("plain")
    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(refuse_budgets))
    assert Probes(endpoint, "m", entry=R1).budget is None


@pytest.mark.parametrize("answer", [page, lambda: httpx2.Response(200, json={"tokens": "many"})])
@pytest.mark.parametrize("path", ["/tokenize", "/detokenize"])
def test_a_tokenizer_endpoint_that_answers_something_else_is_none(
    path: str, answer: Callable[[], httpx2.Response]
) -> None:
    assert probes(Server(broken={path: answer})).dialect is None


def test_how_a_model_thinks_is_read_off_the_prompt_before_the_catalogue_is_believed() -> None:
    assert probes(Server(inside=False), entry=R1).thinks == "own_tag"
    assert probes(Server(inside=True), entry=Model("x", "x", reasoning=False, thinks="never")).thinks == "inside"
    assert probes(Server(inside=False), entry=Model("x", "x", reasoning=False, thinks="never")).thinks == "never"
    assert probes(Server("plain"), entry=R1).thinks == "inside"
    assert probes(Server("plain")).thinks == "unknown"


def test_a_model_that_opens_its_own_thinking_reasons_if_it_does() -> None:
    assert probes(Server(inside=False)).reasons
    assert probes(Server(inside=False, separates=False)).reasons
    assert not probes(Server(inside=False, thinks=False)).reasons
    assert not probes(Server("plain", thinks=False)).reasons


def test_each_fact_is_asked_for_once() -> None:
    server = Server(constrains="structured_outputs")
    found = probes(server)
    first = found.capabilities()
    asked = len(server.asked)
    assert found.capabilities() == first
    assert len(server.asked) == asked


def test_only_what_is_needed_is_asked_for() -> None:
    server = Server()
    assert probes(server).context == 8192
    assert server.paths == ["/v1/models"]


def test_several_threads_ask_once_and_none_waits_for_ever() -> None:
    server = Server(constrains="structured_outputs")
    found = probes(server)
    together = Barrier(6)
    seen: list[Any] = []

    def look(what: Callable[[], Any]) -> None:
        together.wait()
        seen.append(what())

    looks: list[Callable[[], Any]] = [
        lambda: found.tokenizer,
        lambda: found.thinks,
        lambda: found.budget,
        lambda: found.no_think,
        lambda: found.constraint,
        lambda: found.tokenizer,
    ]
    threads = [Thread(target=look, args=(what,), daemon=True) for what in looks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(seen) == len(looks)
    bounded = [body for body in server.bodies("/v1/chat/completions") if body.get("thinking_token_budget") == 4]
    assert len(bounded) == 1


def test_who_wants_the_tokenizer_while_another_probes_with_it_waits_and_no_longer() -> None:
    """One thread probes, which ends in a look at the tokenizer; another asks for it meanwhile."""
    server = Server()
    seen: list[object] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/v1/chat/completions":
            other.start()
            other.join(0.3)  # it cannot end yet
        return server.handle(request)

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(handle))
    found = Probes(endpoint, "m", known={"dialect": "vllm", "thinks": "inside"})
    other = Thread(target=lambda: seen.append(found.tokenizer), daemon=True)
    first = Thread(target=lambda: seen.append(found.budget), daemon=True)
    first.start()
    first.join(20)
    other.join(20)
    assert len(seen) == 2


def test_what_was_found_out_is_remembered_while_the_server_runs(tmp_path: Path) -> None:
    server = Server()
    first = probes(server, tmp_path).capabilities()
    server.asked.clear()
    assert probes(server, tmp_path).capabilities() == first
    assert server.paths == ["/version", "/metrics"]


@pytest.mark.parametrize("change", [{"started": "2000.5"}, {"kind": "plain"}], ids=str)
def test_a_server_started_anew_is_asked_anew(tmp_path: Path, change: dict[str, Any]) -> None:
    assert probes(Server(), tmp_path).budget == "server"
    assert probes(Server(bounds=False, **change), tmp_path).budget != "server"


def test_another_model_is_asked_about_for_itself(tmp_path: Path) -> None:
    server = Server()
    assert probes(server, tmp_path).context == 8192
    assert Probes(server.endpoint, "other", folder=tmp_path).context is None


def written(folder: Path, ago: float) -> None:
    """Turns the clock of what is remembered."""
    [file] = folder.iterdir()
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "written": time.time() - ago}))


@pytest.mark.parametrize(("ago", "asks"), [(TRUSTED - 60, False), (TRUSTED + 1, True), (-60, True)])
def test_a_server_that_does_not_say_when_it_was_started_is_trusted_for_a_day(
    tmp_path: Path, ago: float, asks: bool
) -> None:
    server = Server("llama.cpp")
    assert probes(server, tmp_path).dialect == "llama.cpp"
    written(tmp_path, ago)
    server.asked.clear()
    assert probes(server, tmp_path).dialect == "llama.cpp"
    assert ("/tokenize" in server.paths) is asks


def test_a_server_that_says_when_it_was_started_is_trusted_for_as_long_as_it_runs(tmp_path: Path) -> None:
    server = Server()
    assert probes(server, tmp_path).dialect == "vllm"
    written(tmp_path, 30 * TRUSTED)
    server.asked.clear()
    assert probes(server, tmp_path).dialect == "vllm"
    assert "/tokenize" not in server.paths


@pytest.mark.parametrize("found", ["", "{", "[]", "3", "null", '{"facts": {}}', "\x00", '{"server": 1, "started": 2}'])
def test_a_damaged_memory_is_ignored_and_written_again(tmp_path: Path, found: str) -> None:
    server = Server()
    assert probes(server, tmp_path).budget == "server"
    [file] = tmp_path.iterdir()
    file.write_text(found)
    assert probes(server, tmp_path).budget == "server"
    assert json.loads(file.read_text())["facts"]["budget_field"] is True


def test_a_memory_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert probes(Server(), blocked).budget == "server"


def test_no_secret_is_remembered(tmp_path: Path) -> None:
    endpoint = Endpoint("http://user:hidden@model.test/v1", "secret", transport=Server().endpoint.transport)
    assert Probes(endpoint, "m", folder=tmp_path).dialect == "vllm"
    [file] = tmp_path.iterdir()
    assert not {"secret", "hidden"} & set(file.read_text().split('"'))
    assert "secret" not in file.read_text() + file.name


def test_what_was_forgotten_is_asked_for_anew(tmp_path: Path) -> None:
    server = Server()
    found = probes(server, tmp_path)
    seen = [found.budget]
    server.bounds = False
    seen += [found.budget, probes(server, tmp_path).budget]
    found.forget()
    seen += [found.budget, probes(server, tmp_path).budget]
    assert seen == ["server", "server", "server", "two_step", "two_step"]


def test_what_is_known_is_not_asked_for() -> None:
    server = Server()
    found = Probes(server.endpoint, "m", known={"dialect": None, "thinks": "own_tag", "budget_field": True})
    assert (found.dialect, found.thinks, found.budget) == (None, "own_tag", "server")
    assert server.asked == []


def test_without_a_folder_nobody_asks_who_the_server_is() -> None:
    server = Server("plain")
    assert probes(server).dialect is None
    assert "/version" not in server.paths


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503, 504])
def test_a_busy_or_loading_server_is_not_remembered_to_have_no_tokenizer(tmp_path: Path, status: int) -> None:
    """llama.cpp answers 503 while it loads, and 401 to a wrong key."""
    server = Server("llama.cpp", broken={"/tokenize": refusing(status)})
    assert probes(server, tmp_path).dialect is None
    server.broken.clear()
    assert probes(server, tmp_path).dialect == "llama.cpp"


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_busy_server_is_not_taken_for_one_that_cannot(tmp_path: Path, status: int) -> None:
    server = Server(broken={"/v1/chat/completions": refusing(status)})
    with pytest.raises(openai.APIStatusError):
        _ = probes(server, tmp_path).budget
    server.broken.clear()
    assert probes(server, tmp_path).budget == "server"


def test_no_server_is_an_error_and_no_answer() -> None:
    def gone(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(openai.APIConnectionError):
        _ = Probes(Endpoint("http://model.test/v1", transport=httpx2.MockTransport(gone)), "m").dialect


def test_a_catalogue_entry_that_comes_later_is_believed(tmp_path: Path) -> None:
    server = Server("plain")
    assert probes(server, tmp_path).thinks == "unknown"
    assert probes(server, tmp_path, entry=R1).thinks == "inside"


def test_a_template_that_switches_thinking_off_is_used_where_it_does() -> None:
    def obeys(request: httpx2.Request) -> httpx2.Response:
        server.thinks = b"chat_template_kwargs" not in request.content
        return server.handle(request)

    entry = Model("qwen", "x", reasoning=True, thinks="own_tag", switch=(("enable_thinking", False),))
    server = Server("llama.cpp", inside=False, bounds=False)
    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(obeys))
    assert Probes(endpoint, "m", entry=entry).no_think == "template"
    assert probes(Server("llama.cpp", inside=False, bounds=False), entry=entry).no_think == "closed_block"


def test_probes_may_be_asked_from_an_event_loop() -> None:
    async def scene() -> tuple[str | None, ...]:
        found = probes(Server())
        looks = (asyncio.to_thread(lambda: found.budget) for _ in range(4))
        return tuple(await asyncio.gather(*looks))

    assert asyncio.run(scene()) == ("server",) * 4

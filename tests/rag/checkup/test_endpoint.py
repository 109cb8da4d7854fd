import socket
from collections.abc import Callable, Iterator

import httpx2
import pytest

from indexes.errors import RequestError
from rag.checkup.endpoint import check_endpoint
from rag.checkup.finding import Finding, told
from rag.endpoints.capabilities import Capabilities
from rag.folders import Folders
from rag.opening import ModelChoice
from tests.rag.checkup.loopback import serving
from tests.rag.endpoints.servers import Server, page

MODELS, CHAT = "/v1/models", "/v1/chat/completions"


class Look:
    """What a look at an endpoint found, by name, and what was said meanwhile."""

    def __init__(self, url: str, folders: Folders, *, model: str | None = None, timeout: float = 30.0) -> None:
        self.said: list[str] = []
        choice = ModelChoice(model, url, api_key="sesame", timeout=timeout)
        found = [*check_endpoint(choice, url, "chosen by --base-url", folders, self.said.append)]
        self.can = [one for one in found if isinstance(one, Capabilities)]
        self.findings = [one for one in found if isinstance(one, Finding)]
        self.by_name = {finding.what: finding for finding in self.findings}

    def states(self) -> dict[str, str]:
        return {finding.what: finding.state for finding in self.findings}


def found_at(url: str, folders: Folders, model: str | None) -> Iterator[Finding | Capabilities]:
    choice = ModelChoice(model, url, api_key="sesame")
    return check_endpoint(choice, url, "chosen by --base-url", folders, lambda _: None)


def refused(status: int) -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(status, json={"error": {"message": "no"}})


def test_a_vllm_is_reached_asked_and_described(folders: Folders) -> None:
    with serving(Server(constrains="structured_outputs", samples=True)) as url:
        look = Look(url, folders)
    assert look.said == [f"asking {url} what it can do, which takes seconds ..."]
    assert [finding.what for finding in look.findings[:4]] == ["endpoint", "model", "answers", "software"]
    assert look.by_name["endpoint"].found.startswith(f"{url} answers in ")
    assert look.by_name["model"].found == "m (chosen by --base-url)"
    assert look.by_name["answers"].found.endswith(" ms, with the API key")
    (can,) = look.can
    assert (can.server, can.budget, can.constraint, can.context) == (
        "vllm 0.32.0",
        "server",
        "structured_outputs",
        8192,
    )
    # it counts cached tokens, and has none for a prompt that it read before
    assert [what for what, state in look.states().items() if state != "ok"] == ["prefix cache"]


def test_it_is_asked_anew_whatever_was_remembered(folders: Folders) -> None:
    server = Server()
    with serving(server) as url:
        assert Look(url, folders).can[0].budget == "server"
        server.bounds = False
        assert Look(url, folders).can[0].budget == "two_step"


def test_a_plain_server_answers_with_warnings(folders: Folders) -> None:
    with serving(
        Server(kind="plain", separates=False, inside=False, bounds=False, listed={"data": [{"id": "m"}]})
    ) as url:
        look = Look(url, folders)
    assert "failure" not in look.states().values()
    assert look.by_name["budget"].state == "warning"
    assert look.by_name["verbatim"].state == "warning"
    assert look.by_name["context"].state == "warning"
    assert look.by_name["software"].found == "the server does not tell what it is"


def test_no_server_is_one_failure_with_the_remedy(folders: Folders) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{one.getsockname()[1]}/v1"
    for model in (None, "m"):
        look = Look(url, folders, model=model)
        assert look.states() == {"endpoint": "failure"}
        assert f"no server answers at {url}" in look.by_name["endpoint"].found
        assert look.by_name["endpoint"].remedy == "start it, or correct --base-url"


def test_a_server_that_is_silent_is_given_up(folders: Folders) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        look = Look(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", folders, timeout=0.3)
    assert look.states() == {"endpoint": "failure"}
    assert "sent nothing for 0.3 s" in look.by_name["endpoint"].found


@pytest.mark.parametrize("paths", [(MODELS, CHAT), (CHAT,)])
@pytest.mark.parametrize("model", [None, "m"])
def test_a_refused_key_is_a_failure(folders: Folders, paths: tuple[str, ...], model: str | None) -> None:
    with serving(Server(broken=dict.fromkeys(paths, refused(401)))) as url:
        look = Look(url, folders, model=model)
    (failure,) = [finding for finding in look.findings if finding.state == "failure"]
    assert "refused the API key (401)" in failure.found
    assert failure.remedy == "set the right key"
    assert look.can == []


def test_a_server_without_a_list_is_asked_by_name(folders: Folders) -> None:
    with serving(Server(broken={MODELS: refused(404)})) as url:
        look = Look(url, folders, model="m")
        assert Look(url, folders).states() == {"endpoint": "failure"}
    assert look.states()["endpoint"] == "warning"
    assert look.states()["answers"] == "ok"
    assert look.by_name["model"] == Finding("model", "ok", "m (chosen by --base-url)")


def test_a_model_that_is_not_served_is_a_failure_with_those_that_are(folders: Folders) -> None:
    with serving(Server(broken={CHAT: refused(404)})) as url:
        look = Look(url, folders, model="gpt-x")
    assert look.states() == {"endpoint": "ok", "model": "failure"}
    assert look.by_name["model"].found == "'gpt-x' (chosen by --base-url) is not served there"
    assert look.by_name["model"].remedy == "choose with --model: 'm'"


def test_a_server_that_answers_to_any_name_is_pointed_out(folders: Folders) -> None:
    with serving(Server()) as url:
        look = Look(url, folders, model="gpt-x")
    assert (look.states()["model"], look.states()["answers"]) == ("warning", "ok")


def test_of_several_models_one_has_to_be_chosen(folders: Folders) -> None:
    with (
        serving(Server(listed={"data": [{"id": "a"}, {"id": "b"}]})) as url,
        pytest.raises(RequestError, match="serves 'a', 'b'; choose one with --model"),
    ):
        Look(url, folders)


def test_a_server_that_breaks_down_while_it_is_asked_is_a_failure(folders: Folders) -> None:
    server = Server()
    with serving(server) as url:
        server.broken["/tokenize"] = lambda: server.broken.update({CHAT: page}) or refused(404)()
        look = Look(url, folders)
    assert look.findings[-1].what == "answers"
    assert look.findings[-1].state == "failure"
    assert "answered nonsense" in look.findings[-1].found


NONSENSE = [
    page,
    lambda: httpx2.Response(200, json=[]),
    lambda: httpx2.Response(200, json={}),
    lambda: httpx2.Response(200, json={"choices": [], "data": [], "usage": {}}),
    lambda: httpx2.Response(200, json={"choices": [None], "data": [None]}),
    lambda: httpx2.Response(200, json={"data": None}),
    lambda: httpx2.Response(200, content=b"\xff\xfe", headers={"content-type": "application/json"}),
]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("path", [MODELS, CHAT, "/tokenize", "/detokenize", "/version", "/v1/completions"])
@pytest.mark.parametrize("model", ["m", None])
def test_no_nonsense_ends_in_anything_but_findings(
    folders: Folders, path: str, nonsense: Callable[[], httpx2.Response], model: str | None
) -> None:
    with serving(Server(broken={path: nonsense})) as url:
        found = [*told("model", found_at(url, folders, model))]
    assert any(isinstance(one, Finding) for one in found)


def test_a_base_url_that_is_none_is_refused(folders: Folders) -> None:
    with pytest.raises(RequestError, match="base URL must look like"):
        Look("ftp://x", folders)

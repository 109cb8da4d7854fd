"""One model asked in several variants: with other seeds and thinking budgets, over the same connections."""

import asyncio

import httpx2
import pytest

from indexes.embedder.hashing import HashingEmbedder
from indexes.errors import RequestError
from rag.answerer import Answerer
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint
from rag.endpoints.ways import NO_BUDGET, NO_THOUGHT
from rag.extractive import ExtractiveAnswerer
from rag.sampling import Sampling
from rag.scripted import ScriptedAnswerer
from tests.rag.endpoints.servers import CONTEXT, PROMPT, Server


def of(server: Server) -> EndpointAnswerer:
    return EndpointAnswerer(server.endpoint, "m", sampling=Sampling(max_tokens=200))


async def replies(*answerers: EndpointAnswerer) -> None:
    for answerer in answerers:
        async for _ in answerer.reply(PROMPT, CONTEXT):
            pass


def test_a_variant_sends_its_own_seed_and_budget() -> None:
    server = Server()
    base = of(server)
    base.unable()
    asyncio.run(replies(base.varied(seed=7, think_budget=16), base.varied(seed=8, think_budget=None)))
    first, second = server.bodies("/v1/chat/completions")[-2:]
    assert (first["seed"], first["thinking_token_budget"]) == (7, 16)
    assert (second["seed"], "thinking_token_budget" in second) == (8, False)


def test_variants_share_what_is_known_and_how_many_requests_are_in_flight() -> None:
    base = of(Server())
    variant = base.varied(seed=1, think_budget=0)
    assert variant.probes is base.probes
    assert variant.counter is base.counter
    assert variant._exchange is base._exchange


@pytest.mark.parametrize("thinks", [True, False])
def test_whether_it_thinks_is_found_out(thinks: bool) -> None:
    assert of(Server(thinks=thinks, inside=False)).thinks() is thinks


def test_what_cannot_be_had_is_said() -> None:
    plain = Server(kind="plain", bounds=False, separates=False, inside=False)
    assert of(plain).varied(seed=0, think_budget=16).unable() == (NO_BUDGET,)
    assert of(Server(thinks=False, inside=False)).varied(seed=0, think_budget=16).unable() == (NO_THOUGHT,)
    assert of(Server()).varied(seed=0, think_budget=16).unable() == ()
    assert of(plain).unable() == ()


def test_a_server_that_is_not_there_is_an_error_of_the_request() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    endpoint = Endpoint("http://model.test/v1", transport=httpx2.MockTransport(refuse))
    with pytest.raises(RequestError, match="no server answers"):
        EndpointAnswerer(endpoint, "m").varied(seed=0, think_budget=16).unable()


@pytest.mark.parametrize("who", [ScriptedAnswerer(["yes"]), ExtractiveAnswerer(HashingEmbedder())])
def test_who_draws_nothing_has_no_variants(who: Answerer) -> None:
    assert who.varied(seed=3, think_budget=0) is who
    assert (who.thinks(), who.unable()) == (False, ())

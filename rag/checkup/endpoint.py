"""The endpoint that would answer: whether it does, how fast, and what it can do for the model, asked anew."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple, NoReturn

from indexes.errors import RequestError
from rag.checkup.abilities import Repeated, check_abilities
from rag.checkup.finding import Finding, State, failed
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.capabilities import Capabilities
from rag.endpoints.endpoint import CONNECT_SECONDS, FAILURES, REFUSALS, Endpoint, explain, served_models
from rag.endpoints.wire import read_piece
from rag.folders import Folders
from rag.models.catalogue import Model, known_model, load_catalogue
from rag.opening import ModelChoice, open_answerer

_REPEATED = "The quick brown fox jumps over the lazy dog, and the dog sleeps on. " * 70
"""Above 1,024 tokens: some servers keep no shorter prompts."""


def check_endpoint(
    choice: ModelChoice, base_url: str, why: str, folders: Folders, say: Callable[[str], None]
) -> Iterator[Finding | Capabilities]:
    """What the endpoint of `choice` is and can do; its `Capabilities` come when they are known.

    Args:
        choice: which model there.
        base_url: where it is.
        why: what chose it, for people.
        folders: where the user's catalogue and what is known of endpoints are.
        say: told before something slow begins.

    Raises:
        RequestError: it could never be reached, or a model has to be chosen of those it serves.
    """
    endpoint = Endpoint(base_url, choice.api_key, timeout=choice.timeout)
    listing = _list(endpoint)
    if listing.problem and (choice.model is None or not isinstance(listing.problem.__cause__, REFUSALS)):
        yield failed("endpoint", listing.problem)
        return
    if not listing.problem:
        yield Finding("endpoint", "ok", f"{endpoint.shown} answers in {listing.ms:.0f} ms")
    answerer = open_answerer(choice, embedder=_no_embedder, folders=folders)
    if not isinstance(answerer, EndpointAnswerer):
        raise RequestError(f"{base_url!r} is no endpoint")
    say(f"asking {endpoint.shown} what it can do, which takes seconds ...")
    model = answerer.model
    try:
        answer_ms = _timed(lambda: _chat(endpoint, model, "Hello"))
    except FAILURES as error:
        yield failed("endpoint", listing.problem) if listing.problem else _chosen(model, why, listing, "failure")
        if model in listing.names:
            yield failed("answers", RequestError(explain(error, endpoint, model=model)))
        return
    if listing.problem:  # some answer that do not list their models
        yield replace(failed("endpoint", listing.problem), state="warning")
    yield _chosen(model, why, listing, "warning")  # some answer to any name
    key = "with the API key" if endpoint.api_key else "no API key"
    yield Finding("answers", "ok", f"a first token in {answer_ms:.0f} ms, {key}")
    entry = known_model(model, load_catalogue(folders.catalogue))
    try:
        yield from _abilities(endpoint, answerer, entry)
    except FAILURES as error:
        yield failed("answers", RequestError(explain(error, endpoint, model=model)))


class _Listing(NamedTuple):
    """The names that an endpoint lists and how long that took; else why it does not."""

    names: tuple[str, ...]
    ms: float
    problem: RequestError | None


def _list(endpoint: Endpoint) -> _Listing:
    soon = replace(endpoint, timeout=min(CONNECT_SECONDS, endpoint.timeout))
    try:
        names = tuple(sorted(one.name for one in served_models(soon)))
        return _Listing(names, _timed(lambda: served_models(soon)), None)  # the first time, more has to be loaded
    except RequestError as error:
        return _Listing((), 0.0, error)


def _chosen(model: str, why: str, listing: _Listing, unlisted: State) -> Finding:
    if listing.problem or model in listing.names:
        return Finding("model", "ok", f"{model} ({why})")
    served = f"choose with --model: {', '.join(map(repr, listing.names))}" if listing.names else "it serves no model"
    return Finding("model", unlisted, f"{model!r} ({why}) is not served there", served)


def _abilities(endpoint: Endpoint, answerer: EndpointAnswerer, entry: Model | None) -> Iterator[Finding | Capabilities]:
    """Raises FAILURES as soon as it does not answer."""
    probes = answerer.probes
    probes.forget()
    can = probes.capabilities()
    yield can
    reasons, repeated = probes.reasons, _repeated(endpoint, answerer.model)
    yield from check_abilities(can, entry=entry, reasons=reasons, counter=answerer.counter, repeated=repeated)


def _repeated(endpoint: Endpoint, model: str) -> Repeated:
    try:
        for _ in range(2):
            usage = read_piece(_chat(endpoint, model, _REPEATED)).usage
    except REFUSALS:  # too long for the model, perhaps
        return Repeated(None, None)
    return Repeated(usage.prompt, usage.cached) if usage else Repeated(None, None)


def _chat(endpoint: Endpoint, model: str, question: str) -> Any:
    messages = [{"role": "user", "content": question}]
    said = endpoint.ask("/chat/completions", {"model": model, "messages": messages, "max_tokens": 1})
    read_piece(said)  # raises for nonsense
    return said


def _timed(work: Callable[[], object]) -> float:
    """How long it took, in ms."""
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def _no_embedder() -> NoReturn:
    raise RequestError("an endpoint needs no embedder")

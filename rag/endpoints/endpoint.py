"""The endpoint: where an OpenAI-compatible server is, what it serves, what its failures mean in plain words.

This and `exchange` alone import `openai`; whoever needs it for a question only should import them late.
"""

import json
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2  # what openai is built on
import openai

from indexes.errors import RagError, RequestError
from rag.endpoints.wire import NonsenseError

RETRIES = 2
"""openai's own, with backoff, on 408, 409, 429, 5xx and connection errors; none once a reply has begun."""
CONNECT_SECONDS = 10.0
NO_KEY = "none"  # openai insists on a key, and would look for one in the environment

FAILURES = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.StreamError,
    TimeoutError,
    NonsenseError,
    json.JSONDecodeError,
    UnicodeDecodeError,
)
"""Whatever an exchange with an endpoint may raise."""
REFUSALS = (openai.APIStatusError,)
"""Those of them by which the server says no; `says_no` tells whether for good."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and how it is spoken to.

    Attributes:
        base_url: of the API; as a rule it ends in ``/v1``.
        api_key: sent as bearer token; None for servers that want none.
        timeout: seconds until the first byte of a reply, retries included, and between two pieces of it.
        transport: of httpx2, stands in for the network; for tests.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    transport: Any = None

    def __post_init__(self) -> None:
        """Raises RequestError for what could never be reached."""
        try:
            parts = httpx2.URL(self.base_url)
            usable = parts.scheme in ("http", "https") and parts.host and parts.port != 0
        except (httpx2.InvalidURL, UnicodeError):
            usable = False
        if not usable:
            raise RequestError(f"base URL must look like 'http://127.0.0.1:8000/v1', not {self.base_url!r}")
        if self.timeout <= 0:
            raise RequestError(f"timeout must be above 0 seconds, not {self.timeout!r}")
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise RequestError("the API key holds characters that no key has, a line break perhaps; set it again")

    @property
    def shown(self) -> str:
        """The URL without a name or password in it."""
        parts = urlsplit(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def root(self) -> "Endpoint":
        """The server itself, above its OpenAI-compatible API."""
        return replace(self, base_url=self.base_url.rstrip("/").removesuffix("/v1"))

    @property
    def briefly(self) -> "Endpoint":
        """The same, not waited for as long as for an answer."""
        return replace(self, timeout=min(CONNECT_SECONDS, self.timeout))

    def client(self, *, on_status: Callable[[int], None] = lambda _: None) -> openai.AsyncOpenAI:
        """A client for the running event loop; the caller closes it.

        Args:
            on_status: is told the status of each response, also of those that are tried again.
        """

        async def tell(response: httpx2.Response) -> None:
            on_status(response.status_code)

        http = openai.DefaultAsyncHttpxClient(event_hooks={"response": [tell]}, **self._http())
        return openai.AsyncOpenAI(http_client=http, max_retries=RETRIES, **self._address())

    def blocking_client(self, *, retries: int = 0) -> openai.OpenAI:
        """A client for short questions beside the answers; the caller closes it."""
        http = openai.DefaultHttpxClient(**self._http())
        return openai.OpenAI(http_client=http, max_retries=retries, **self._address())

    def ask(self, path: str, body: object = None) -> Any:
        """One short question beside the answers: the JSON that the server gives.

        Args:
            path: below the base URL.
            body: as JSON; None: nothing is sent, and the page is fetched.

        Raises:
            FAILURES: whatever went wrong; `REFUSALS` if the server says no.
        """
        with self.blocking_client() as client:
            return self.ask_by(client, path, body)

    @staticmethod
    def ask_by(client: openai.OpenAI, path: str, body: object = None) -> Any:
        """The same over a client of its own, for many questions one after the other."""
        said: Any = client.get(path, cast_to=object) if body is None else client.post(path, cast_to=object, body=body)
        return said

    def _http(self) -> dict[str, Any]:
        timeout = openai.Timeout(self.timeout, connect=min(CONNECT_SECONDS, self.timeout))
        parts = urlsplit(self.base_url)
        if parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"):
            # no proxy reaches this machine's own loopback; certificates, slow to load, have no part in it
            own: dict[str, Any] = {"trust_env": False, "verify": False, "follow_redirects": False}
        else:
            own = {"verify": _certificates()}
        return {"transport": self.transport, "timeout": timeout, **own}

    def _address(self) -> dict[str, Any]:
        return {"base_url": self.base_url, "api_key": self.api_key or NO_KEY}


class ServedModel(NamedTuple):
    """A model that an endpoint serves.

    Attributes:
        context: most tokens of prompt and reply together; None where the server does not tell.
    """

    name: str
    context: int | None


def served_models(endpoint: Endpoint) -> tuple[ServedModel, ...]:
    """What the endpoint serves, as it lists it.

    Raises:
        RequestError: it could not be asked; the message says why.
    """
    try:
        with endpoint.blocking_client() as client:
            listed = [model.to_dict(warnings=False) for model in client.models.list().data]
        return tuple(ServedModel(str(model["id"]), _context(model)) for model in listed)
    except (*FAILURES, AttributeError, KeyError, TypeError) as error:
        raise RequestError(f"could not list the models: {explain(error, endpoint)}") from error


def soon_listed(endpoint: Endpoint) -> tuple[ServedModel, ...]:
    """What the endpoint serves; nothing if it does not say so within `CONNECT_SECONDS`.

    For what is good to know; whoever asks for a reply will be told what is wrong.
    """
    try:
        return served_models(endpoint.briefly)
    except RequestError:
        return ()


def sole_model(endpoint: Endpoint) -> str:
    """The name of the only model there.

    Raises:
        RequestError: there are several, or none.
        RagError: the endpoint could not be asked.
    """
    try:
        names = sorted(model.name for model in served_models(endpoint))
    except RequestError as error:  # nothing is wrong with the request
        raise RagError(str(error)) from error
    if len(names) != 1:
        raise RequestError(f"{endpoint.shown} serves {_list(names)}; choose one with --model")
    return names[0]


def says_no(refusal: openai.APIStatusError) -> bool:
    """Whether the server refused for good: not because it is busy or loads, or wants another key."""
    return refusal.status_code not in (401, 403, 408, 409, 425, 429, 502, 503, 504)


def explain(error: BaseException, endpoint: Endpoint, *, model: str = "", begun: bool = False) -> str:
    """One sentence for people: what failed, and what to do.

    Args:
        error: what was raised.
        endpoint: by whom.
        model: that was asked for an answer; empty if the request was another.
        begun: part of the reply had come.
    """
    url = endpoint.shown
    match error:
        case openai.APITimeoutError() | httpx2.TimeoutException() | TimeoutError():
            return f"{url} sent nothing for {endpoint.timeout:g} s; raise --timeout, or see if the server is busy"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return f"{url} refused the API key ({error.status_code}): {_said(error)}; set the right key"
        case openai.NotFoundError():
            return _not_found(error, endpoint, model)
        case openai.BadRequestError() if _is_too_long(error):
            return f"the prompt is too long for the model: {_said(error)}; lower --budget, -k or --max-tokens"
        case openai.RateLimitError():
            return f"{url} has too many requests (429): {_said(error)}; ask later"
        case openai.InternalServerError():
            return f"{url} failed ({error.status_code}): {_said(error)}; see its log"
        case openai.APIStatusError():
            return f"{url} refused the request ({error.status_code}): {_said(error)}"
        case openai.APIConnectionError() | httpx2.TransportError() if begun:
            return f"the connection to {url} broke in the middle of the reply; see whether the server still runs"
        case openai.APIConnectionError() | httpx2.TransportError():
            return f"no server answers at {url} ({_root(error)}); start it, or correct --base-url"
        case openai.APIError():
            return f"{url} reported an error in the middle of the reply: {_said(error)}"
        case _:
            return (
                f"{url} answered nonsense ({_short(str(error))}); is it an OpenAI-compatible API, "
                "and does --base-url end as its documentation says (often in /v1)?"
            )


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def _not_found(error: openai.NotFoundError, endpoint: Endpoint, model: str) -> str:
    names = sorted(served.name for served in soon_listed(endpoint)) if model else []
    if names and model not in names:
        return f"{endpoint.shown} has no model {model!r}; it serves {_list(names)}"
    return f"{endpoint.shown} has no such page (404): {_said(error)}; --base-url often has to end in /v1"


def _is_too_long(error: openai.BadRequestError) -> bool:
    signs = (error.code, error.type, error.param)
    words = _said(error).casefold()
    return (
        bool({"context_length_exceeded", "exceed_context_size_error", "input_tokens"} & set(signs))
        or "context length" in words
        or "context size" in words
    )


def _said(error: openai.APIError) -> str:
    """The server's own words, on one line."""
    body = error.body
    if isinstance(body, str) and body.lstrip().startswith("<"):
        return "a page for people"
    if isinstance(body, dict):
        body = body.get("message") or body.get("detail") or body
    return _short(str(body or error.message)).rstrip(".")


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return _short(str(error) or type(error).__name__)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299] + "…"


def _list(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "no model"


def _context(model: dict[str, Any]) -> int | None:
    length = model.get("max_model_len")
    return length if isinstance(length, int) else None

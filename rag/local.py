"""A GGUF file as a language model in this process: llama.cpp behind a loopback endpoint of its own."""

import asyncio
import importlib.util
import os
import secrets
import weakref
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from indexes.errors import RequestError
from rag.answer import Reply
from rag.answerer import Delta
from rag.context import Context
from rag.event_loop import begun
from rag.prompt import Prompt
from rag.sampling import Limits, Sampling, limits_within
from rag.tokens import CachedCounter

if TYPE_CHECKING:
    from rag.endpoints.answerer import EndpointAnswerer
    from rag.endpoints.endpoint import Endpoint
    from rag.endpoints.tokenizer import ServerTokenizer
    from rag.models.catalogue import Model

WINDOW = 8192
"""Tokens of context that room is made for; more would cost memory that a laptop may not have."""
SMALL = 2**30
"""Bytes of a file that is not worth measuring the memory for, which takes a third of a second."""
PATIENCE = 3600.0
"""Seconds without a token: a laptop may read a long prompt for many minutes, and no network can fail."""


THREADS = max(1, (os.cpu_count() or 2) // 2)
"""For generating: as many as most machines have real cores, never all processors. The threads wait for each other by
spinning, so that one whose processor is taken by another process stalls them all (seen: 20 times slower)."""


class _Loaded(NamedTuple):
    answerer: "EndpointAnswerer"
    tokenizer: "ServerTokenizer"
    window: int


class LocalAnswerer:
    """A GGUF file that answers in this process. It loads once, when first needed or at `start`.

    Attributes:
        path: the file.
    """

    where = "in process"
    follows_prompts = True

    def __init__(
        self,
        path: Path,
        *,
        entry: "Model | None" = None,
        sampling: Sampling | None = None,
        think_budget: int | None = None,
        flexible: bool = False,
    ) -> None:
        """Checks that the file is there and begins as a GGUF file does; does not load it.

        Args:
            path: the file.
            entry: what the catalogue knows of the model; None: its name is the file's, the rest is read from it.
            sampling: how it draws its tokens.
            think_budget: most tokens of thinking; 0: none at all; None: as many as it likes.
            flexible: nobody asked for just that many tokens of reply: they are fewer where the context is small.

        Raises:
            RequestError: no such file, not a GGUF file, or llama.cpp is not installed.
        """
        _check(path)
        self._sampling = sampling or Sampling()
        self.path = path
        self.model = entry.name if entry else path.stem
        self.default_budget = entry.budget if entry else None
        self._entry = entry
        self._window = entry.context if entry else None
        self._think_budget = think_budget
        self._flexible = flexible
        self.counter = CachedCounter(self.model, self._count)
        self._loading: Future[_Loaded] | None = None
        self._servers: list[Any] = []
        weakref.finalize(self, self._servers.clear)  # also when the process ends: the last reference stops it

    @property
    def context_window(self) -> int | None:
        """What the model was made for, at most `WINDOW`."""
        return min(self._window, WINDOW) if self._window else self._ready().window

    @property
    def reply_tokens(self) -> int:
        """As asked for, or at most half of the context."""
        asked = Limits(self._sampling.max_tokens, self._think_budget)
        return limits_within(self.context_window, asked).reply_tokens if self._flexible else asked.reply_tokens

    def start(self) -> None:
        """Begins to load in a thread, and returns; whoever needs the model first waits for it."""
        self._begun()

    def varied(self, *, seed: int, think_budget: int | None) -> "EndpointAnswerer":
        """See `Answerer.varied`. It answers as long as this answerer is kept, which holds what is loaded.

        Raises:
            RequestError: the file could not be loaded.
        """
        return self._ready().answerer.varied(seed=seed, think_budget=think_budget)

    def thinks(self) -> bool:
        """See `Answerer.thinks`."""
        return self._ready().answerer.thinks()

    def unable(self) -> tuple[str, ...]:
        """See `Answerer.unable`."""
        return self._ready().answerer.unable()

    async def reply(self, prompt: Prompt, context: Context) -> AsyncGenerator[Delta | Reply, None]:
        """Streams the reply; see `Answerer.reply`.

        Raises:
            RequestError: the file could not be loaded.
        """
        loaded = await asyncio.wrap_future(self._begun())
        async with aclosing(loaded.answerer.reply(prompt, context)) as items:
            async for item in items:
                yield item

    def _ready(self) -> _Loaded:
        return self._begun().result()

    def _begun(self) -> Future[_Loaded]:
        if self._loading is None:
            self._loading = begun(self._load)
        return self._loading

    def _load(self) -> _Loaded:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.model_alias = {self.model}
        params.n_ctx = min(self._window or WINDOW, WINDOW)
        params.fit_params = self.path.stat().st_size > SMALL
        params.n_parallel = 1  # one question at a time: room for more is memory, and time to load
        params.warmup = False
        params.ui = False
        params.cpuparams.n_threads = THREADS
        params.cpuparams_batch.n_threads = os.cpu_count() or 2  # reading a prompt waits less: all of them pay
        params.verbosity = 0  # its log would go to the user's terminal
        key = secrets.token_urlsafe()
        params.api_keys = [key]
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise RequestError(
                f"could not load {str(self.path)!r} as a model; the file may be damaged, or too large for "
                "this machine's memory: fetch it again, or choose a smaller one"
            ) from error
        self._servers.append(server)

        from rag.endpoints.answerer import EndpointAnswerer
        from rag.endpoints.endpoint import Endpoint
        from rag.endpoints.probes import Probes
        from rag.endpoints.tokenizer import ServerTokenizer

        # what llama.cpp can do; only how the model thinks is read off its template
        known: dict[str, object] = {"dialect": "llama.cpp", "budget_field": False, "constraint": "grammar"}
        endpoint = Endpoint(f"{server.listening_address}/v1", key, timeout=PATIENCE)
        window = min(WINDOW, self._window or _window(endpoint))
        known |= {"context": window, "cached": True, "samples": False, "switch_works": False}
        probes = Probes(endpoint, self.model, entry=self._entry, known=known)
        # its own filters are off; and where thinking has begun in the prompt, its guess at the template
        extra: dict[str, object] = {"top_k": 0, "min_p": 0.0}
        if probes.thinks == "inside":
            extra["reasoning_format"] = "none"
        answerer = EndpointAnswerer(
            endpoint,
            self.model,
            probes=probes,
            sampling=self._sampling,
            think_budget=self._think_budget,
            counter=self.counter,
            extra=extra,
            flexible=self._flexible,
        )
        return _Loaded(answerer, ServerTokenizer(endpoint, self.model, "llama.cpp"), window)

    def _count(self, texts: Sequence[str]) -> list[int]:
        return self._ready().tokenizer.count(texts)


def _check(path: Path) -> None:
    if not path.is_file():
        raise RequestError(f"no model file {str(path)!r}; give the path of a .gguf file that is there")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise RequestError(f"cannot read {str(path)!r}: {error.strerror}; check its permissions") from error
    if magic != b"GGUF":
        raise RequestError(f"{str(path)!r} is no GGUF file (it begins with {magic!r}); fetch it again")
    if importlib.util.find_spec("xllamacpp") is None:
        raise RequestError("a .gguf model needs llama.cpp; pip install 'reasoning-rag[gguf]'")


def _window(endpoint: "Endpoint") -> int:
    return int(endpoint.ask("/models")["data"][0]["meta"]["n_ctx_train"])

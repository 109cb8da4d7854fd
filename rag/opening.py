"""The one door from a choice of model to something that answers."""

import importlib.util
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from indexes.errors import RequestError, UnknownNameError
from rag.answerer import Answerer
from rag.models.catalogue import EXTRACTIVE, Model, known_model, load_catalogue
from rag.sampling import Sampling

if TYPE_CHECKING:
    from indexes.embedder.protocol import Embedder
    from rag.folders import Folders

EFFORTS: Mapping[str, int] = {"low": 512, "medium": 2048, "high": 8192}
"""Named thinking budgets, in tokens."""
ANSWER_TOKENS = 1024
"""Room for the answer behind a thinking budget, where nothing is said of `max_tokens`."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model is to answer, and how; None leaves it to the catalogue.

    Attributes:
        model: a name or hub id of the catalogue, the path of a .gguf file, or what the endpoint calls it.
        base_url: of an OpenAI-compatible endpoint.
        api_key: for that endpoint.
        timeout: seconds that the endpoint may be silent.
        think_budget: most tokens of thinking; 0: none at all; None: as many as the model likes.
    """

    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    think_budget: int | None = None


class Found(NamedTuple):
    """A choice of model that was found where none was made in full.

    Attributes:
        how: why this one, for people.
    """

    choice: ModelChoice
    how: str


def discover(choice: ModelChoice, folders: "Folders") -> Found | None:
    """Completes `choice` by what is there: a server of `rag serve`, else a pulled GGUF file; None: nothing to add.

    Args:
        choice: without an endpoint; with a name, only what has that name is looked for.
        folders: where running servers and pulled models are listed.

    Raises:
        RequestError: the server that would answer is still loading.
    """
    if choice.base_url is not None:
        return None
    catalogue = load_catalogue(folders.catalogue)
    entry = known_model(choice.model, catalogue) if choice.model else None
    if choice.model and (is_path(choice.model) or (entry and (entry.package or entry.name == EXTRACTIVE))):
        return None

    from rag.models.pulling import pulled
    from rag.serving.registration import live

    names = {choice.model, *((entry.name, entry.hub_id) if entry else ())}
    running = live(folders, models=frozenset(name for name in names if name))
    if running:
        server = running.registration
        if running.state == "loading":
            raise RequestError(
                f"{server.model!r} is still loading at {server.url}; ask again when `rag serve` says that it is ready, "
                "or ask without it: --model extractive"
            )
        name = choice.model or server.entry or server.model
        return Found(replace(choice, model=name, base_url=server.url, api_key=server.key), "`rag serve` runs it")
    for weights in pulled(folders):
        if weights.name in catalogue and (choice.model is None or (entry and weights.name == entry.name)):
            how = "the model pulled last" if choice.model is None else "pulled"
            return Found(replace(choice, model=weights.name), how)
    return None


def open_answerer(
    choice: ModelChoice, *, embedder: "Callable[[], Embedder]", folders: "Folders | None" = None
) -> Answerer:
    """What answers as `choice` says; without model and endpoint, `extractive`.

    Args:
        choice: which model.
        embedder: called if the answerer needs one.
        folders: where the user's catalogue, pulled models and what is known of endpoints are kept; None: nowhere.

    Raises:
        UnknownNameError: no such model.
        RequestError: its weights or llama.cpp are not there, a setting is out of range, or an endpoint without
            a model's name did not say which one it serves.
    """
    catalogue = load_catalogue(folders.catalogue if folders else None)
    name = choice.model or EXTRACTIVE
    if choice.base_url is not None:
        return _remote(choice, choice.base_url, catalogue, folders)
    entry = known_model(name, catalogue)
    if entry is None:
        if not is_path(name):
            hint = "or a path to a .gguf file, or a model of the server at --base-url"
            raise UnknownNameError("model", name, catalogue, hint=hint)
        return _local(Path(name).expanduser(), choice, None)
    if entry.name == EXTRACTIVE:
        from rag.extractive import ExtractiveAnswerer

        return ExtractiveAnswerer(embedder())
    return _local(weights_of(entry, folders), choice, entry)


def _remote(choice: ModelChoice, base_url: str, catalogue: Mapping[str, Model], folders: "Folders | None") -> Answerer:
    sampling_of(choice, None)  # a setting out of range is said before the endpoint is asked

    from rag.endpoints.answerer import EndpointAnswerer
    from rag.endpoints.endpoint import Endpoint, sole_model, soon_listed
    from rag.endpoints.probes import Probes

    endpoint = Endpoint(base_url, choice.api_key, timeout=choice.timeout)
    name = choice.model or sole_model(endpoint)
    entry = known_model(name, catalogue)
    if entry and entry.hub_id and name not in (entry.hub_id, *(served.name for served in soon_listed(endpoint))):
        name = entry.hub_id  # a short name is ours, and a server's only where it lists it
    return EndpointAnswerer(
        endpoint,
        name,
        sampling=sampling_of(choice, entry),
        budget=entry.budget if entry else None,
        think_budget=choice.think_budget,
        flexible=choice.max_tokens is None,
        probes=Probes(endpoint, name, entry=entry, folder=folders.cache / "endpoints" if folders else None),
    )


def _local(path: Path, choice: ModelChoice, entry: Model | None) -> Answerer:
    from rag.local import LocalAnswerer

    answerer = LocalAnswerer(
        path,
        entry=entry,
        sampling=sampling_of(choice, entry),
        think_budget=choice.think_budget,
        flexible=choice.max_tokens is None,
    )
    answerer.start()  # it loads while passages are retrieved
    return answerer


def weights_of(entry: Model, folders: "Folders | None") -> Path:
    """The file of a model that is installed or pulled.

    Raises:
        RequestError: there is none here.
    """
    if entry.package:
        # found, not imported: importing the package may load more than its weights
        spec = importlib.util.find_spec(entry.package)
        for place in (spec and spec.submodule_search_locations) or ():
            path = Path(place) / (entry.file or "")
            if path.is_file():
                return path
        raise RequestError(f"the weights of model {entry.name!r} are not installed; {entry.install}")
    if folders:
        from rag.models.pulling import pulled

        for weights in pulled(folders):
            if weights.name == entry.name:
                return weights.path
    pull = f"fetch them with `rag models pull {entry.name}`, " if entry.gguf else ""
    raise RequestError(
        f"model {entry.name!r} has no weights here and no server runs it; {pull}start `rag serve {entry.name}`, "
        "give the --base-url of a server, or --model FILE.gguf"
    )


def is_path(name: str) -> bool:
    """Whether `name` means a file rather than a model of the catalogue."""
    return name.endswith(".gguf") or (os.sep in name and name.startswith((".", "~", os.sep))) or Path(name).is_file()


def sampling_of(choice: ModelChoice, entry: Model | None) -> Sampling:
    """How the model is to draw its tokens: as said, else as its makers recommend.

    Raises:
        RequestError: a value is out of range, or no token is left for an answer.
    """
    wanted = {
        name: value
        for name in ("temperature", "top_p", "max_tokens", "seed")
        if (value := getattr(choice, name)) is not None
    }
    sampling = replace(entry.sampling if entry else Sampling(), **wanted)
    budget = choice.think_budget
    if budget is None:
        return sampling
    if budget < 0:
        raise RequestError(f"the thinking budget must be at least 0 tokens (0: no thinking), not {budget!r}")
    if entry and entry.thinks == "never":  # a budget changes nothing
        return sampling
    if choice.max_tokens is None:
        return replace(sampling, max_tokens=max(sampling.max_tokens, budget + ANSWER_TOKENS))
    if budget >= choice.max_tokens:
        raise RequestError(
            f"a thinking budget of {budget} tokens leaves none of the {choice.max_tokens} of --max-tokens for the "
            "answer; raise --max-tokens or lower the budget"
        )
    return sampling

"""The catalogue of answer models, and the one door from a choice of model to something that answers."""

import importlib.util
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import RequestError, UnknownNameError
from rag.answerer import Answerer
from rag.sampling import Sampling
from rag.thinking import Thinks

if TYPE_CHECKING:
    from indexes.embedder.protocol import Embedder

EXTRACTIVE = "extractive"


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of a model.

    Attributes:
        name: the short name.
        description: for people, in a few words.
        reasoning: it was trained to think before it answers.
        thinks: how it thinks.
        hub_id: its name on the model hub; None for what is no language model.
        base: hub id of what it was tuned from.
        context: most tokens of prompt and reply together.
        budget: most tokens of passages that do it good; None: the general default.
        sampling: what its makers recommend.
        package: the installed package that carries its weights; None where none does.
        file: the weights within that package.
        install: the command that installs that package.
    """

    name: str
    description: str
    reasoning: bool
    thinks: Thinks
    hub_id: str | None = None
    base: str | None = None
    context: int | None = None
    budget: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    package: str | None = None
    file: str | None = None
    install: str | None = None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model is to answer, and how; None leaves it to the catalogue.

    Attributes:
        model: a name or hub id of the catalogue, the path of a .gguf file, or what the endpoint calls it.
        base_url: of an OpenAI-compatible endpoint.
        api_key: for that endpoint.
        timeout: seconds that the endpoint may be silent.
    """

    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None


@cache
def models() -> dict[str, Model]:
    """The catalogue, by name."""
    text = resources.files("rag").joinpath("models.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    return {
        name: Model(name=name, **{**entry, "sampling": Sampling(**entry.get("sampling", {}))})
        for name, entry in entries.items()
    }


def known_model(name: str) -> Model | None:
    """The entry with that name or hub id; None if there is none."""
    return models().get(name) or next((model for model in models().values() if model.hub_id == name), None)


def open_answerer(choice: ModelChoice, *, embedder: "Callable[[], Embedder]") -> Answerer:
    """What answers as `choice` says; without model and endpoint, `extractive`.

    Args:
        choice: which model.
        embedder: called if the answerer needs one.

    Raises:
        UnknownNameError: no such model.
        RequestError: its weights or llama.cpp are not there, a setting is out of range, or an endpoint without
            a model's name did not say which one it serves.
    """
    name = choice.model or EXTRACTIVE
    if choice.base_url is not None:
        return _remote(choice, choice.base_url)
    entry = known_model(name)
    if entry is None:
        return _from_path(name, choice)
    if entry.name == EXTRACTIVE:
        from rag.extractive import ExtractiveAnswerer

        return ExtractiveAnswerer(embedder())
    if entry.package is None:
        raise RequestError(
            f"model {name!r} has no weights here; serve {entry.hub_id!r} and give the server's --base-url, "
            "or give its weights as --model FILE.gguf"
        )
    return _local(_packaged(entry), choice, entry)


def _remote(choice: ModelChoice, base_url: str) -> Answerer:
    _sampling(choice, None)  # a setting out of range is said before the endpoint is asked

    from rag.client import EndpointAnswerer
    from rag.endpoint import Endpoint, sole_model, soon_listed

    endpoint = Endpoint(base_url, choice.api_key, timeout=choice.timeout)
    name = choice.model or sole_model(endpoint)
    entry = known_model(name)
    if entry and entry.hub_id and name not in (entry.hub_id, *(served.name for served in soon_listed(endpoint))):
        name = entry.hub_id  # a short name is ours, and a server's only where it lists it
    return EndpointAnswerer(
        endpoint,
        name,
        thinks=entry.thinks if entry else "unknown",
        sampling=_sampling(choice, entry),
        budget=entry.budget if entry else None,
    )


def _local(path: Path, choice: ModelChoice, entry: Model | None) -> Answerer:
    from rag.local import LocalAnswerer

    answerer = LocalAnswerer(
        path,
        model=entry.name if entry else None,
        thinks=entry.thinks if entry else None,
        window=entry.context if entry else None,
        sampling=_sampling(choice, entry),
        budget=entry.budget if entry else None,
    )
    answerer.start()  # it loads while passages are retrieved
    return answerer


def _from_path(name: str, choice: ModelChoice) -> Answerer:
    if not (name.endswith(".gguf") or os.sep in name or Path(name).is_file()):
        raise UnknownNameError(
            "model", name, models(), hint="or a path to a .gguf file, or a model of the server at --base-url"
        )
    return _local(Path(name).expanduser(), choice, None)


def _packaged(entry: Model) -> Path:
    # found, not imported: importing the package may load more than its weights
    spec = importlib.util.find_spec(entry.package or "")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / (entry.file or "")
        if path.is_file():
            return path
    raise RequestError(f"the weights of model {entry.name!r} are not installed; {entry.install}")


def _sampling(choice: ModelChoice, entry: Model | None) -> Sampling:
    wanted = {
        name: value
        for name in ("temperature", "top_p", "max_tokens", "seed")
        if (value := getattr(choice, name)) is not None
    }
    return replace(entry.sampling if entry else Sampling(), **wanted)

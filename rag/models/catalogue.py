"""The catalogue of answer models: what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from indexes.errors import RequestError
from rag.sampling import Sampling
from rag.thinking import Thinks

EXTRACTIVE = "extractive"

TwinKind = Literal["no_think", "same_base", "related"]


@dataclass(frozen=True, slots=True)
class Twin:
    """A model to compare another with.

    Attributes:
        name: its entry.
        kind: `no_think`: the same weights with their thinking closed, so the name is the entry's own; `same_base`:
            tuned from exactly the same base; `related`: neither.
    """

    name: str
    kind: TwinKind


@dataclass(frozen=True, slots=True)
class Gguf:
    """A build of a model's weights that answers in process.

    Attributes:
        repo: its name on the model hub.
        file: the file within it.
    """

    repo: str
    file: str


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of a model.

    Attributes:
        name: the short name.
        description: for people, in a few words.
        reasoning: it was trained to think before it answers.
        thinks: how it thinks, unless its template is told not to.
        hub_id: its name on the model hub; None for what is no language model, or is made and not fetched.
        base: hub id of what it was tuned from.
        base_source: where that is written.
        twins: what to compare it with, the closest first.
        context: most tokens of prompt and reply together.
        memory_gb: what its weights take in 16 bits, in GB of 10^9 bytes; the cache comes on top.
        licence: as its makers name it.
        sampling: what its makers recommend.
        reasoning_parser: what vLLM calls the parser of its thinking.
        switch: the arguments of its chat template that turn thinking off; None: its template has none.
        gguf: a well-known build to pull.
        budget: most tokens of passages that do it good; None: the general default.
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
    base_source: str | None = None
    twins: tuple[Twin, ...] = ()
    context: int | None = None
    memory_gb: float | None = None
    licence: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    reasoning_parser: str | None = None
    switch: tuple[tuple[str, bool | str], ...] | None = None
    gguf: Gguf | None = None
    budget: int | None = None
    package: str | None = None
    file: str | None = None
    install: str | None = None


@cache
def models() -> dict[str, Model]:
    """Our own catalogue, by name."""
    from rag.models.catalogue_file import with_entries

    return with_entries({}, resources.files("rag.models").joinpath("models.toml").read_bytes(), source="models.toml")


def load_catalogue(user_file: Path | None = None) -> Mapping[str, Model]:
    """Our catalogue and the user's own, by name; of two entries with one name, the user's holds.

    Args:
        user_file: need not be there.

    Raises:
        RequestError: the file cannot be read, or one of its entries is wrong; the message names both.
    """
    if user_file is None:
        return models()
    try:
        entries = user_file.read_bytes()
    except FileNotFoundError:
        return models()
    except OSError as error:
        raise RequestError(f"cannot read the model catalogue {str(user_file)!r}: {error.strerror}") from error

    from rag.models.catalogue_file import with_entries

    return with_entries(models(), entries, source=str(user_file))


def known_model(name: str, catalogue: Mapping[str, Model] | None = None) -> Model | None:
    """The entry with that name or hub id, of our own catalogue by default; None if there is none."""
    entries = models() if catalogue is None else catalogue
    return entries.get(name) or next((model for model in entries.values() if model.hub_id == name), None)

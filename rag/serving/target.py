"""What the MODEL of `rag serve` means: an entry of the catalogue, a model of the hub, or a folder with weights."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import RequestError, UnknownNameError
from rag.models.catalogue import EXTRACTIVE, Model, known_model


@dataclass(frozen=True, slots=True)
class Target:
    """A model to serve.

    Attributes:
        source: what vLLM loads: a hub id, or the absolute path of a folder.
        names: what it is served under; the first is the short one.
        entry: what the catalogue knows of it; None: nothing.
    """

    source: str
    names: tuple[str, ...]
    entry: Model | None

    @property
    def is_folder(self) -> bool:
        """Its weights are on this machine."""
        return Path(self.source).is_absolute()


def find_target(model: str, catalogue: Mapping[str, Model]) -> Target:
    """What `model` means: a name or hub id of the catalogue, else a folder, else a hub id.

    A folder is known to the catalogue by its own name.

    Raises:
        UnknownNameError: none of them.
        RequestError: no such folder, or there are no weights that vLLM could load.
    """
    entry = known_model(model, catalogue)
    if entry is None and os.path.isdir(os.path.expanduser(model)):  # noqa: PTH111, PTH112  pathlib's raises without a home
        return _folder(os.path.abspath(os.path.expanduser(model)), catalogue)  # noqa: PTH100, PTH111
    if entry is None:
        if model.startswith((".", "~", os.sep)) or model.endswith(os.sep) or model.count(os.sep) > 1:
            raise RequestError(f"there is no folder {model!r}; give one with the weights of a model")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", model):
            raise UnknownNameError("model", model, catalogue, hint="or a hub id OWNER/NAME, or a folder with weights")
        return Target(model, (model,), None)
    if entry.name == EXTRACTIVE:
        raise RequestError(f"{EXTRACTIVE!r} is no language model, and needs no server; name another of `rag models`")
    if entry.hub_id is None:
        raise RequestError(
            f"model {model!r} is not on the model hub; if a folder holds its weights, serve that, as ./{entry.name}"
        )
    return Target(entry.hub_id, (entry.name, entry.hub_id), entry)


def _folder(path: str, catalogue: Mapping[str, Model]) -> Target:
    if not (Path(path) / "config.json").is_file():
        raise RequestError(
            f"folder {path!r} holds no model that vLLM can load: config.json is missing; "
            "a model of the hub is a folder with config.json, a tokenizer and .safetensors files"
        )
    name = Path(path).name
    entry = known_model(name, catalogue)
    return Target(path, (name,), entry)

"""The settings of `rag`: flags over environment over project file over user file over defaults.

Imports pydantic-settings (150 ms): to be imported where a command runs, not where it is defined.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from cli.config_files import ConfigFile, config_files
from indexes.errors import RequestError, UnknownNameError
from indexes.places import APP, default_cache, default_directory

PREFIX = "RAG_"
DEFAULT = "default"
AMBIENT_KEY = "OPENAI_API_KEY"
"""Used where nothing of ours names a key: lying in the environment, it must not override a configured one."""

EXECUTED = "vllm_python"

Text = Annotated[str, Field(min_length=1)]


class Settings(BaseSettings):
    """The effective settings; None where nothing was said and that means something.

    Attributes:
        model: a name, a ``.gguf`` file, or "extractive"; None: found as the contracts say.
        base_url: an OpenAI-compatible endpoint.
        api_key: sent to `base_url`; never selects anything. One of the user's file, or one that lies in the
            environment for others, is not sent to a `base_url` that a project's file names.
        dir: the folder that holds indexes.
        cache: exported embedders and vectors.
        index: the index to read; None: the only one.
        embedder: a hub name, a folder, or a built-in name; None: the index's own, else the default.
        k: passages at most.
        budget: tokens of passages at most; None: by model.
        placement: the policy that orders passages, with parameters.
        mode: of retrieval.
        reranker: a cross-encoder's name.
        timeout: seconds without a sign of life from an endpoint.
        max_tokens: of thinking and answer together; None: by model.
        temperature: None: by model.
        think_budget: tokens of thinking at most; 0: no thinking; None: as many as the model likes.
        thinking: how it is shown.
        vllm_python: the interpreter whose environment has vLLM; None: ours.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    model: Text | None = None
    base_url: str | None = Field(None, pattern=r"^https?://\S+$")
    api_key: SecretStr | None = None
    dir: Path = Field(default_factory=default_directory)
    cache: Path = Field(default_factory=default_cache)
    index: Text | None = None
    embedder: Text | None = None
    k: int = Field(10, ge=1)
    budget: int | None = Field(None, ge=1)
    placement: Text = "edges"
    mode: Literal["dense", "lexical", "hybrid"] = "hybrid"
    reranker: Text | None = None
    timeout: float = Field(120.0, gt=0, allow_inf_nan=False)
    max_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    think_budget: int | None = Field(None, ge=0)
    thinking: Literal["full", "counter"] = "full"
    vllm_python: Path | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  these names are pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over: it reads the environment itself, to know where a value is from."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and where they come from.

    Attributes:
        origins: per setting: a flag, an environment variable, a file's path, or "default".
        files: what was looked at.
    """

    settings: Settings
    origins: Mapping[str, str]
    files: tuple[ConfigFile, ...]


def load_settings(**flags: object) -> Loaded:
    """The effective settings.

    Args:
        flags: what the command line said, by setting; None where it said nothing.

    Raises:
        RequestError: a file, or a value wherever it stands, is wrong; the message names the place.
    """
    folder = Path.cwd()
    files = config_files(folder=folder, user_folder=platformdirs.user_config_path(APP))
    said: dict[str, _Said] = {}
    if key := os.environ.get(AMBIENT_KEY):
        said["api_key"] = _Said(key, AMBIENT_KEY, Layer.AMBIENT, folder)
    for file in reversed(files):
        said.update(_said_by_file(file))
    for name, value in EnvSettingsSource(Settings)().items():
        said[name] = _Said(value, f"{PREFIX}{name.upper()}", Layer.ENVIRONMENT, folder)
    for name, value in flags.items():
        if value is not None:
            said[name] = _Said(value, flag_of(name), Layer.FLAG, folder)
    _choose_endpoint(said, users_own="base_url" in files[1].values)
    said = {name: replace(one, value=_anchored(name, one, remote="base_url" in said)) for name, one in said.items()}
    try:
        settings = Settings(**{name: one.value for name, one in said.items()})
    except ValidationError as error:
        raise _refusal(error, said) from error
    origins = {name: said[name].where if name in said else DEFAULT for name in Settings.model_fields}
    return Loaded(settings, origins, files)


def flag_of(name: str) -> str:
    """How the command line spells a setting.

    >>> flag_of("max_tokens"), flag_of("k")
    ('--max-tokens', '-k')
    """
    return f"{'-' if len(name) == 1 else '--'}{name.replace('_', '-')}"


def without_password(url: str) -> str:
    """`url` as it may be shown.

    >>> without_password("https://me:secret@example.org/v1")
    'https://...@example.org/v1'
    """
    return re.sub(r"//[^/]*@", "//...@", url)


class Layer(IntEnum):
    """Where a setting was said; the higher wins."""

    AMBIENT = 0
    USER = 1
    PROJECT = 2
    ENVIRONMENT = 3
    FLAG = 4


@dataclass(frozen=True, slots=True)
class _Said:
    """A setting as it was said: its place in words, its layer, and the folder that its path is relative to."""

    value: Any
    where: str
    layer: Layer
    folder: Path


def _choose_endpoint(said: dict[str, _Said], *, users_own: bool) -> None:
    """Drops an endpoint that a stronger layer overrides by a local model, and a key that is not meant for it.

    Args:
        said: changed in place.
        users_own: the user's file names an endpoint of its own.
    """
    url, model, key = (said.get(name) for name in ("base_url", "model", "api_key"))
    if url and model and model.layer > url.layer and _is_local(str(model.value)):
        del said["base_url"]
    elif url and key:
        # a cloned project must not be able to fetch the user's key, nor anybody on the way
        fetched = url.layer is Layer.PROJECT and key.layer is not Layer.PROJECT
        if (fetched and (users_own or key.layer < Layer.PROJECT)) or (key.layer is Layer.AMBIENT and _is_open(url)):
            del said["api_key"]


def _is_local(model: str) -> bool:
    """Whether `model` is here: a file, weights that are installed or pulled, a server of ours, or no model at all."""
    from rag.folders import default_folders
    from rag.models.catalogue import EXTRACTIVE, models
    from rag.opening import ModelChoice, discover

    entry = models().get(model)
    if _is_path(model) or model == EXTRACTIVE or (entry is not None and entry.package is not None):
        return True
    return discover(ModelChoice(model), default_folders()) is not None


def _is_open(url: _Said) -> bool:
    """Whether what is sent there can be read on the way."""
    parts = urlsplit(str(url.value))
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


def _said_by_file(file: ConfigFile) -> dict[str, _Said]:
    said: dict[str, _Said] = {}
    for name, value in file.values.items():
        if name not in Settings.model_fields:
            raise UnknownNameError("setting", name, Settings.model_fields, hint=f"it stands in {str(file.path)!r}")
        kind = "a number" if _is_number(name) else "text in quotes"
        if not isinstance(value, int | float if _is_number(name) else str) or isinstance(value, bool):
            found = "something else" if name == "api_key" else repr(value)
            raise RequestError(f"{name} must be {kind}, found {found} (from {str(file.path)!r})")
        layer = Layer.PROJECT if file.kind == "project" else Layer.USER
        if name == EXECUTED and layer is Layer.PROJECT:
            raise RequestError(
                f"{name} would be executed, so a project's file may not name it; take it out of {str(file.path)!r} and "
                f"say it in your own file, by {PREFIX}{name.upper()}, or by {flag_of(name)}"
            )
        said[name] = _Said(value, str(file.path), layer, file.path.parent)
    return said


def _is_number(name: str) -> bool:
    annotation = Settings.model_fields[name].annotation
    return not {int, float}.isdisjoint(get_args(annotation) or (annotation,))


def _anchored(name: str, one: _Said, *, remote: bool) -> object:
    """The value; where it names a path, absolute: ``~`` expanded, else relative to the folder of its place.

    Args:
        name: of the setting.
        one: what was said.
        remote: there is an endpoint, which has names of its own for models.
    """
    text = str(one.value)
    if not isinstance(one.value, str | Path) or not text or (name == "model" and remote):
        return one.value
    expanded = os.path.expanduser(text)  # noqa: PTH111  pathlib's raises where there is no home
    is_path = name in {"dir", "cache"} or _is_path(text) or (name == EXECUTED and os.sep in text)
    return os.path.normpath(one.folder / expanded) if is_path else text


def _is_path(text: str) -> bool:
    return text.startswith(("./", "../", "~", "/")) or text.endswith(".gguf")


def _refusal(error: ValidationError, said: Mapping[str, _Said]) -> RequestError:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0])
    where, value = said[name].where, said[name].value
    if first["type"] == "literal_error":
        known: Iterable[str] = get_args(Settings.model_fields[name].annotation)
        return UnknownNameError(name, str(value), known, hint=f"it comes from {where}")
    wanted = re.sub(r"^\w+ should ", "must ", first["msg"]).partition(",")[0]
    if first["type"] == "string_pattern_mismatch":
        wanted = "must look like 'http://127.0.0.1:8000/v1'"
    found = without_password(value) if isinstance(value, str) else value
    return RequestError(f"{name} {wanted}, found {found!r} (from {where})")

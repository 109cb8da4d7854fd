"""From a check's file and options to what is checked: flag over file, and nothing that is only found here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexes.errors import RequestError

if TYPE_CHECKING:
    from evaluation.check.config import CheckConfig
    from rag.folders import Folders
    from rag.opening import ModelChoice

NO_MODEL: Mapping[str, Any] = {"model": None, "base_url": None, "timeout": None}
"""What is said of the model where nothing is."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is checked, and the user's folders."""

    config: "CheckConfig"
    folders: "Folders"


def settled(path: Path, said: Mapping[str, Any] = NO_MODEL) -> Settled:
    """The check of the file at `path`, with the model that the options `said` name, if any.

    Raises:
        RequestError: there is no such file, or something in it or in an option is wrong.
    """
    from evaluation.check.config_file import read_config

    if not path.exists():
        raise RequestError(
            f"there is no {str(path)!r} here; write one with `rag check init --docs docs/ --questions FILE`, "
            "or name it by --config"
        )
    config = read_config(path)
    folders, key = folders_and_key()
    return Settled(_with_model(config, said, key), folders)


def folders_and_key() -> "tuple[Folders, str | None]":
    """The user's folders, and the key for an endpoint: only one that the environment means for this product."""
    from cli.eval.settling import ENVIRONMENT
    from cli.settings import load_settings
    from rag.folders import default_folders

    loaded = load_settings()
    secret = loaded.settings.api_key if loaded.origins["api_key"] == ENVIRONMENT else None
    return default_folders(loaded.settings.cache), secret.get_secret_value() if secret else None


def said_choice(said: Mapping[str, Any], *, before: "ModelChoice | None" = None) -> "ModelChoice":
    """The model that options name, over the one of the file.

    Raises:
        RequestError: an option is out of range.
    """
    from evaluation.toml_files import refuse_credentials
    from rag.opening import ModelChoice, is_path

    timeout, url, model = said["timeout"], said["base_url"], said["model"]
    if timeout is not None and not 0 < timeout < float("inf"):
        raise RequestError(f"--timeout must be above 0 seconds, not {timeout!r}")
    if url is not None and not url.startswith(("http://", "https://")):
        raise RequestError(f"--base-url must look like 'http://127.0.0.1:8000/v1', not {url!r}")
    refuse_credentials(url, "--base-url", "set RAG_API_KEY instead")
    choice = before or ModelChoice()
    if model is not None and url is None and _is_here(model):
        choice = replace(choice, base_url=None)  # the endpoint of the file does not have it
    if model is not None and url is None and choice.base_url is None and is_path(model):
        model = str(Path(model).expanduser().absolute())
    given = {"model": model, "base_url": url, "timeout": timeout}
    return replace(choice, **{name: value for name, value in given.items() if value is not None})


def _with_model(config: "CheckConfig", said: Mapping[str, Any], key: str | None) -> "CheckConfig":
    from evaluation.check.config import AnswerChoice

    answers = config.answers
    if said["model"] or said["base_url"]:
        choice = said_choice(said, before=answers.model if answers else None)
        answers = replace(answers, model=choice) if answers else AnswerChoice(choice)
    elif answers:
        answers = replace(answers, model=said_choice(said, before=answers.model))
    elif said["timeout"] is not None:
        raise RequestError("--timeout is for an endpoint, and no model is asked; name one by --model or --base-url")
    if answers and answers.model.base_url:
        answers = replace(answers, model=replace(answers.model, api_key=key))
    return replace(config, answers=answers)


def _is_here(model: str) -> bool:
    """Whether `model` means weights of this machine, or no model at all, rather than a name of an endpoint."""
    from rag.models.catalogue import EXTRACTIVE, known_model, models
    from rag.opening import is_path

    entry = known_model(model, models())
    return is_path(model) or (entry is not None and (entry.name == EXTRACTIVE or entry.package is not None))

"""From options and settings to an experiment: the grid with what the command line says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.asked import choice_of
from indexes.errors import RequestError

if TYPE_CHECKING:
    from cli.settings import Loaded
    from evaluation.arms import Subject
    from evaluation.design.grid import Grid
    from evaluation.running.conducting import Surroundings

RUNS = Path("rag-runs")
"""The folder of runs, in the working folder: they belong to what is worked on there."""
NO_MODEL = (
    "an experiment needs a model: --model NAME (rag models lists names), --model FILE.gguf, --base-url URL, "
    "or --model extractive for a run without any language model"
)
ENVIRONMENT = "RAG_API_KEY"


def settings_for(said: Mapping[str, Any]) -> "Loaded":
    """The settings, with the options that are settings too."""
    from cli.settings import load_settings

    names = ("model", "base_url", "timeout", "max_tokens", "temperature", "index", "reranker")
    return load_settings(**{name: said[name] for name in names}, dir=said["directory"])


def settled_grid(grid: "Grid", said: Mapping[str, Any], loaded: "Loaded", *, placements: Sequence[str] = ()) -> "Grid":
    """`grid` with what the command line says; where it names no model, with that of the settings.

    Raises:
        RequestError: there is no model, or an option is wrong.
    """
    from evaluation.design.grid import with_flags

    if said["questions"] and said["generate"]:
        raise RequestError("--questions and --generate both say what is asked; give one of them")
    models = []
    if said["model"] or said["base_url"] or not grid.subjects:
        choice = choice_of(loaded)
        if choice.model is None and choice.base_url is None:
            raise RequestError(NO_MODEL)
        models = [replace(choice, temperature=None, max_tokens=None, think_budget=None)]
    sampling = replace(
        grid.sampling,
        **{name: value for name in ("temperature", "max_tokens") if (value := said[name]) is not None},
    )
    data = replace(grid.data, reranker=said["reranker"] or grid.data.reranker)
    changed = with_flags(
        replace(grid, sampling=sampling, data=data),
        path=said["questions"],
        generate=said["generate"],
        n=said["n"],
        index=said["index"],
        models=models,
        placements=placements,
        think_budgets=_budgets(said["think_budgets"]),
        samples=said["samples"],
        seed=said["seed"],
        primary=said["metric"],
    )
    return replace(changed, subjects=tuple(_with_key(subject, loaded) for subject in changed.subjects))


def surroundings(loaded: "Loaded") -> "Surroundings":
    """The user's folders."""
    from evaluation.running.conducting import Surroundings
    from rag.folders import default_folders

    settings = loaded.settings
    return Surroundings(default_folders(settings.cache), settings.dir, RUNS, settings.embedder, settings.index)


def _budgets(text: str | None) -> tuple[int | None, ...]:
    """As written: ``free,512,0``."""
    budgets: list[int | None] = []
    for part in text.split(",") if text else ():
        word = part.strip()
        if word != "free" and not (word.isdecimal() and word.isascii()):
            raise RequestError(f"--think-budgets takes numbers of tokens and 'free', as free,512,0; found {word!r}")
        budgets.append(None if word == "free" else int(word))
    return tuple(budgets)


def _with_key(subject: "Subject", loaded: "Loaded") -> "Subject":
    """A grid's own endpoints get the key that the environment means for this product, and no other."""
    choice = subject.choice
    if choice.base_url and choice.api_key is None and loaded.origins["api_key"] == ENVIRONMENT:
        key = loaded.settings.api_key
        return replace(subject, choice=replace(choice, api_key=key.get_secret_value() if key else None))
    return subject

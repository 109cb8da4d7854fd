"""What `rag ask` and `rag chat` share: from options and settings to an open index, an answerer and a way of asking."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.console import note
from indexes.errors import RequestError, UnknownNameError

if TYPE_CHECKING:
    from cli.settings import Loaded
    from cli.streaming import Thinking
    from indexes.index import Index
    from rag.answerer import Answerer
    from rag.asking import Asking
    from rag.opening import ModelChoice

NO_MODEL = (
    "no language model is chosen, so these are quotes; for a reasoning model: `rag models pull NAME`, "
    "`rag serve NAME`, or --base-url URL (rag models lists names, rag config shows what is set)"
)


@dataclass(frozen=True, slots=True)
class Session:
    """All that a question needs.

    Attributes:
        chosen: what answers, where, and what chose it; for people.
        thinking: how the thinking is shown.
    """

    index: "Index"
    answerer: "Answerer"
    asking: "Asking"
    chosen: str
    thinking: "Thinking"

    def say_who_answers(self) -> None:
        """One line on stderr."""
        note(self.chosen)


def settings_of(said: Mapping[str, Any]) -> "Loaded":
    """The effective settings, with what the options `said`.

    Raises:
        RequestError: an option is wrong, or two contradict each other.
    """
    from cli.settings import load_settings

    own = ("where", "effort", "no_think", "verbatim", "directory")
    flags = {name: value for name, value in said.items() if name not in own}
    return load_settings(**{**flags, "think_budget": _think_budget(said), "dir": said["directory"]})


def _think_budget(said: Mapping[str, Any]) -> int | None:
    from rag.opening import EFFORTS

    options = ("think_budget", "effort", "no_think")
    given = [f"--{name.replace('_', '-')}" for name in options if said[name] is not None and said[name] is not False]
    if len(given) > 1:
        raise RequestError(f"{' and '.join(given)} say different things of the thinking; give one of them")
    if said["effort"] is not None and said["effort"] not in EFFORTS:
        raise UnknownNameError("effort", said["effort"], EFFORTS)
    budget: int | None = said["think_budget"]
    return 0 if said["no_think"] else EFFORTS[said["effort"]] if said["effort"] else budget


@contextmanager
def session(loaded: "Loaded", said: Mapping[str, Any]) -> Iterator[Session]:
    """Opens what the settings choose; what is wrong with them is said before anything is loaded."""
    from cli.opened import open_index
    from indexes.reranker import CrossEncoderReranker
    from rag.asking import Asking
    from rag.folders import default_folders
    from rag.opening import discover, open_answerer
    from rag.placement import parse_placement

    settings = loaded.settings
    asking = Asking(
        k=settings.k,
        budget=settings.budget,
        placement=parse_placement(settings.placement),
        mode=settings.mode,
        where=tuple(said["where"] or ()),
        reranker=CrossEncoderReranker(settings.reranker) if settings.reranker else None,
        verbatim=said["verbatim"],
    )
    folders = default_folders(settings.cache)
    choice = choice_of(loaded)
    with open_index(settings) as index:
        found = discover(choice, folders)
        answerer = open_answerer(found.choice if found else choice, embedder=lambda: index.embedder, folders=folders)
        chosen = _chosen(answerer, loaded, found.how if found else None)
        yield Session(index, answerer, asking, chosen, settings.thinking)


def choice_of(loaded: "Loaded") -> "ModelChoice":
    """The choice of model that the settings make, as far as they do."""
    from rag.opening import ModelChoice

    settings = loaded.settings
    return ModelChoice(
        model=settings.model,
        base_url=settings.base_url,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        timeout=settings.timeout,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        think_budget=settings.think_budget,
    )


def _chosen(answerer: "Answerer", loaded: "Loaded", found: str | None) -> str:
    reasons = [reason for reason in (chosen_by(loaded), found) if reason]
    return f"model {answerer.model}, {answerer.where} ({'; '.join(reasons)})" if reasons else NO_MODEL


def chosen_by(loaded: "Loaded") -> str | None:
    """What said which model, or else which endpoint, is to answer; None: nothing did."""
    said = [loaded.origins[name] for name in ("model", "base_url") if getattr(loaded.settings, name)]
    return f"chosen by {said[0]}" if said else None

"""What `rag ask` and `rag chat` share: from settings to an open index, an answerer and a way of asking."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.console import note

if TYPE_CHECKING:
    from cli.settings import Loaded
    from indexes.index import Index
    from rag.answerer import Answerer
    from rag.asking import Asking
    from rag.catalogue import ModelChoice

NO_MODEL = (
    "no language model is chosen, so these are quotes; for a reasoning model: --base-url URL --model NAME, "
    "or --model FILE.gguf (rag config shows what is set)"
)


@dataclass(frozen=True, slots=True)
class Session:
    """All that a question needs."""

    index: "Index"
    answerer: "Answerer"
    asking: "Asking"


@contextmanager
def session(loaded: "Loaded", where: Sequence[str]) -> Iterator[Session]:
    """Opens what the settings choose; what is wrong with them is said before anything is loaded."""
    from cli.opened import open_index
    from indexes.reranker import CrossEncoderReranker
    from rag.asking import Asking
    from rag.catalogue import open_answerer
    from rag.placement import parse_placement

    settings = loaded.settings
    asking = Asking(
        k=settings.k,
        budget=settings.budget,
        placement=parse_placement(settings.placement),
        mode=settings.mode,
        where=tuple(where),
        reranker=CrossEncoderReranker(settings.reranker) if settings.reranker else None,
    )
    with open_index(settings) as index:
        yield Session(index, open_answerer(_choice(loaded), embedder=lambda: index.embedder), asking)


def _choice(loaded: "Loaded") -> "ModelChoice":
    from rag.catalogue import ModelChoice

    settings = loaded.settings
    return ModelChoice(
        model=settings.model,
        base_url=settings.base_url,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        timeout=settings.timeout,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
    )


def say_who_answers(answerer: "Answerer", loaded: "Loaded") -> None:
    """One line: which model was chosen, where it runs, and what chose it."""
    settings, origins = loaded.settings, loaded.origins
    if settings.model is None and settings.base_url is None:
        note(NO_MODEL)
    else:
        origin = origins["model"] if settings.model else origins["base_url"]
        note(f"model {answerer.model}, {answerer.where} (chosen by {origin})")

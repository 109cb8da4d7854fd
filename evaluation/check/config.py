"""What is checked and how strictly: the content of `ragcheck.toml`."""

from dataclasses import dataclass
from pathlib import Path

from indexes.ranking import Mode
from indexes.recipe import AS_BEFORE, Recipe
from rag.asking import DEFAULT_PLACEMENT
from rag.models.catalogue import EXTRACTIVE
from rag.opening import ModelChoice

FILE = "ragcheck.toml"
WORK = ".ragcheck"
"""The folder beside it, for each such file a folder with its index and last run; git leaves it out."""
MARGIN = 0.05
RETRIEVAL_MARGIN = 0.02
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Gate:
    """What of a kind of stage is measured, and what decides.

    Attributes:
        gate: metrics that decide, as printed.
        metrics: others that are told.
        margin: the loss of a gating metric that is tolerated, as a fraction; 0: none.
    """

    gate: tuple[str, ...]
    metrics: tuple[str, ...]
    margin: float

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, those that decide first."""
        return (*self.gate, *self.metrics)


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """Which model is asked, and how its answers are judged.

    Attributes:
        model: which, and where.
        repeats: how often `bless` asks each question.
    """

    model: ModelChoice
    gate: Gate = Gate(("sub_span",), (), MARGIN)
    repeats: int = REPEATS

    @property
    def exact(self) -> bool:
        """Whether answers come without chance: the same passages give the same sentences."""
        return self.model.base_url is None and self.model.model == EXTRACTIVE


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """A team's check. All paths are absolute; in the file they are relative to it.

    Attributes:
        path: of the file.
        questions: a dataset that `evaluation.datasets` reads.
        baseline: what is blessed; it may not be there yet.
        roots: files and folders of documents.
        recipe: how they are indexed.
        mode: of retrieval.
        reranker: a cross-encoder's name.
        retrieve: how many passages are ranked.
        retrieval: what of the rankings is measured; the first k of their default is `passages`.
        passages: most passages in the context.
        tokens: most tokens that they may take; None: as `rag ask` does.
        placement: in which order the model reads them, as printed.
        answers: None: no model is asked; only the deterministic stages are checked.
    """

    path: Path
    questions: Path
    baseline: Path
    roots: tuple[Path, ...]
    retrieval: Gate
    recipe: Recipe = AS_BEFORE
    mode: Mode = "hybrid"
    reranker: str | None = None
    retrieve: int = 50
    passages: int = 10
    tokens: int | None = None
    placement: str = DEFAULT_PLACEMENT
    answers: AnswerChoice | None = None

    @property
    def anchor(self) -> Path:
        """The first baseline, beside the baseline."""
        return self.baseline.with_suffix(f".anchor{self.baseline.suffix}")

    @property
    def work(self) -> Path:
        """The folder of what can be made again."""
        return self.path.parent / WORK / self.path.stem


def retrieval_gate(passages: int) -> Gate:
    """What is measured of rankings where nothing is said: recall of what the model reads decides."""
    return Gate((f"recall@{passages}",), (f"ndcg@{passages}", f"mrr@{passages}"), RETRIEVAL_MARGIN)

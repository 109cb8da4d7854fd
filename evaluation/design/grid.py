"""A grid: what an experiment varies and what it holds fixed, as a file or flags declare it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from evaluation.arms import Length, Subject
from evaluation.run import Clusters
from indexes.ranking import Mode
from rag.opening import ModelChoice
from rag.prompt import Layout

Contexts = Literal["dataset", "retrieved"]
"""Whose passages the model reads: those that the dataset gives with each question, or retrieved ones."""
Distractors = Literal["dataset", "hard", "random"]
"""Which wrong passages stand beside the gold: the dataset's own, the retriever's, or those of other questions."""


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Which examples, and where their contexts come from.

    Attributes:
        path: of a dataset.
        generate: the spec of a generator, in place of a dataset.
        format: of the dataset; None: as its content tells.
        split: of a dataset that has several.
        n: how many, drawn at random; None: all.
        tags: examples bear all of them; (): any example.
        contexts: None: the dataset's where it has passages, else retrieved.
        distractors: only for contexts of the dataset; None: the dataset's.
        index: by name, from which passages are retrieved; None: one of the dataset's own passages.
        retrieve: how many.
        mode: of retrieval.
        reranker: a cross-encoder's name.
    """

    path: Path | None = None
    generate: str | None = None
    format: str | None = None
    split: str | None = None
    n: int | None = None
    tags: tuple[str, ...] = ()
    contexts: Contexts | None = None
    distractors: Distractors | None = None
    index: str | None = None
    retrieve: int = 50
    mode: Mode = "hybrid"
    reranker: str | None = None


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """What the arms are made of: each placement with each length, thinking budget and layout, for each model.

    Attributes:
        placements: policies and oracle placements.
        lengths: of the contexts; all in passages or all in tokens.
        think_budgets: in tokens; None: as many as the model likes.
        twins: a model that thinks is also asked without its thinking.
        layouts: where the question stands.
        samples: of each arm and example.
        repeat: the baseline arm is asked a second time (A/A), which shows the noise.
        closed_book: each model is also asked without any passage.
        gold_only: each model is also asked with the gold passages alone.
        baseline: the placement that the others are compared with; None: the first.
        seed: of all that is drawn at random.
    """

    placements: tuple[str, ...] = ()
    lengths: tuple[Length, ...] = (Length(passages=10),)
    think_budgets: tuple[int | None, ...] = (None,)
    twins: bool = True
    layouts: tuple[Layout, ...] = ("question_after",)
    samples: int = 1
    repeat: bool = False
    closed_book: bool = False
    gold_only: bool = False
    baseline: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SamplingChoice:
    """How tokens are drawn, the same for all arms; None: see `evaluation.design.designing`."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """What is measured.

    Attributes:
        primary: decides the verdicts.
        secondary: are reported beside it.
        margin: within which flatness is asked about, as a fraction.
        clusters: what tests and intervals take as a whole: each question, or all questions of one source.
    """

    primary: str = "sub_span"
    secondary: tuple[str, ...] = ()
    margin: float = 0.05
    clusters: Clusters = "question"


@dataclass(frozen=True, slots=True)
class Grid:
    """What an experiment varies and what it holds fixed.

    Attributes:
        name: of the experiment.
        subjects: the models; (): one is still to be named.
        origin: what to call the grid in messages.
        text: as it was given; "" where flags stand for it.
    """

    name: str
    data: DataChoice = field(default=DataChoice())
    subjects: tuple[Subject, ...] = ()
    arms: ArmChoice = field(default=ArmChoice())
    sampling: SamplingChoice = field(default=SamplingChoice())
    metrics: MetricChoice = field(default=MetricChoice())
    origin: str = field(default="the flags", compare=False)
    text: str = field(default="", compare=False)


def with_flags(
    grid: Grid,
    *,
    path: Path | None = None,
    generate: str | None = None,
    n: int | None = None,
    index: str | None = None,
    models: Sequence[ModelChoice] = (),
    placements: Sequence[str] = (),
    passages: Sequence[int] = (),
    think_budgets: Sequence[int | None] = (),
    samples: int | None = None,
    seed: int | None = None,
    twins: bool | None = None,
    repeat: bool | None = None,
    primary: str | None = None,
) -> Grid:
    """The grid with what the command line says in place of what it says itself; None and () leave it as it is.

    Args:
        grid: is not checked, nor is the result: `evaluation.design.grid_check.checked` does that.
        path: of a dataset, which replaces the grid's dataset or generator, its format and split with it.
        generate: a generator, which does the same.
        n: how many examples.
        index: to retrieve from.
        models: replace all models of the grid, and their being twins.
        placements: the first of them is the baseline.
        passages: lengths of the contexts.
        think_budgets: in tokens; None: as many as the model likes.
        samples: of each arm and example.
        seed: of all that is drawn at random.
        twins: a model that thinks is also asked without its thinking.
        repeat: the baseline arm is asked a second time.
        primary: the metric that decides.
    """
    data, arms = grid.data, grid.arms
    if path is not None or generate is not None:
        data = replace(data, path=path, generate=generate, format=None, split=None)
    if placements:
        arms = replace(arms, placements=tuple(placements), baseline=None)
    return replace(
        grid,
        data=replace(data, **_said(n=n, index=index)),
        arms=replace(
            arms,
            **_said(
                lengths=tuple(Length(passages=length) for length in passages) or None,
                think_budgets=tuple(think_budgets) or None,
                samples=samples,
                seed=seed,
                twins=twins,
                repeat=repeat,
            ),
        ),
        subjects=subjects_of(models) or grid.subjects,
        metrics=replace(grid.metrics, **_said(primary=primary)),
    )


def subjects_of(models: Sequence[ModelChoice]) -> tuple[Subject, ...]:
    """The models with names for a report: their own, that of a file without its folder and ending; then numbered."""
    names: list[str] = []
    for choice in models:
        name = Path(choice.model or "model").name.removesuffix(".gguf") or "model"
        taken = sum(known == name or known.startswith(f"{name}#") for known in names)
        names.append(f"{name}#{taken + 1}" if taken else name)
    return tuple(Subject(name, choice) for name, choice in zip(names, models, strict=True))


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}

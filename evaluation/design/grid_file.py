"""Reads the file of a grid (TOML) and says what is wrong with it, by file and key."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from evaluation.arms import Length, Subject
from evaluation.design.grid import ArmChoice, Contexts, DataChoice, Distractors, Grid, MetricChoice, SamplingChoice
from evaluation.design.grid_check import checked
from evaluation.run import Clusters
from evaluation.toml_files import PATHS, Count, Table, Text, Url, tables_of, text_of
from indexes.errors import RequestError, UnknownNameError
from indexes.ranking import Mode
from rag.models.catalogue import TwinKind
from rag.opening import ModelChoice
from rag.prompt import Layout

FREE = "free"
"""A thinking budget without a bound."""


def _budget(value: object) -> int | None:
    if value == FREE:
        return None
    if type(value) is int and value >= 0:
        return value
    raise ValueError(f'must be a number of tokens from 0 (no thinking), or "{FREE}"')


Budget = Annotated[Any, AfterValidator(_budget)]


class _Data(Table):
    path: Text | None = None
    generate: Text | None = None
    format: Text | None = None
    split: Text | None = None
    n: Count | None = None
    tags: list[Text] = Field(default=[])
    contexts: Contexts | None = None
    distractors: Distractors | None = None
    index: Text | None = None
    retrieve: Count = 50
    mode: Mode = "hybrid"
    reranker: Text | None = None


class _Model(Table):
    hints: ClassVar[Mapping[str, str]] = {
        "api_key": "a grid holds no keys, because it is stored with every run: set RAG_API_KEY",
        "seed": "the seed is that of the grid, under [arms]",
        "think_budget": "budgets are the arms': think_budgets under [arms]",
        **dict.fromkeys(("temperature", "top_p", "max_tokens"), "it is the same for all arms: say it under [sampling]"),
    }

    model: Text | None = None
    base_url: Url | None = None
    timeout: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    twin_of: Text | None = None
    kind: TwinKind | None = None


class _Arms(Table):
    placements: list[Text] = Field(default=[])
    passages: list[Count] | None = None
    tokens: list[Count] | None = None
    think_budgets: list[Budget] = Field(default=[None])
    twins: bool = True
    layouts: list[Layout] = Field(default=["question_after"])
    samples: int = Field(default=1, ge=0)
    repeat: bool = False
    closed_book: bool = False
    gold_only: bool = False
    baseline: Text | None = None
    seed: int = Field(default=0, ge=0, lt=2**31)


class _Sampling(Table):
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    max_tokens: Count | None = None


class _Metrics(Table):
    primary: Text = "sub_span"
    secondary: list[Text] = Field(default=[])
    margin: float = Field(default=0.05, gt=0, lt=1, allow_inf_nan=False)
    clusters: Clusters = "question"


class _File(Table):
    name: Text | None = None
    data: _Data = _Data()
    models: dict[Text, _Model] = Field(default={})
    arms: _Arms = _Arms()
    sampling: _Sampling = _Sampling()
    metrics: _Metrics = _Metrics()


def ready_grids() -> tuple[str, ...]:
    """The names of the grids that come with the product."""
    return tuple(
        sorted(
            file.name.removesuffix(".toml")
            for file in files("evaluation.design").joinpath("ready").iterdir()
            if file.name.endswith(".toml")
        )
    )


def grid_text(name: str) -> str:
    """The file of a ready grid, comments and all.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in ready_grids():
        raise UnknownNameError("grid", name, ready_grids(), hint="or the path of a grid file, which ends in .toml")
    return files("evaluation.design").joinpath("ready", f"{name}.toml").read_text("utf-8")


def first_line(name: str) -> str:
    """What a ready grid asks, in one line."""
    return grid_text(name).partition("\n")[0].lstrip("# ")


def load_grid(name: str | Path) -> Grid:
    """The grid in a file, or the ready one of that name; checked.

    Args:
        name: a path where it ends in .toml or names a folder, else the name of a ready grid.

    Raises:
        UnknownNameError: no such ready grid, or a key, placement, metric or other name in it that is not known.
        RequestError: the file cannot be read, is no TOML, or something in it is wrong.
    """
    path = Path(name).expanduser()
    if isinstance(name, str) and path.suffix != ".toml" and path.name == name:
        return parse_grid(grid_text(name).encode(), name=name, origin=f"the ready grid {name!r}", folder=Path.cwd())
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"cannot read the grid {str(path)!r}: {error.strerror}; give a grid file or the name of a ready grid: "
            f"{', '.join(ready_grids())}"
        ) from error
    return parse_grid(content, name=path.stem, origin=repr(str(path)), folder=path.absolute().parent)


def parse_grid(content: bytes, *, name: str, origin: str, folder: Path) -> Grid:
    """The grid that `content` declares, checked.

    Args:
        content: TOML.
        name: of the experiment, where the content gives none.
        origin: what to call the grid in messages.
        folder: to which its paths are relative.

    Raises:
        RequestError: as `load_grid` says.
    """
    text = text_of(content, origin)
    file = tables_of(text, _File, origin)
    data = file.data.model_dump() | {"tags": tuple(file.data.tags)}
    if file.data.path is not None:
        data["path"] = folder / Path(file.data.path).expanduser()
    return checked(
        Grid(
            name=file.name or name,
            data=DataChoice(**data),
            subjects=tuple(_subject(name, model, folder) for name, model in file.models.items()),
            arms=_arms(file.arms, origin),
            sampling=SamplingChoice(**file.sampling.model_dump()),
            metrics=MetricChoice(**file.metrics.model_dump() | {"secondary": tuple(file.metrics.secondary)}),
            origin=origin,
            text=text,
        )
    )


def _subject(name: str, model: _Model, folder: Path) -> Subject:
    which = model.model
    if which is not None and model.base_url is None and (which.startswith(PATHS) or which.endswith(".gguf")):
        which = str(folder / Path(which).expanduser())
    choice = ModelChoice(which, model.base_url, timeout=model.timeout)
    return Subject(name, choice, model.twin_of, model.kind)


def _arms(arms: _Arms, origin: str) -> ArmChoice:
    values = arms.model_dump(exclude={"passages", "tokens"})
    tuples = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return ArmChoice(**values | tuples, lengths=_lengths(arms, origin))


def _lengths(arms: _Arms, origin: str) -> tuple[Length, ...]:
    if arms.passages is not None and arms.tokens is not None:
        raise RequestError(f"{origin}: arms.passages and arms.tokens both say how long contexts are; take one of them")
    if arms.tokens is not None:
        return tuple(Length(tokens=tokens) for tokens in arms.tokens)
    return tuple(Length(passages=passages) for passages in ([10] if arms.passages is None else arms.passages))

"""Reads `ragcheck.toml` and says what is wrong with it, by file and key."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from evaluation.check.config import FILE, RETRIEVAL_MARGIN, AnswerChoice, CheckConfig, Gate, retrieval_gate
from evaluation.check.config_gates import answer_gate, ranking_gate
from evaluation.toml_files import (
    PATHS,
    Count,
    Table,
    Text,
    Url,
    path_in,
    placed,
    refuse_credentials,
    tables_of,
    text_of,
)
from indexes.errors import RequestError
from indexes.extract import RecordFields
from indexes.ranking import Mode
from indexes.recipe import Recipe
from rag.opening import ModelChoice
from rag.placement import parse_placement

"""The baseline beside the file, where nothing else is said."""
USUAL = CheckConfig(Path(FILE), Path(), Path(), (), Gate((), (), RETRIEVAL_MARGIN))
"""What a file says by leaving keys out; what is measured of rankings goes by `retrieval_gate`."""
USUAL_ANSWERS = AnswerChoice(ModelChoice("extractive"))
"""The same of `[answers]`, of which only the model must be said."""


def _margin(margin: float) -> float:
    if math.isnan(margin) or margin < 0:
        raise ValueError("must be 0 or more")
    if margin >= 1:
        hint = f": {margin / 100:g} for {margin:g} points" if margin < 100 else ""
        raise ValueError(f"must be below 1, a fraction{hint}")
    return margin


Margin = Annotated[float, AfterValidator(_margin)]


class _Fields(Table):
    text: list[Text] = Field(default=list(RecordFields().text), min_length=1)
    title: list[Text] = Field(default=list(RecordFields().title))
    id: list[Text] = Field(default=list(RecordFields().id))


class _Index(Table):
    roots: list[Text] = Field(default=[])
    embedder: Text | None = None
    factory: Text | None = None
    passage_tokens: Count | None = None
    fields: _Fields | None = None


class _Retrieval(Table):
    hints: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("passages", "tokens", "placement"), "say it under [context]"),
        "embedder": "say it under [index]",
    }

    mode: Mode = USUAL.mode
    reranker: Text | None = None
    retrieve: Count = USUAL.retrieve
    gate: list[Text] | None = None
    metrics: list[Text] | None = None
    margin: Margin = USUAL.retrieval.margin


class _Context(Table):
    passages: Count = USUAL.passages
    tokens: Count | None = None
    placement: Text = USUAL.placement


class _Answers(Table):
    hints: ClassVar[Mapping[str, str]] = {
        "api_key": "the file is for all to read, so it holds no keys: set RAG_API_KEY",
        "seed": "each repeat has a seed of its own: say how many repeats",
    }

    model: Text | None = None
    base_url: Url | None = None
    timeout: float = Field(default=USUAL_ANSWERS.model.timeout, gt=0, allow_inf_nan=False)
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    max_tokens: Count | None = None
    think_budget: int | None = Field(default=None, ge=0)
    gate: list[Text] = Field(default=list(USUAL_ANSWERS.gate.gate))
    metrics: list[Text] = Field(default=list(USUAL_ANSWERS.gate.metrics))
    margin: Margin = USUAL_ANSWERS.gate.margin
    repeats: Count = USUAL_ANSWERS.repeats


class _File(Table):
    hints: ClassVar[Mapping[str, str]] = {"roots": "say it under [index]", "model": "say it under [answers]"}

    questions: Text | None = None
    baseline: Text | None = None
    index: _Index = _Index()
    retrieval: _Retrieval = _Retrieval()
    context: _Context = _Context()
    answers: _Answers | None = None


def read_config(path: Path) -> CheckConfig:
    """The check that the file at `path` declares.

    Raises:
        UnknownNameError: a key, mode, placement or metric in it is not known.
        RequestError: the file is not there or no TOML, or something in it is wrong; the message says which key, what
            was wanted and what was found.
    """
    path, origin = Path(os.path.abspath(path)), repr(str(path))  # noqa: PTH100 as `path_in`
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        hint = "make one with `rag check init --docs FOLDER --questions FILE`"
        raise RequestError(f"there is no check at {origin}; {hint}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RequestError(f"cannot read the check {origin}: {reason}; give the path of a ragcheck.toml") from error
    file = tables_of(text_of(content, origin), _File, origin)
    if file.questions is None:
        raise RequestError(f'{origin}: questions is missing; name the file with them: questions = "questions.jsonl"')
    if not file.index.roots:
        raise RequestError(f'{origin}: index.roots names no documents; name files or folders: roots = ["docs"]')
    questions = _existing(path, origin, "questions", file.questions)
    roots = tuple(_existing(path, origin, f"index.roots[{at}]", root) for at, root in enumerate(file.index.roots))
    _refuse_nested(roots, origin)
    return CheckConfig(
        path=path,
        questions=questions,
        baseline=_baseline(path, origin, file.baseline or usual_baseline(path), questions),
        roots=roots,
        recipe=_recipe(file.index, path.parent),
        mode=file.retrieval.mode,
        reranker=_beside(file.retrieval.reranker, path.parent),
        retrieve=file.retrieval.retrieve,
        retrieval=ranking_gate(
            file.retrieval.gate,
            file.retrieval.metrics,
            file.retrieval.margin,
            usual=retrieval_gate(file.context.passages),
            ranked=max(file.retrieval.retrieve, file.context.passages),
            where=f"{origin}: retrieval",
        ),
        passages=file.context.passages,
        tokens=file.context.tokens,
        placement=_placement(file.context.placement, origin),
        answers=None if file.answers is None else _answers(file.answers, origin, path.parent),
    )


def _path(path: Path, origin: str, key: str, text: str) -> Path:
    """The path that `text` under `key` of the file at `path` means."""
    try:
        return path_in(path.parent, text)
    except RequestError as error:
        raise placed(error, f"{origin}: {key}") from error


def _existing(path: Path, origin: str, key: str, text: str) -> Path:
    found = _path(path, origin, key, text)
    try:
        there = found.exists()
    except OSError as error:
        raise RequestError(f"{origin}: {key}: {text!r} cannot be looked for: {error.strerror}") from error
    if not there:
        raise RequestError(
            f"{origin}: {key}: there is no {text!r}; paths are relative to the folder of that file, and this one "
            f"means {str(found)!r}"
        )
    return found


def _refuse_nested(roots: Sequence[Path], origin: str) -> None:
    for at, root in enumerate(roots):
        for outer in roots:
            if outer in root.parents:
                raise RequestError(
                    f"{origin}: index.roots[{at}]: {str(root)!r} lies inside {str(outer)!r}, so its files would be "
                    "indexed twice; name one of the two"
                )


def usual_baseline(path: Path) -> str:
    """The name of the baseline of a check's file, where the file says nothing: beside it, and so named."""
    return f"{path.stem}.baseline.jsonl"


def _baseline(path: Path, origin: str, text: str, questions: Path) -> Path:
    """Where the baseline is or will be, which must not take the place of something else."""
    baseline = _path(path, origin, "baseline", text)
    if baseline in (path, questions):
        what = "the check itself" if baseline == path else "the file of questions"
        raise RequestError(f"{origin}: baseline: {text!r} is {what}, which `rag check bless` would write over")
    try:
        folder = baseline.is_dir()
    except OSError as error:
        raise RequestError(f"{origin}: baseline: {text!r} cannot be looked for: {error.strerror}") from error
    if folder:
        raise RequestError(
            f"{origin}: baseline must be a file, found the folder {text!r}; write {text}/{usual_baseline(path)}"
        )
    return baseline


def _recipe(index: _Index, folder: Path) -> Recipe:
    named = index.fields
    fields = None if named is None else RecordFields(tuple(named.text), tuple(named.title), tuple(named.id))
    return Recipe(_beside(index.embedder, folder), index.factory, fields, index.passage_tokens)


def _beside(name: str | None, folder: Path) -> str | None:
    """A model's name, or its path where that is what it means."""
    return str(path_in(folder, name)) if name is not None and name.startswith(PATHS) else name


def _placement(text: str, origin: str) -> str:
    try:
        return str(parse_placement(text))
    except RequestError as error:
        raise placed(error, f"{origin}: context.placement") from error


def _answers(said: _Answers, origin: str, folder: Path) -> AnswerChoice:
    where = f"{origin}: answers"
    if said.model is None and said.base_url is None:
        raise RequestError(
            f'{where}.model is missing; name one, such as model = "extractive", or leave out all of [answers] to check '
            "retrieval and assembly only"
        )
    refuse_credentials(said.base_url, f"{where}.base_url", "the file is for all to read")
    if said.max_tokens is not None and (said.think_budget or 0) >= said.max_tokens:
        raise RequestError(
            f"{where}.think_budget: {said.think_budget} tokens of thinking leave none of the {said.max_tokens} of "
            "max_tokens for the answer; raise max_tokens or lower the budget"
        )
    model = said.model
    if model is not None and said.base_url is None:
        model = str(path_in(folder, model)) if model.endswith(".gguf") else _beside(model, folder)
    return AnswerChoice(
        ModelChoice(
            model,
            said.base_url,
            timeout=said.timeout,
            temperature=said.temperature,
            top_p=said.top_p,
            max_tokens=said.max_tokens,
            think_budget=said.think_budget,
        ),
        answer_gate(said.gate, said.metrics, said.margin, where=where),
        said.repeats,
    )

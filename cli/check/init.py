"""`rag check init`: writes a check's file, and drafts questions where there are none."""

import os
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.check.options import DEFAULT_FILE, Config, Docs, FromIndex, OwnQuestions
from cli.exits import WITHOUT_RESULT
from cli.options import BaseUrl, Directory, Model
from indexes.errors import RequestError

if TYPE_CHECKING:
    from evaluation.check.config import CheckConfig
    from indexes.recipe import Recipe
    from rag.opening import ModelChoice

DRAFTS = 20
"""Questions that are drafted where none are given."""
LANES = 8
EXAMPLE = '{"question": "How long are refunds possible?", "answers": ["30 days"], "gold": ["refunds.md"]}'
NO_QUESTIONS = (
    f"a check needs questions: --questions FILE, one a line as {EXAMPLE}, or a language model that drafts a first "
    "few: --model NAME or --base-url URL"
)


def init(
    docs: Docs = None,
    index: FromIndex = None,
    questions: OwnQuestions = None,
    model: Model = None,
    base_url: BaseUrl = None,
    config: Config = DEFAULT_FILE,
    directory: Directory = None,
) -> None:
    """Write ragcheck.toml, which says what is checked.

    Documents and their settings come from --docs, or from an index of yours. Without --model no model is asked: only
    what is retrieved, and what of it reaches the prompt, is checked. Without --questions a model drafts a first few
    from the documents, for a person to review.
    """
    from cli.console import note, stdout
    from evaluation.check.config_writing import written_config
    from evaluation.check.question_file import open_questions

    if config.exists():
        raise RequestError(f"{str(config)!r} is there already and is not written over; edit it, or give --config FILE")
    if not config.parent.is_dir():
        raise RequestError(f"there is no folder {str(config.parent)!r} for {config.name!r}; make it first")
    choice = _choice(model, base_url)
    settled = _settled(config, docs, index, directory, questions, choice)
    if questions is None:
        _draft(settled, _writer(choice))
    else:
        open_questions(settled)
    text = written_config(settled)
    with config.open("x", encoding="utf-8") as file:
        file.write(text)
    asked = choice.model or f"the model at {choice.base_url}" if choice else "no model"
    stdout().print(f"{config}: questions of {settled.questions.name}, {asked} is asked", soft_wrap=True)
    named = "" if config == DEFAULT_FILE else f" --config {shlex.quote(str(config))}"
    note(f"next: `rag check run{named}` shows how it is; where that is as it should be, make it the baseline:")
    note(f'`rag check bless{named} --reason "first"`, then commit {config.name}, the questions and the baseline')


def _settled(
    path: Path,
    docs: list[Path] | None,
    index: str | None,
    directory: str | None,
    questions: Path | None,
    choice: "ModelChoice | None",
) -> "CheckConfig":
    """What the options say; questions that are still to be drafted go beside the file."""
    from evaluation.check.config import AnswerChoice, CheckConfig, retrieval_gate
    from evaluation.check.config_file import usual_baseline
    from evaluation.toml_files import refuse_credentials
    from indexes.build import merge_roots
    from indexes.recipe import AS_BEFORE

    if bool(docs) == (index is not None):
        found = "both" if docs else "neither"
        raise RequestError(
            f"wanted documents by --docs PATH, or an index to take them from by --index NAME; found {found}"
        )
    recipe, roots = _of_index(index, directory) if index is not None else (AS_BEFORE, tuple(docs or ()))
    for root in roots:
        if not root.exists():
            raise RequestError(f"there are no documents at {str(root)!r}; give a file or folder that is there")
    roots = merge_roots((), roots)
    if choice:
        refuse_credentials(choice.base_url, "--base-url", f"{path.name} is for all to read")
    path = path.absolute()
    passages = 10
    return CheckConfig(
        path=path,
        questions=questions.absolute() if questions else path.with_name("questions.jsonl"),
        baseline=path.with_name(usual_baseline(path)),
        roots=roots,
        retrieval=retrieval_gate(passages),
        recipe=recipe,
        passages=passages,
        answers=AnswerChoice(choice) if choice else None,
    )


def _of_index(name: str, directory: str | None) -> "tuple[Recipe, tuple[Path, ...]]":
    """How an index is made, and of which documents."""
    from cli.settings import load_settings
    from indexes.directory import find_index
    from indexes.extract import RecordFields
    from indexes.manifest import read_manifest
    from indexes.recipe import Recipe

    built = read_manifest(find_index(load_settings(dir=directory).settings.dir, name))
    recipe = Recipe(
        embedder=built.embedder.name,
        factory=built.factory_asked,
        fields=None if built.fields == RecordFields() else built.fields,
        passage_tokens=built.passage_tokens,
    )
    return recipe, tuple(map(Path, built.roots))


def _choice(model: str | None, base_url: str | None) -> "ModelChoice | None":
    if model is None and base_url is None:
        return None
    from cli.check.settled import said_choice

    return said_choice({"model": model, "base_url": base_url, "timeout": None})


def _writer(choice: "ModelChoice | None") -> "ModelChoice":
    """The model that is to draft questions.

    Raises:
        RequestError: there is none, or it is known not to write.
    """
    from cli.eval.drafted import NO_WRITER
    from rag.models.catalogue import EXTRACTIVE

    if choice is None:
        raise RequestError(NO_QUESTIONS)
    if choice.base_url is None and choice.model == EXTRACTIVE:
        raise RequestError(f"{NO_WRITER.format(choice.model)}, or give --questions FILE, one a line as {EXAMPLE}")
    return choice


def _draft(config: "CheckConfig", choice: "ModelChoice") -> None:
    """Writes a first few questions to the file that `config` names.

    Raises:
        RequestError: the model cannot write, or the documents cannot be indexed.
        KeyboardInterrupt: what was found until then is kept; the same command goes on.
        typer.Exit: the model wrote no question that passes all checks.
    """
    from cli.check.settled import folders_and_key
    from cli.console import note, warning
    from cli.eval.drafted import drafted, opened_writer, remarks
    from cli.progress import Progress
    from evaluation.check.indexing import open_check_index
    from evaluation.drafting import open_drafts
    from indexes.embedder.open import open_embedder
    from indexes.embedder.source import DEFAULT_EMBEDDER

    folders, key = folders_and_key()
    embedder = partial(open_embedder, config.recipe.embedder or DEFAULT_EMBEDDER, cache=folders.cache)
    answerer = opened_writer(
        replace(choice, api_key=key if choice.base_url else None), embedder=embedder, folders=folders
    )
    with Progress() as progress:
        index = open_check_index(config, cache=folders.cache, progress=progress)
    shown = Path(os.path.relpath(config.questions))
    with index, open_drafts(shown) as drafts:
        standing, stopped = drafted(index, answerer, drafts, n=DRAFTS, lanes=LANES)
    for line in remarks(standing, shown, stopped=stopped):
        note(line)
    if stopped:
        raise KeyboardInterrupt
    if standing.error:
        warning(f"some requests failed, the last one: {standing.error}")
    if not standing.questions:
        note(f"{config.path.name} was not written, because there is no question; {NO_QUESTIONS}")
        raise typer.Exit(WITHOUT_RESULT)

"""The questions of a check: opened, chosen by tags, told apart from what they were before."""

from collections.abc import Sequence
from pathlib import Path

from evaluation.check.config import CheckConfig
from evaluation.datasets import open_dataset
from evaluation.datasets.record import content_id
from evaluation.datasets.subset import part
from evaluation.examples import Dataset, Example
from indexes.errors import RequestError, UnknownNameError
from indexes.roots import scan


def open_questions(config: CheckConfig) -> Dataset:
    """The questions that the check asks.

    Raises:
        RequestError: the file cannot be read, something in it is wrong, it holds no questions, or there is nothing in
            any of them that could be checked.
    """
    dataset = open_dataset(config.questions)
    if any(_names_gold(example) for example in dataset.examples):
        return dataset
    if config.answers is None:
        raise RequestError(
            f"{config.questions}: no question names gold, and without [answers] in {config.path.name} no model is "
            "asked, so there is nothing to check; say where answers stand (gold), or add [answers]"
        )
    if not any(example.answers is not None or example.must for example in dataset.examples):
        raise RequestError(
            f"{config.questions}: no question has gold, right answers or assertions (must), so there is nothing to "
            "check; add some of them"
        )
    return dataset


def with_tags(dataset: Dataset, tags: Sequence[str]) -> Dataset:
    """The questions that bear any of `tags`, in their order; all of them where no tag is named.

    Raises:
        UnknownNameError: no question has such a tag.
    """
    known = {tag for example in dataset.examples for tag in example.tags}
    for tag in tags:
        if tag not in known:
            raise UnknownNameError("tag", tag, known, hint=f"the tags are those of {dataset.name}")
    kept = tuple(example for example in dataset.examples if not tags or set(tags) & set(example.tags))
    return dataset if len(kept) == len(dataset.examples) else part(dataset, kept, " or ".join(dict.fromkeys(tags)))


def digest(example: Example) -> str:
    """16 hex digits of SHA-256 over question, answers and gold: what must be equal to be compared.

    Tags and assertions do not count: they say nothing about what a good answer is.
    """
    gold = [(one.source, one.quote, one.grade) for one in example.gold]
    return content_id([example.question, example.answers, gold, example.gold_ids])


def self_finding(config: CheckConfig) -> tuple[str, ...]:
    """A warning for each file of the check that would be indexed with the documents, where questions find themselves.

    A file below one of the roots that is hidden, or left out by `.gitignore` or `.ragignore`, is no such file.
    """
    files = (config.questions, config.baseline, config.anchor)
    near = [file for file in files if file.is_file() and _within(file, config.roots)]
    if not near:
        return ()
    indexed = {found.path.resolve() for found in scan(config.roots).files}
    return tuple(
        f"{str(file)!r} lies below a folder of documents, so it is indexed and questions find themselves in it; move "
        "it elsewhere, or list it in a .ragignore"
        for file in near
        if file.resolve() in indexed
    )


def _names_gold(example: Example) -> bool:
    return bool(example.gold or example.gold_ids)


def _within(file: Path, roots: Sequence[Path]) -> bool:
    """Whether `file` may stand below one of the roots."""
    real = file.resolve()
    return any(real == root or root in real.parents for root in (root.resolve() for root in roots))

"""Writes a check as its file, `ragcheck.toml`: what is said, and in comments what it means and what else could be."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evaluation.check.config import AnswerChoice, CheckConfig, Gate, retrieval_gate
from evaluation.check.config_file import USUAL, USUAL_ANSWERS, usual_baseline
from evaluation.toml_files import PATHS, written_value
from indexes.embedder.source import DEFAULT_EMBEDDER
from indexes.errors import RequestError
from indexes.extract import RecordFields
from rag.asking import DEFAULT_BUDGET

_WIDEST = 40
"""Characters of a line up to which comments of others are moved so that they stand one below the other."""


class _Key(NamedTuple):
    """A key of the file; a value that is the default becomes a comment, one that is not there (None) only words.

    Attributes:
        default: None where the value is always to be said, or no value says the same as leaving the key out.
        what: it means, in a few words.
    """

    name: str
    value: object
    default: object
    what: str


def written_config(config: CheckConfig) -> str:
    """TOML that `read_config` reads as an equal check from `config.path`; without the key of an endpoint.

    Args:
        config: all its paths are absolute.

    Raises:
        RequestError: a path in it is not UTF-8, which TOML cannot say.
    """
    folder = config.path.parent
    parts = [
        "# What `rag check` asks, and what must not become worse. Paths are relative to this file.\n"
        "# Lines that begin with # are not read; a value in them is the default.\n",
        _lines(
            [
                _Key("questions", _path(config.questions, folder), None, "what is asked"),
                _Key(
                    "baseline",
                    _path(config.baseline, folder),
                    usual_baseline(config.path),
                    "`rag check bless` writes it; commit it",
                ),
            ]
        ),
        "# The documents, and how they are indexed.\n[index]\n" + _index(config, folder),
        "# What is found for a question.\n[retrieval]\n" + _retrieval(config, folder),
        "# What of it the model reads.\n[context]\n" + _context(config),
        "# No model is asked. With these lines one is:\n# [answers]\n"
        if config.answers is None
        else "# Who answers, and what of the answers counts.\n[answers]\n",
    ]
    text = "\n".join(parts) + _answers(config.answers, folder)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = error.object[: error.end].rpartition("\n")[2]
        raise RequestError(f"a check can name only what is UTF-8, found {found!r}; rename it") from error
    return text


def _index(config: CheckConfig, folder: Path) -> str:
    recipe = config.recipe
    text = _lines(
        [
            _Key("roots", tuple(_path(root, folder) for root in config.roots), None, ""),
            _Key("embedder", named_from(recipe.embedder, folder), None, f"a model of vectors, else {DEFAULT_EMBEDDER}"),
            _Key("passage_tokens", recipe.passage_tokens, None, "most tokens of a passage, else as suits the embedder"),
            _Key("factory", recipe.factory, None, "of FAISS, else by the number of passages"),
        ]
    )
    fields = recipe.fields
    usual = RecordFields()
    if fields is None:
        return text + "# [index.fields]: which fields of JSON records are their text, title and id\n"
    return (
        f"{text}\n# Which fields of JSON records are what; the first that is there counts.\n[index.fields]\n"
        + _lines(
            [
                _Key("text", fields.text, usual.text, ""),
                _Key("title", fields.title, usual.title, ""),
                _Key("id", fields.id, usual.id, ""),
            ]
        )
    )


def _retrieval(config: CheckConfig, folder: Path) -> str:
    return _lines(
        [
            _Key("mode", config.mode, USUAL.mode, "hybrid, dense or lexical"),
            _Key("reranker", named_from(config.reranker, folder), None, "a cross-encoder that ranks the best again"),
            _Key("retrieve", config.retrieve, USUAL.retrieve, "passages that are ranked"),
            *_gate(config.retrieval, retrieval_gate(config.passages), USUAL.retrieval.margin),
        ]
    )


def _context(config: CheckConfig) -> str:
    return _lines(
        [
            _Key("passages", config.passages, USUAL.passages, "most passages that the model reads"),
            _Key("tokens", config.tokens, None, f"most tokens of them, else as the model has room, {DEFAULT_BUDGET:,}"),
            _Key("placement", config.placement, USUAL.placement, "in which order; see `rag placements`"),
        ]
    )


def _answers(choice: AnswerChoice | None, folder: Path) -> str:
    answers = choice or USUAL_ANSWERS
    model = answers.model
    what = "a name of `rag models`, a .gguf file, or what the endpoint calls it"
    name = model.model if model.base_url is not None else named_from(model.model, folder)
    return _lines(
        [
            _Key("model", name, None if choice else name, what),
            _Key("base_url", model.base_url, None, "of an OpenAI-compatible endpoint; RAG_API_KEY is its key"),
            _Key("timeout", model.timeout, USUAL_ANSWERS.model.timeout, "seconds that the endpoint may be silent"),
            _Key("temperature", model.temperature, None, "else as the model's makers recommend"),
            _Key("top_p", model.top_p, None, "likewise"),
            _Key("max_tokens", model.max_tokens, None, "most tokens of thinking and answer"),
            _Key("think_budget", model.think_budget, None, "most tokens of thinking, 0 for none"),
            *_gate(answers.gate, USUAL_ANSWERS.gate, USUAL_ANSWERS.gate.margin),
            _Key("repeats", answers.repeats, USUAL_ANSWERS.repeats, "how often `rag check bless` asks each question"),
        ]
    )


def _gate(gate: Gate, usual: Gate, margin: float) -> Iterator[_Key]:
    """The keys of a gate; metrics that are told are said with those that decide, because their default goes by them."""
    same = (gate.gate, gate.metrics) == (usual.gate, usual.metrics)
    yield _Key("gate", gate.gate, gate.gate if same else None, "metrics that decide")
    yield _Key("metrics", gate.metrics, gate.metrics if same else None, "metrics that are told")
    yield _Key("margin", gate.margin, margin, "the loss that is tolerated, as a fraction")


def _lines(keys: Sequence[_Key]) -> str:
    """A line for each key; what values mean stands behind them, one below the other."""
    heads = [_head(key) for key in keys]
    width = min(_WIDEST, max((len(head) for head, key in zip(heads, keys, strict=True) if key.value is not None)))
    return "".join(f"{_line(head, key, width)}\n" for head, key in zip(heads, keys, strict=True))


def _line(head: str, key: _Key, width: int) -> str:
    if key.value is None:
        return f"{head} {key.what}"
    return f"{head:<{width}}  # {key.what}" if key.what else head


def _head(key: _Key) -> str:
    if key.value is None:
        return f"# {key.name}:"
    return f"{'# ' if key.value == key.default else ''}{key.name} = {written_value(key.value)}"


def _path(path: Path, folder: Path) -> str:
    """As seen from the folder; absolute where the two have nothing in common but the root of the file system."""
    if path.anchor != folder.anchor or os.path.commonpath([path, folder]) == path.anchor:
        return str(path)
    relative = Path(os.path.relpath(path, folder)).as_posix()
    return f"./{relative}" if relative.startswith("~") else relative


def named_from(name: str | None, folder: Path) -> str | None:
    """A model's name, or its path as seen from the folder, so written that it can only be a path."""
    if name is None or not Path(name).is_absolute():
        return name
    path = _path(Path(name), folder)
    return path if path.startswith(PATHS) else f"./{path}"

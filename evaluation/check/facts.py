"""The facts of a result: what made it, so that a report can name what changed since the baseline."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from evaluation.check.config import AnswerChoice, CheckConfig, Gate
from evaluation.check.config_writing import named_from
from evaluation.check.question_file import digest
from evaluation.examples import Dataset
from evaluation.running.provenance import templates
from indexes.index import Index
from rag.answerer import TokenCounter
from rag.models.catalogue import Model, known_model
from rag.opening import sampling_of
from rag.prompt import CITED


def facts_of(
    config: CheckConfig, dataset: Dataset, index: Index, counter: TokenCounter, catalogue: Mapping[str, Model]
) -> dict[str, Any]:
    """The facts by name, in the order in which changes are told; paths in them are as seen from the check's file.

    Args:
        config: what is checked.
        dataset: all its questions.
        index: of its documents.
        counter: what counts the tokens of contexts.
        catalogue: of models, which says how they draw where the file does not.
    """
    manifest, folder = index.manifest, config.path.parent
    hashes = sorted((source, found) for (_, source), found in index.document_hashes().items())
    answers = config.answers
    return {
        "corpus": {"documents": manifest.documents, "sha256": _short(f"{source} {found}" for source, found in hashes)},
        "index": {
            "passages": manifest.passages,
            "factory": manifest.factory_asked,
            "fields": {name: list(fields) for name, fields in asdict(manifest.fields).items()},
            "sha256": _short(sorted(passage.id for passage in index.all_passages())),
        },
        "cutting": manifest.cutting,
        "embedder": {
            "name": named_from(manifest.embedder.name, folder),
            "fingerprint": manifest.embedder.fingerprint[:16],
        },
        "retrieval": {
            "mode": config.mode,
            "reranker": named_from(config.reranker, folder),
            "retrieve": config.retrieve,
        },
        "prompt": templates()[CITED][:16],
        "placement": config.placement,
        "context": {"passages": config.passages, "tokens": config.tokens},
        "tokenizer": named_from(counter.name, folder),
        "model": answers and named_from(answers.model.model, folder),
        "sampling": answers and _sampling(answers, catalogue),
        "metrics": {"retrieval": _gate(config.retrieval), "answers": answers and _gate(answers.gate)},
        "rag": version("reasoning-rag"),
        "questions": {"n": len(dataset.examples), "sha256": _short(map(digest, dataset.examples))},
    }


def _sampling(answers: AnswerChoice, catalogue: Mapping[str, Model]) -> dict[str, Any] | None:
    """How tokens are drawn; None where none are."""
    choice = answers.model
    if answers.exact:
        return None
    entry = known_model(choice.model, catalogue) if choice.model else None
    drawn = {name: value for name, value in asdict(sampling_of(choice, entry)).items() if name != "seed"}
    return {**drawn, "think_budget": choice.think_budget}


def change_of(name: str, before: object, now: object) -> str:
    """A fact that changed, in words: what of it, from what to what; hashes say no more than that something did.

    >>> change_of("context", {"passages": 10, "tokens": None}, {"passages": 5, "tokens": None})
    'context: passages 10 → 5'
    >>> change_of("placement", "edges", "best_first")
    "placement: 'edges' → 'best_first'"
    >>> change_of("prompt", "ba09affcd75caf7b", "12810a6b4236f18c")
    'prompt: other content'
    """
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return f"{name}: {_from_to(before, now)}"
    keys = [key for key in dict.fromkeys((*before, *now)) if before.get(key) != now.get(key)]
    told = [f"{key} {words}" for key in keys if (words := _from_to(before.get(key), now.get(key))) != _CONTENT]
    return f"{name}: {', '.join(told) or _CONTENT}"


_CONTENT = "other content"
_HASH = re.compile(r"[0-9a-f]{16}")


def _from_to(before: object, now: object) -> str:
    """Both values, unless they are hashes."""
    if all(isinstance(one, str) and _HASH.fullmatch(one) for one in (before, now)):
        return _CONTENT
    return f"{before!r} → {now!r}"


def _gate(gate: Gate) -> dict[str, Any]:
    return {"gate": list(gate.gate), "told": list(gate.metrics), "margin": gate.margin}


def _short(parts: Iterable[str]) -> str:
    return sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]

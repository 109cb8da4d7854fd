"""The facts of a result: what made it, so that a report can name what changed since the baseline."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from evaluation.check.config import AnswerChoice, CheckConfig
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
    """The facts by name, in the order in which changes are told.

    Args:
        config: what is checked.
        dataset: all its questions.
        index: of its documents.
        counter: what counts the tokens of contexts.
        catalogue: of models, which says how they draw where the file does not.
    """
    manifest = index.manifest
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
        "embedder": {"name": manifest.embedder.name, "fingerprint": manifest.embedder.fingerprint[:16]},
        "retrieval": {"mode": config.mode, "reranker": config.reranker, "retrieve": config.retrieve},
        "prompt": templates()[CITED][:16],
        "placement": config.placement,
        "context": {"passages": config.passages, "tokens": config.tokens},
        "tokenizer": counter.name,
        "model": answers and answers.model.model,
        "sampling": answers and _sampling(answers, catalogue),
        "metrics": {
            "retrieval": [*config.retrieval.gate, *config.retrieval.metrics],
            "answers": [*answers.gate.gate, *answers.gate.metrics] if answers else [],
        },
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


def _short(parts: Iterable[str]) -> str:
    return sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]

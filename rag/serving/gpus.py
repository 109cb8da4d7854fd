"""The NVIDIA GPUs of this machine, and whether a model's weights fit: a guess that warns and never refuses."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from rag.serving.command import Wanted
from rag.serving.target import Target

SHARE = 0.92
"""Of a GPU's memory that vLLM takes by default."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU.

    Attributes:
        memory: in MiB; None where it is not told.
    """

    name: str
    memory: int | None
    driver: str

    @property
    def gigabytes(self) -> float | None:
        """Its memory in GB of 10^9 bytes."""
        return None if self.memory is None else self.memory * 2**20 / 1e9


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


def memory_warning(target: Target, wanted: Wanted, gpus: Sequence[Gpu]) -> str | None:
    """What may go wrong for want of GPU memory, and what to do; None: nothing that is known.

    Args:
        target: the model.
        wanted: how it is to be served.
        gpus: those that are here.
    """
    if not gpus:
        return (
            "no NVIDIA GPU was found (nvidia-smi tells of none), and this vLLM is built for GPUs; "
            "without one, use vLLM's build for processors: --vllm-python ENV/bin/python"
        )
    weights = target.entry.memory_gb if target.entry else None
    sizes = [gpu.gigabytes for gpu in gpus if gpu.gigabytes is not None]
    if weights is None or not sizes:
        return None
    usable = min(sizes) * (wanted.gpu_memory_share or SHARE)
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

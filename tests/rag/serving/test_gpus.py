import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rag.models.catalogue import models
from rag.serving.command import Wanted
from rag.serving.gpus import Gpu, find_gpus, memory_warning
from rag.serving.target import Target

ENTRY = replace(models()["r1-qwen-7b"], memory_gb=15.0)
TARGET = Target("owner/model", ("model",), ENTRY)
H100 = Gpu("NVIDIA H100 80GB HBM3", 81559, "570.86.15")
GB10 = Gpu("NVIDIA GB10", None, "580.1")


def nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a program of that name where programs are found, and nothing else there."""
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!{sys.executable}\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_gpus_are_read_off_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(
        tmp_path,
        monkeypatch,
        "import sys\n"
        "assert '--query-gpu=name,memory.total,driver_version' in sys.argv\n"
        "print('NVIDIA H100 80GB HBM3, 81559, 570.86.15\\nNVIDIA GB10, [N/A], 580.1')",
    )
    assert find_gpus() == (H100, GB10)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; print('NVML: Driver/library version mismatch'); sys.exit(18)", "version mismatch"),
        ("import sys; sys.exit(9)", "exit status 9"),
    ],
)
def test_a_driver_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    nvidia_smi(tmp_path, monkeypatch, script)
    with pytest.raises(OSError, match=reason):
        find_gpus()


def test_no_tool_means_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpus() == ()


def of(gigabytes: float) -> Gpu:
    """A GPU with that much memory."""
    return Gpu("some GPU", round(gigabytes * 1e9 / 2**20), "1")


@pytest.mark.parametrize(
    ("gpus", "wanted"),
    [
        ((of(24.0),), Wanted()),
        ((of(12.0), of(12.0)), Wanted(tensor_parallel=2)),
        ((of(12.0), of(12.0)), Wanted(pipeline_parallel=2)),
        ((GB10,), Wanted()),  # which does not tell its memory
    ],
)
def test_weights_that_fit_need_no_word(gpus: tuple[Gpu, ...], wanted: Wanted) -> None:
    assert memory_warning(TARGET, wanted, gpus) is None


@pytest.mark.parametrize(
    ("gpus", "wanted", "remedy"),
    [
        ((of(12.0),), Wanted(), "--tensor-parallel 2"),
        ((of(6.0),) * 4, Wanted(tensor_parallel=2), "--tensor-parallel 4"),
        ((of(24.0),), Wanted(gpu_memory_share=0.3), "--tensor-parallel 4"),
        ((of(24.0), of(12.0)), Wanted(), "--tensor-parallel 2"),
    ],
)
def test_weights_that_do_not_fit_are_warned_of_with_what_to_do(
    gpus: tuple[Gpu, ...], wanted: Wanted, remedy: str
) -> None:
    warning = memory_warning(TARGET, wanted, gpus)
    assert warning is not None
    assert remedy in warning
    assert "15 GB" in warning


def test_of_an_unknown_model_nothing_is_said() -> None:
    assert memory_warning(Target("/folder", ("folder",), None), Wanted(), (of(1.0),)) is None


def test_no_gpu_is_said() -> None:
    warning = memory_warning(TARGET, Wanted(), ())
    assert warning is not None
    assert "no NVIDIA GPU" in warning

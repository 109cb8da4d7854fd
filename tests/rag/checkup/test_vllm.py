"""A look at a real vLLM server."""

import pytest

from rag.checkup.endpoint import check_endpoint
from rag.checkup.finding import Finding
from rag.endpoints.capabilities import Capabilities
from rag.folders import Folders
from rag.opening import ModelChoice

pytestmark = pytest.mark.slow


def test_a_real_vllm_with_our_flags_gives_no_reason_for_a_warning(vllm: tuple[str, str], folders: Folders) -> None:
    url, model = vllm
    choice = ModelChoice(base_url=url, timeout=300)
    found = [*check_endpoint(choice, url, "chosen by --base-url", folders, lambda _: None)]
    findings = {one.what: one for one in found if isinstance(one, Finding)}
    assert {finding.state for finding in findings.values()} == {"ok"}
    assert findings["model"].found == f"{model} (chosen by --base-url)"
    assert findings["software"].found == "vllm 0.32.0"
    assert findings["context"].found == "8,192 tokens"
    assert findings["prefix cache"].found.startswith("in effect: ")
    (can,) = [one for one in found if isinstance(one, Capabilities)]
    assert (can.separates, can.budget, can.no_think) == (True, "server", "server")

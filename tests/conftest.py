"""Fixtures shared by all tests."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("rag", deadline=None)  # machines are noisy: no example is timed
settings.load_profile("rag")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background, as by a script's `&`
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests send it, to themselves and to what they start

DATA = Path(__file__).parents[2] / "shared" / "data"


def require_or_skip(part: str, reason: str) -> None:
    """Skips the test for want of `part`, loudly; fails it where `RAG_REQUIRE` names that part."""
    if part in os.environ.get("RAG_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required here (RAG_REQUIRE): {reason}")
    pytest.skip(f"{part}: {reason}", allow_module_level=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with public data sets; see its README for their origin."""
    if not DATA.is_dir():
        require_or_skip("data", "the folder ../shared/data is not beside the project")
    return DATA

"""A project under a check, a model that is told what to say, and a clock that is told when the time is up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.eval.endpoint import Endpoint, endpoint
from tests.evaluation.check.building_projects import Project, make_project, right


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Twelve documents and questions; nothing that fails is asked again behind the check's back."""
    monkeypatch.setattr("rag.endpoints.endpoint.RETRIES", 0)
    return make_project(tmp_path / "project")


@pytest.fixture
def server() -> Iterator[Endpoint]:
    """A model that knows the right answers."""
    with endpoint(answer=right) as running:
        yield running


@pytest.fixture
def answering(project: Project, server: Endpoint) -> Project:
    """The project, which asks that model."""
    project.answered_by(server)
    return project


@pytest.fixture(scope="session")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The baseline of such a project, which is the same wherever it is made."""
    project = make_project(tmp_path_factory.mktemp("blessed") / "project")
    with endpoint(answer=right) as running:
        project.answered_by(running)
        project.bless()
    return project.config.baseline.read_bytes()


@pytest.fixture
def blessed(answering: Project, baseline: bytes) -> Project:
    """The project with a baseline in which all is right."""
    for path in (answering.config.baseline, answering.config.anchor):
        path.write_bytes(baseline)
    return answering


@dataclass
class Clock:
    """A clock that stands still until the time is up.

    Attributes:
        up: whether it is.
    """

    up: Callable[[], bool] = lambda: False

    def __call__(self) -> float:
        """Seconds."""
        return 1000.0 if self.up() else 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which checks measure their time."""
    made = Clock()
    for module in ("room", "asking"):
        monkeypatch.setattr(f"evaluation.check.{module}.perf_counter", made)
    return made

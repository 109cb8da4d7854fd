"""Names of metrics: reading them, refusing what is none, and plugins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.metrics import Finding, metric, parse_metric, registry
from evaluation.scores import Case
from indexes.errors import RequestError, UnknownNameError
from tests.evaluation.building_cases import case

ROOT = Path(__file__).parents[3]

PLUGIN = """
from evaluation.metrics import metric

@metric(what="answers that shout", binary=True)
def shouting(case):
    return float((case.trial.answer or "").isupper())
"""


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy, so that what a test registers goes away with it."""
    monkeypatch.setattr(registry, "_metrics", dict(registry._metrics))


def test_a_cutoff_stands_in_the_name() -> None:
    assert str(parse_metric(" recall@5 ")) == "recall@5"
    assert parse_metric("recall@5") != parse_metric("recall@10")
    assert parse_metric("sub_span").binary
    assert not parse_metric("ndcg@10").binary
    assert not parse_metric("latency").higher_is_better


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown metric 'subspan'; did you mean 'sub_span'\? known: .*exact_match"
    ):
        parse_metric("subspan")


@pytest.mark.parametrize(
    "text",
    ["recall", "recall@", "recall@0", "recall@-1", "recall@x", "recall@1.5", "recall@05", "recall@9999999", "recall@٥"],
)
def test_a_cutoff_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="metric 'recall' needs a cutoff, a whole number from 1"):
        parse_metric(text)


@pytest.mark.parametrize("text", ["sub_span@5", "sub_span@"])
def test_a_cutoff_that_is_not_wanted_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="takes no cutoff"):
        parse_metric(text)


@pytest.mark.usefixtures("own_registry")
def test_a_name_is_registered_once() -> None:
    def sub_span(case: Case) -> Finding:
        return 0.0

    with pytest.raises(RequestError, match=r"'sub_span' is registered twice, by evaluation\.metrics\.accuracy and"):
        metric(what="again")(sub_span)


@pytest.mark.usefixtures("own_registry")
def test_a_function_of_another_signature_is_refused() -> None:
    def other(case: Case, *, depth: int) -> Finding:
        return 0.0

    def none(*, k: int) -> Finding:
        return 0.0

    for function in (other, none):
        with pytest.raises(RequestError, match=r"metric '(other|none)' m"):
            metric(what="x")(function)


@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "1"])
def test_what_is_no_number_is_refused(value: float) -> None:
    @metric(what="odd")
    def odd(case: Case) -> Finding:
        return value

    with pytest.raises(RequestError, match="metric 'odd' must give a finite number"):
        parse_metric("odd").score(case("x"))


@pytest.mark.usefixtures("own_registry")
def test_a_binary_metric_gives_0_or_1() -> None:
    @metric(what="odd", binary=True)
    def half(case: Case) -> Finding:
        return 0.5

    with pytest.raises(RequestError, match=r"registered as binary, found 0\.5"):
        parse_metric("half").score(case("x"))


def installed(folder: Path, code: str, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script where a package of that code is installed, as far as `importlib.metadata` can tell."""
    info = folder / "shouting-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "shouting.py").write_text(code)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[rag.metrics]\nshouting = shouting\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def test_a_plugin_is_loaded_when_a_name_is_not_known(tmp_path: Path) -> None:
    script = "from evaluation.metrics import parse_metric; print(parse_metric('shouting').what)"
    assert installed(tmp_path / "good", PLUGIN, script).stdout == "answers that shout\n"
    assert "does not load" in installed(tmp_path / "bad", "1 / 0", script).stderr

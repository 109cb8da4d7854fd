"""Names of metrics: reading them, refusing what is none, and plugins."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

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

REPORT = """
from dataclasses import replace
from evaluation.analysis import analyse
from tests.evaluation.building_runs import arms, design, memory_run

run = memory_run(design(arms("edges"), primary="shouting"), {"edges": [1, 1, 1, 0]})
rows = tuple(replace(row, answer="PARIS!" if "Paris" in row.answer else row.answer) for row in run.rows)
from evaluation.metrics import parse_metric
print(parse_metric("shouting").what, analyse(replace(run, rows=rows)).cells[0].value)
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


@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("value", [-0.5, 1.5, 40])
def test_a_share_is_from_0_to_1(value: float) -> None:
    @metric(what="words, without saying so")
    def many(case: Case) -> Finding:
        return value

    with pytest.raises(RequestError, match=r"metric 'many' is registered as a share, found .*; repair it, or give its"):
        parse_metric("many").score(case("x"))


def installed(folder: Path, code: str) -> Path:
    """Installs a plugin package of the given code with pip; gives the folder to put on the path."""
    info = "shouting-1.0.dist-info"
    folder.mkdir(parents=True)
    wheel = folder / "shouting-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("shouting.py", code)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[rag.metrics]\nshouting = shouting\n")
        archive.writestr(f"{info}/RECORD", "")
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--target", str(site), str(wheel)], check=True)
    return site


def python(*arguments: str, site: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )


@pytest.mark.slow
def test_an_installed_plugin_is_found_scores_a_run_and_keeps_the_contract(tmp_path: Path) -> None:
    """Three answers in capitals of four: 75 %."""
    site = installed(tmp_path / "good", PLUGIN)
    found = python("-c", REPORT, site=site)
    assert found.stdout == "answers that shout 0.75\n", found.stderr
    options = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "shouting")
    run = python(*options, "tests/evaluation/metrics/test_contract.py", site=site)
    assert " passed" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_a_broken_plugin_is_named_and_does_not_hinder_the_built_in_metrics(tmp_path: Path) -> None:
    site = installed(tmp_path / "bad", "1 / 0")
    assert python("-c", "from evaluation.metrics import parse_metric as p; p('sub_span')", site=site).returncode == 0
    run = python("-c", "from evaluation.metrics import parse_metric as p; p('shouting')", site=site)
    assert "RequestError: the metric plugin 'shouting' (shouting) does not load" in run.stderr
    assert "repair or uninstall it" in run.stderr

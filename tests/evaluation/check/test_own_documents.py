"""The gate on the project's own documentation: it catches what is broken, and lets pass what is not.

The questions were written for these pages, and the baseline is the one under version control in ``checks/``.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.check.checking import check
from evaluation.check.config import CheckConfig
from evaluation.check.config_file import read_config
from evaluation.check.judging import exit_status
from evaluation.check.values import Checked, MetricVerdict
from indexes.embedder.protocol import Embedder
from indexes.passages import RankedPassage
from rag.folders import Folders
from rag.placement import registry
from tests.indexes.embedder.conftest import embedder_cache, minilm  # noqa: F401 fixtures

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "checks" / "ragcheck.toml"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folders(embedder_cache: Path, minilm: Embedder) -> Folders:  # noqa: F811
    """Folders in which the default embedder is there."""
    return Folders(embedder_cache, embedder_cache, embedder_cache, embedder_cache)


@pytest.fixture(scope="module")
def checked_once(tmp_path_factory: pytest.TempPathFactory, folders: Folders) -> tuple[CheckConfig, Checked]:
    """A copy of the documentation that was checked once, so that later copies need not embed it."""
    home = tmp_path_factory.mktemp("documentation")
    shutil.copytree(ROOT / "docs", home / "docs")
    config = moved(read_config(CONFIG), home)
    return config, check(config, folders)


@pytest.fixture
def copy(checked_once: tuple[CheckConfig, Checked], tmp_path: Path) -> CheckConfig:
    """A copy of one's own, to break."""
    config, _ = checked_once
    shutil.copytree(config.path.parent, tmp_path / "copy")
    return moved(config, tmp_path / "copy")


def moved(config: CheckConfig, home: Path) -> CheckConfig:
    return replace(config, path=home / CONFIG.name, roots=(home / "docs",))


def metric(checked: Checked, name: str) -> MetricVerdict:
    assert checked.baseline
    return next(one for stage in checked.baseline.stages for one in stage.metrics if one.name == name)


def verdicts(checked: Checked) -> dict[str, str]:
    assert checked.baseline
    return {stage.stage: stage.verdict for stage in checked.baseline.stages}


def test_the_question_set_is_real(checked_once: tuple[CheckConfig, Checked]) -> None:
    _, checked = checked_once
    outcomes = checked.current.outcomes
    assert len(outcomes) >= 60
    assert not checked.missing
    assert sum(outcome.scores["recall@10"] is None for outcome in outcomes) <= 5  # the questions to be refused


def test_the_documentation_as_it_is_passes(checked_once: tuple[CheckConfig, Checked]) -> None:
    _, checked = checked_once
    assert checked.baseline
    assert exit_status(checked) == 0, checked.baseline
    assert set(verdicts(checked).values()) == {"pass"}


def test_a_wrong_cutting_is_caught_as_retrieval(copy: CheckConfig, folders: Folders) -> None:
    checked = check(replace(copy, recipe=replace(copy.recipe, passage_tokens=32)), folders)
    assert exit_status(checked) == 1
    assert checked.baseline
    assert "cutting" in checked.baseline.changed
    assert verdicts(checked)["retrieval"] == "regressed"
    assert metric(checked, "recall@10").lost


def test_a_broken_policy_is_caught_as_assembly(
    copy: CheckConfig, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edges(passages: Sequence[RankedPassage]) -> list[int]:
        return sorted(range(len(passages)), key=lambda at: (at % 2, -at))

    monkeypatch.setitem(registry._policies, "edges", replace(registry._policies["edges"], function=edges))
    checked = check(copy, folders)
    assert exit_status(checked) == 1
    assert verdicts(checked)["retrieval"] == "pass"
    assert verdicts(checked)["assembly"] == "regressed"
    assert metric(checked, "same_order").verdict == "regressed"
    assert metric(checked, "gold_in_context").verdict == "pass"


def test_a_deleted_page_is_caught_and_its_evidence_listed(copy: CheckConfig, folders: Folders) -> None:
    (copy.roots[0] / "thinking.md").unlink()
    checked = check(copy, folders)
    assert exit_status(checked) == 1
    assert verdicts(checked)["retrieval"] == "regressed"
    gone = {question for question, what in checked.missing if what.startswith("thinking.md")}
    assert len(gone) >= 5
    assert gone & set(metric(checked, "recall@10").lost)


def test_an_added_page_passes(copy: CheckConfig, folders: Folders) -> None:
    (copy.roots[0] / "house.md").write_text(
        "# Around the house\n\nThe boiler is serviced every October. The key to the cellar hangs behind the door.\n\n"
        "## Contracts\n\nThe contract for the boiler ends in March 2027 and is renewed by a letter before that.\n"
    )
    checked = check(copy, folders)
    assert checked.baseline
    assert "corpus" in checked.baseline.changed
    assert exit_status(checked) == 0, checked.baseline


def test_a_reworded_paragraph_passes(copy: CheckConfig, folders: Folders) -> None:
    page = copy.roots[0] / "asking.md"
    before = page.read_text()
    after = before.replace("never cut in the middle", "and no passage is ever cut through its middle")
    assert after != before
    page.write_text(after)
    checked = check(copy, folders)
    assert [question for question, _ in checked.missing] == ["overlong-chunk"]
    assert exit_status(checked) == 0, checked.baseline

"""The facts of a result: equal wherever the check is done, and naming what changed."""

import shutil
from pathlib import Path

import pytest

from tests.cli.eval.endpoint import Endpoint
from tests.evaluation.check.building_projects import (
    CONFIG,
    EXTRACTIVE,
    Project,
    question,
    text,
)


def cloned(project: Project, where: Path) -> Project:
    """The project as version control has it, in a folder of another depth."""
    shutil.copytree(project.path, where, ignore=shutil.ignore_patterns(".ragcheck"))
    return Project(where)


def changed(project: Project) -> tuple[str, ...]:
    checked = project.check()
    assert checked.baseline
    return checked.baseline.changed


@pytest.mark.parametrize("answers", ["", EXTRACTIVE])
def test_a_clone_in_another_folder_is_identical(project: Project, tmp_path: Path, answers: str) -> None:
    project.configure(answers)
    project.bless()
    clone = cloned(project, tmp_path / "far" / "away" / "clone")
    checked = clone.check()
    assert checked.verdict == "pass"
    assert checked.baseline
    assert checked.baseline.changed == ()
    gating = [one for stage in checked.baseline.stages for one in stage.metrics if one.gates]
    assert gating
    assert {one.basis for one in gating} == {"identical"}


def test_a_clone_asks_the_same_of_a_model(blessed: Project, server: Endpoint, tmp_path: Path) -> None:
    blessed.check()
    clone = cloned(blessed, tmp_path / "far" / "away" / "clone")
    checked = clone.check()
    assert checked.verdict == "pass"
    assert checked.baseline
    assert checked.baseline.changed == ()
    n = len(server.questions) // 2
    assert [body["messages"] for body in server.questions[:n]] == [body["messages"] for body in server.questions[n:]]


@pytest.mark.parametrize("with_answers", [False, True])
def test_a_baseline_names_no_folder_and_no_address(answering: Project, tmp_path: Path, with_answers: bool) -> None:
    answering.bless(with_answers=with_answers)
    for path in (answering.config.baseline, answering.config.anchor):
        written = path.read_text()
        assert str(tmp_path) not in written
        assert "127.0.0.1" not in written
        assert str(Path.home()) not in written


def test_paths_above_the_file_are_told_as_seen_from_it(project: Project, tmp_path: Path) -> None:
    inner = project.path / "checks"
    inner.mkdir()
    for name in ("ragcheck.toml", "questions.jsonl"):
        shutil.move(project.path / name, inner)
    check = Project(inner)
    check.configure(EXTRACTIVE, text=CONFIG.replace('["docs"]', '["../docs"]'))
    check.bless(with_answers=True)
    assert str(tmp_path) not in check.config.baseline.read_text()
    clone = Project(cloned(project, tmp_path / "deeper" / "clone").path / "checks")
    assert changed(clone) == ()


def test_a_document_of_its_own_as_root_is_the_same_in_a_clone(project: Project, tmp_path: Path) -> None:
    project.configure(text=CONFIG.replace('["docs"]', '["docs/aldin.md", "docs/brems.md"]'))
    project.write_questions([question("Aldin"), question("Brems")])
    project.bless()
    assert str(tmp_path) not in project.config.baseline.read_text()
    assert changed(cloned(project, tmp_path / "far" / "away")) == ()


def test_touched_or_rewritten_files_of_equal_content_change_nothing(project: Project) -> None:
    project.bless()
    for page in project.docs.iterdir():
        content = page.read_text()
        page.unlink()
        page.write_text(content)
    assert changed(project) == ()


def test_each_fact_that_changed_is_named(project: Project) -> None:
    project.configure(EXTRACTIVE)
    project.bless()
    assert changed(project) == ()
    project.document("Corva").write_text(text("Corva") + "\nIn winter it is closed.\n")
    assert changed(project) == ("corpus",)
    project.document("Corva").write_text(text("Corva"))
    assert changed(project) == ()
    project.configure('tokens = 500\nplacement = "best_last"\n' + EXTRACTIVE)
    assert changed(project) == ("placement", "context")
    project.configure('\n[retrieval]\nmode = "lexical"\n' + EXTRACTIVE)
    assert changed(project) == ("retrieval",)
    project.configure('\n[retrieval]\nmetrics = ["mrr@2"]\n' + EXTRACTIVE)
    assert changed(project) == ("metrics",)
    recut = CONFIG.replace('embedder = "hashing"', 'embedder = "hashing"\npassage_tokens = 64')
    project.configure(EXTRACTIVE, text=recut)
    assert changed(project) == ("cutting",)
    project.configure()
    assert changed(project) == ("model", "metrics")


def test_another_model_and_another_way_to_draw_are_named(blessed: Project, server: Endpoint) -> None:
    blessed.answered_by(server, more="temperature = 0.1\n")
    assert changed(blessed) == ("sampling",)
    blessed.configure(f'\n[answers]\nmodel = "other"\nbase_url = "{server.url}"\n')
    assert changed(blessed) == ("model",)


def test_a_server_at_another_address_changes_nothing(blessed: Project, server: Endpoint) -> None:
    blessed.configure(f'\n[answers]\nmodel = "m"\nbase_url = "{server.url.replace("127.0.0.1", "localhost")}"\n')
    assert changed(blessed) == ()


def test_what_is_asked_in_tags_only_has_the_facts_of_all_questions(project: Project) -> None:
    project.bless()
    checked = project.check(tags=("early",))
    assert checked.baseline
    assert checked.baseline.changed == ()


def test_an_assertion_or_tag_that_is_added_changes_no_question(project: Project) -> None:
    project.configure(EXTRACTIVE)
    project.bless()
    lines = [question(harbour) for harbour in ("Aldin", "Brems")]
    project.write_questions(lines)
    project.bless("two")
    lines[0] |= {"tags": ["other"], "must": {"not_contain": ["9999"]}}
    project.write_questions(lines)
    checked = project.check()
    assert checked.baseline
    assert (checked.baseline.changed, checked.baseline.added) == ((), ())
    assert [one.held for one in checked.assertions] == [True]

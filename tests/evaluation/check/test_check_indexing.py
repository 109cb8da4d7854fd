"""The check's own index: refreshed, or made anew where it cannot be, and never in the way of version control."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from evaluation.check.checking import check, texts_of
from evaluation.check.config_file import read_config
from evaluation.check.indexing import index_folder, open_check_index
from indexes.embedder.hashing import HashingEmbedder
from indexes.errors import IndexBusyError, RequestError
from indexes.extract import extract
from indexes.generation import writing
from indexes.manifest import Manifest
from tests.evaluation.check.building_projects import CONFIG, N, Project, text


def index(project: Project) -> Manifest:
    """What the index is after it was opened for a check."""
    with open_check_index(project.config, cache=project.folders.cache) as found:
        list(found.all_passages())
        return found.manifest


def recut(project: Project, **said: object) -> None:
    lines = "".join(f"{name} = {value!r}\n".replace("'", '"') for name, value in said.items())
    project.configure(text=CONFIG.replace('embedder = "hashing"\n', f'embedder = "hashing"\n{lines}'))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read for the index, as they are read."""
    names: list[str] = []

    def told(path: Path, *given: Any, **named: Any) -> object:
        names.append(path.name)
        return extract(path, *given, **named)

    monkeypatch.setattr("indexes.collect.extract", told)
    return names


def test_it_stands_beside_the_file_where_git_leaves_it_out(project: Project) -> None:
    project.check()
    assert index_folder(project.config) == project.path / ".ragcheck" / "ragcheck" / "index"
    assert (project.path / ".ragcheck" / ".gitignore").read_text() == "*\n"
    assert {path.name for path in project.path.iterdir()} == {".ragcheck", "docs", "questions.jsonl", "ragcheck.toml"}


def test_two_checks_of_a_folder_have_an_index_each(project: Project) -> None:
    project.check()
    before = index(project)
    other = project.path / "other.toml"
    shutil.copy(project.path / "ragcheck.toml", other)
    check(read_config(other), project.folders)
    assert index(project) == before
    assert (project.path / ".ragcheck" / "other" / "index").is_dir()


def test_documents_that_did_not_change_are_not_read_again(project: Project, read: list[str]) -> None:
    first = index(project)
    assert len(read) == N
    assert index(project).generation == first.generation
    assert len(read) == N
    project.document("Corva").write_text(text("Corva") + "\nIn winter it is closed.\n")
    second = index(project)
    assert read[N:] == ["corva.md"]
    assert second.generation != first.generation
    project.document("Corva").unlink()
    assert index(project).documents == N - 1
    assert len(read) == N + 1


@pytest.mark.parametrize("said", [{"passage_tokens": 16}, {"factory": "Flat"}])
def test_settings_that_changed_in_the_file_make_it_anew(project: Project, said: dict[str, object]) -> None:
    first = index(project)
    recut(project, **said)
    second = index(project)
    assert second.generation != first.generation
    assert (second.passage_tokens, second.factory_asked) == (said.get("passage_tokens"), said.get("factory"))
    assert index(project).generation == second.generation
    project.configure()
    third = index(project)
    assert (third.passage_tokens, third.factory_asked, third.cutting) == (None, None, first.cutting)


def test_fields_that_changed_in_the_file_make_it_anew(project: Project) -> None:
    (project.docs / "records.jsonl").write_text('{"id": "r1", "text": "one thing", "body": "another thing"}\n')
    index(project)
    project.configure('\n[index.fields]\ntext = ["body"]\n')
    with open_check_index(project.config, cache=project.folders.cache) as found:
        texts = {passage.text for passage in found.all_passages() if passage.source.startswith("records")}
    assert texts == {"another thing"}


@pytest.mark.parametrize("edited", [True, False])
def test_an_embedder_that_is_another_by_now_makes_it_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    assert index(project).embedder.dimension == 256
    monkeypatch.setattr("indexes.embedder.open.HashingEmbedder", lambda: HashingEmbedder(dimension=128))
    if edited:
        project.document("Corva").write_text(text("Corva") + "\nIn winter it is closed.\n")
    checked = project.check()
    assert all(one.scores["recall@2"] == 1.0 for one in checked.current.outcomes)
    assert index(project).embedder.dimension == 128


def test_other_roots_make_it_anew(project: Project) -> None:
    index(project)
    other = project.path / "other"
    other.mkdir()
    shutil.move(project.document("Corva"), other)
    project.configure(text=CONFIG.replace('["docs"]', '["docs", "other"]'))
    assert index(project).documents == N
    project.configure()
    assert index(project).documents == N - 1


def test_a_root_that_was_emptied_drops_its_documents(project: Project) -> None:
    other = project.path / "other"
    other.mkdir()
    shutil.move(project.document("Corva"), other)
    project.configure(text=CONFIG.replace('["docs"]', '["docs", "other"]'))
    project.bless()
    (other / "corva.md").unlink()
    checked = project.check()
    assert (checked.verdict, checked.missing) == ("regressed", (("corva", "corva.md: was dug in 1727"),))
    assert index(project).documents == N - 1


def test_without_any_document_nothing_can_be_checked(project: Project) -> None:
    project.bless()
    for page in project.docs.iterdir():
        page.unlink()
    with pytest.raises(RequestError):
        project.check()
    assert not (project.config.work / "last.jsonl").exists()


def damaged_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def newer_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 99'))


def lost_generation(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def cut_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.parent != folder and path.stat().st_size > 10:
            path.write_bytes(path.read_bytes()[:10])


def overwritten_tables(folder: Path) -> None:
    for path in folder.rglob("*.sqlite*"):
        path.write_bytes(b"\0" * path.stat().st_size)


@pytest.mark.parametrize(
    "spoil", [damaged_manifest, newer_manifest, lost_generation, cut_files, overwritten_tables, shutil.rmtree]
)
def test_a_damaged_one_is_made_anew(project: Project, spoil: object) -> None:
    project.bless()
    assert callable(spoil)
    spoil(index_folder(project.config))
    assert project.check().verdict == "pass"
    assert index(project).documents == N


def test_one_that_another_process_writes_is_left_to_it(project: Project) -> None:
    index(project)
    with writing(index_folder(project.config)), pytest.raises(IndexBusyError):
        project.check()


def test_texts_of_an_index_that_was_never_made_are_refused(project: Project) -> None:
    with pytest.raises(RequestError):
        texts_of(project.config, {"x"}, cache=project.folders.cache)

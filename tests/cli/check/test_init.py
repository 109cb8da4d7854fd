"""`rag check init`: the file it writes, and the questions it drafts."""

from pathlib import Path

import pytest

from evaluation.check.config_file import read_config
from evaluation.datasets import open_dataset
from tests.cli.check.conftest import CONFIG, Rag
from tests.cli.eval.test_questions import PAGES, writer
from tests.cli.scripted import scripted

QUESTIONS = ("--questions", "questions.jsonl")


@pytest.fixture
def pages(rag: Rag, project: Path) -> Rag:
    """`rag check init` in a project whose documents are long enough to draft from, in the index 'pages'."""
    (project / "pages").mkdir()
    for name, text in PAGES.items():
        (project / "pages" / f"{name}.md").write_text(text)
    assert rag("index", "pages", "--embedder", "hashing").status == 0
    return lambda *arguments: rag("check", "init", *arguments)


def test_the_file_names_documents_and_questions_relative_to_itself(rag: Rag, notes: Path) -> None:
    outcome = rag("check", "init", "--docs", "notes", *QUESTIONS)
    assert outcome.status == 0
    assert outcome.out.startswith("ragcheck.toml: ")
    assert "`rag check run`" in outcome.err
    assert '`rag check bless --reason "first"`' in outcome.err
    text = (notes / "ragcheck.toml").read_text()
    assert 'roots = ["notes"]' in text
    assert 'questions = "questions.jsonl"' in text
    assert str(notes) not in text
    config = read_config(notes / "ragcheck.toml")
    assert (config.questions, config.roots) == (notes / "questions.jsonl", (notes / "notes",))
    assert config.answers is None
    assert not (notes / ".ragcheck").exists()


def test_several_documents_and_another_place(rag: Rag, notes: Path) -> None:
    (notes / "ci").mkdir()
    (notes / "more.md").write_text("More.\n")
    outcome = rag(
        "check", "init", "--docs", "notes", "--docs", "more.md", *QUESTIONS, "--config", "ci/small check.toml"
    )
    assert outcome.status == 0
    assert "rag check run --config 'ci/small check.toml'" in outcome.err
    config = read_config(notes / "ci" / "small check.toml")
    assert config.roots == (notes / "notes", notes / "more.md")
    assert config.questions == notes / "questions.jsonl"
    assert config.baseline == notes / "ci" / "small check.baseline.jsonl"


def test_the_model_is_that_of_the_flags_and_of_nothing_else(
    rag: Rag, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MODEL", "smollm2")
    monkeypatch.setenv("RAG_API_KEY", "sk-secret")
    assert rag("check", "init", "--docs", "notes", *QUESTIONS).status == 0
    assert read_config(notes / "ragcheck.toml").answers is None
    remote = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--config", "remote.toml")
    assert rag("check", "init", "--docs", "notes", *QUESTIONS, *remote).status == 0
    answers = read_config(notes / "remote.toml").answers
    assert answers is not None
    assert (answers.model.model, answers.model.base_url) == ("m", "http://127.0.0.1:9/v1")
    assert "sk-secret" not in (notes / "remote.toml").read_text()


def test_an_index_gives_documents_and_settings(rag: Rag, notes: Path) -> None:
    assert rag("index", "notes", "--embedder", "hashing", "--passage-tokens", "40").status == 0
    assert rag("check", "init", "--index", "notes", *QUESTIONS, "--model", "extractive").status == 0
    config = read_config(notes / "ragcheck.toml")
    assert config.roots == (notes / "notes",)
    assert (config.recipe.embedder, config.recipe.passage_tokens) == ("hashing", 40)
    assert (config.recipe.factory, config.recipe.fields) == (None, None)
    assert rag("check", "bless", "--reason", "first").status == 0
    assert rag("check", "run").status == 0


def test_a_file_that_is_there_is_not_written_over(rag: Rag, notes: Path) -> None:
    (notes / "ragcheck.toml").write_text(CONFIG)
    outcome = rag("check", "init", "--docs", "notes", *QUESTIONS)
    assert (outcome.status, outcome.out) == (2, "")
    assert "'ragcheck.toml' is there already and is not written over" in outcome.err
    assert (notes / "ragcheck.toml").read_text() == CONFIG


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (QUESTIONS, "found neither"),
        (("--docs", "notes", "--index", "notes", *QUESTIONS), "found both"),
        (("--docs", "nowhere", *QUESTIONS), "there are no documents at 'nowhere'"),
        (("--docs", "notes", "--questions", "nowhere.jsonl"), "nowhere.jsonl"),
        (("--docs", "notes", "--questions", "notes/0.md"), "0.md"),
        (("--index", "nowhere", *QUESTIONS), "no index in"),
        (("--docs", "notes", *QUESTIONS, "--config", "no/such/ragcheck.toml"), "there is no folder 'no/such'"),
        (("--docs", "notes", *QUESTIONS, "--base-url", "127.0.0.1"), "--base-url must look like"),
        (("--docs", "notes", *QUESTIONS, "--base-url", "http://me:secret@a.example/v1"), "no user name and password"),
        (("--docs", "notes"), 'one a line as {"question": '),
        (("--docs", "notes", "--model", "extractive"), "'extractive' quotes and cannot write questions"),
        (("--docs", "notes", "--model", "smolm2"), "did you mean 'smollm2'?"),
    ],
)
def test_a_wrong_request_exits_with_2_and_writes_nothing(
    rag: Rag, notes: Path, arguments: tuple[str, ...], message: str
) -> None:
    outcome = rag("check", "init", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert "secret" not in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not (notes / "ragcheck.toml").exists()
    assert not (notes / ".ragcheck").exists()


def test_an_empty_question_file_is_refused(rag: Rag, notes: Path) -> None:
    (notes / "questions.jsonl").write_text("")
    outcome = rag("check", "init", "--docs", "notes", *QUESTIONS)
    assert (outcome.status, outcome.out) == (2, "")
    assert not (notes / "ragcheck.toml").exists()


def test_questions_are_drafted_where_there_are_none(pages: Rag, project: Path) -> None:
    with scripted(writer(spoiled="cedar")) as server:
        outcome = pages("--index", "pages", "--base-url", server.url, "--model", "m")
    assert outcome.status == 0
    assert "review 'questions.jsonl', each question, answer and quote" in outcome.err
    assert "rag check run" in outcome.err
    dataset = open_dataset(project / "questions.jsonl")
    assert {example.gold[0].source for example in dataset.examples} == {f"{name}.md" for name in PAGES} - {"cedar.md"}
    config = read_config(project / "ragcheck.toml")
    assert config.questions == project / "questions.jsonl"
    assert config.answers is not None
    assert config.answers.model.model == "m"
    assert (project / ".ragcheck" / ".gitignore").read_text() == "*\n"


def test_where_none_could_be_drafted_no_check_is_written(pages: Rag, project: Path) -> None:
    with scripted(lambda _: [{"content": "no"}]) as server:
        outcome = pages("--index", "pages", "--base-url", server.url, "--model", "m")
    assert outcome.status == 1
    assert "ragcheck.toml was not written, because there is no question" in outcome.err
    assert not (project / "ragcheck.toml").exists()

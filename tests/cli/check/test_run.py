"""`rag check run`, with documents that change under it."""

import json
import os
import signal
from pathlib import Path

import pytest
from lxml import etree

from tests.cli.check.conftest import CONFIG, EXTRACTIVE, Rag, break_a_note, write_questions
from tests.cli.conftest import Outcome
from tests.cli.eval.endpoint import endpoint


def test_without_a_baseline_it_is_inconclusive_and_says_how_to_bless(check: Rag) -> None:
    outcome = check("run")
    assert outcome.status == 3
    assert "rag check bless" in outcome.out


def test_nothing_changed_passes(blessed: Rag) -> None:
    outcome = blessed("run")
    assert outcome.status == 0
    assert "pass" in outcome.out


def test_a_lost_question_regresses(blessed: Rag, notes: Path) -> None:
    break_a_note(notes)
    outcome = blessed("run")
    assert outcome.status == 1
    assert "REGRESSED" in outcome.out
    assert "q0" in outcome.out


def test_json_is_one_object_for_every_verdict(check: Rag, notes: Path) -> None:
    statuses = []
    for change in (lambda: None, lambda: check("bless", "--reason", "first"), lambda: break_a_note(notes)):
        change()
        outcome = check("run", "--json")
        values = json.loads(outcome.out)
        assert values["schema_version"] == 1
        assert values["exit_status"] == outcome.status
        statuses.append((outcome.status, values["verdict"]))
    assert statuses == [(3, "inconclusive"), (0, "pass"), (1, "regressed")]


@pytest.mark.parametrize(("chosen", "status"), [("pass", 3), ("fail", 1)])
def test_a_missing_baseline_never_counts_as_a_pass(check: Rag, chosen: str, status: int) -> None:
    outcome = check("run", "--inconclusive", chosen, "--json")
    assert outcome.status == status
    assert json.loads(outcome.out)["exit_status"] == status


def test_only_questions_with_a_tag_are_checked(blessed: Rag, notes: Path) -> None:
    break_a_note(notes)
    values = json.loads(blessed("run", "--filter", "t1", "--filter", "t2", "--json").out)
    assert (values["verdict"], values["n"]) == ("pass", 2)
    outcome = blessed("run", "--filter", "nothing")
    assert outcome.status == 2
    assert "nothing" in outcome.err


def test_a_broken_assertion_exits_with_1_though_nothing_is_lost(answering: Rag, notes: Path) -> None:
    write_questions(notes / "questions.jsonl", must={"not_contain": ["1871"]})
    assert answering("bless", "--reason", "first").status == 0
    outcome = answering("run")
    assert outcome.status == 1
    assert "1871" in outcome.out


def test_outputs_are_written_whatever_the_verdict(answering: Rag, notes: Path) -> None:
    assert answering("bless", "--reason", "first").status == 0
    break_a_note(notes)
    outcome = answering("run", "--junit", "out/j.xml", "--markdown", "out/s.md", "--html", "out/r.html")
    assert outcome.status == 1
    assert etree.parse(notes / "out/j.xml").getroot().tag == "testsuites"
    assert "q0" in (notes / "out/s.md").read_text()
    page = (notes / "out/r.html").read_text()
    assert "<script" in page
    assert "extractive" in page
    for name in ("j.xml", "s.md", "r.html"):
        assert f"wrote out/{name}" in outcome.err


def test_html_without_answers_is_refused_before_anything_slow(check: Rag, notes: Path) -> None:
    outcome = check("run", "--html", "out.html")
    assert (outcome.status, outcome.out) == (2, "")
    assert "--html shows answers, and no model is asked; name one by --model" in outcome.err
    assert not (notes / ".ragcheck").exists()


@pytest.mark.parametrize("option", ["--junit", "--markdown", "--html"])
@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("notes", "found a folder"),
        ("questions.jsonl/out", "questions.jsonl/out"),
        ("ragcheck.toml", "is the check's file itself"),
        ("questions.jsonl", "is the question file itself"),
        ("./ragcheck.baseline.jsonl", "is the baseline itself"),
        ("ragcheck.baseline.anchor.jsonl", "is the anchor itself"),
    ],
)
def test_a_target_that_cannot_be_written_is_said_before_anything_slow(
    answering: Rag, notes: Path, option: str, target: str, message: str
) -> None:
    outcome = answering("run", option, target)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert (notes / "ragcheck.toml").read_text() == EXTRACTIVE
    assert not (notes / ".ragcheck").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--inconclusive", "maybe"), "known: fail, pass"),
        (("--seconds", "0"), "--seconds must be above 0, not 0.0"),
        (("--seconds", "nan"), "--seconds must be above 0, not nan"),
        (("--timeout", "-1", "--model", "m"), "--timeout must be above 0 seconds, not -1.0"),
        (("--timeout", "5"), "--timeout is for an endpoint, and no model is asked"),
        (("--base-url", "127.0.0.1:8000"), "--base-url must look like"),
        (("--model", "no-such-model"), "unknown model 'no-such-model'"),
        (("--concurrency", "0"), "'--concurrency': a whole number of at least 1 is wanted, '0' found"),
    ],
)
def test_a_wrong_option_exits_with_2_and_one_line(check: Rag, arguments: tuple[str, ...], message: str) -> None:
    outcome = check("run", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_what_could_not_be_done_stands_in_the_junit_file_and_no_older_file_stays(answering: Rag, notes: Path) -> None:
    assert answering("bless", "--reason", "first").status == 0
    (notes / "ragcheck.baseline.jsonl").write_text("{")
    (notes / "summary.md").write_text("of an earlier run")
    outcome = answering("run", "--junit", "check.xml", "--markdown", "summary.md")
    assert outcome.status == 2
    assert "ragcheck.baseline.jsonl" in (notes / "check.xml").read_text()
    assert not (notes / "summary.md").exists()


def test_a_damaged_baseline_exits_with_2(blessed: Rag, notes: Path) -> None:
    baseline = notes / "ragcheck.baseline.jsonl"
    baseline.write_text(baseline.read_text().replace("1.0", "0.5", 1))
    outcome = blessed("run")
    assert (outcome.status, outcome.out) == (2, "")
    assert "ragcheck.baseline.jsonl" in outcome.err


def test_no_model_is_taken_from_environment_or_settings(
    check: Rag, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MODEL", "extractive")
    (notes / "rag.toml").write_text('model = "extractive"\n')
    outcome = check("run", "--json")
    assert "end_to_end" not in outcome.out
    assert "end_to_end" in check("run", "--json", "--model", "extractive").out


def test_a_model_by_flag_is_asked_in_place_of_the_files(answering: Rag) -> None:
    with endpoint(answer=lambda _: "In 1871 [1].") as server:
        outcome = answering("run", "--json", "--model", "m", "--base-url", server.url)
        assert {body["model"] for body in server.questions} == {"m"}
        assert len(server.questions) == 4
    assert outcome.status == 3  # no baseline


def test_a_model_that_is_here_is_not_sought_at_the_endpoint_of_the_file(check: Rag, notes: Path) -> None:
    (notes / "ragcheck.toml").write_text(CONFIG + '\n[answers]\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\n')
    outcome = check("run", "--model", "extractive", "--json")
    assert json.loads(outcome.out)["infrastructure_failures"] == 0


@pytest.mark.parametrize(("name", "sent"), [("RAG_API_KEY", True), ("OPENAI_API_KEY", False)])
def test_only_the_key_that_is_meant_for_this_product_is_sent(
    check: Rag, notes: Path, monkeypatch: pytest.MonkeyPatch, name: str, sent: bool
) -> None:
    monkeypatch.setenv(name, "sk-secret")
    with endpoint() as server:
        server.key = "sk-secret"
        (notes / "ragcheck.toml").write_text(CONFIG + f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\n')
        failures = json.loads(check("run", "--json").out)["infrastructure_failures"]
    assert (failures == 0) is sent


def test_where_every_reply_failed_it_never_passes(answering: Rag) -> None:
    assert answering("bless", "--reason", "first").status == 0
    dead = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1")
    assert answering("run", *dead).status == 3
    assert answering("run", *dead, "--inconclusive", "pass").status == 3


def test_the_time_that_is_up_leaves_the_rest_for_the_same_command(answering: Rag, notes: Path) -> None:
    with endpoint(answer=lambda _: "In 1871 [1].", delay=0.2) as server:
        (notes / "ragcheck.toml").write_text(
            CONFIG + f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\nrepeats = 1\n'
        )
        assert answering("bless", "--reason", "first").status == 0
        before = server.answered
        first: Outcome = answering("run", "--seconds", "0.001", "--json")
        assert first.status == 3
        assert json.loads(first.out)["verdict"] == "inconclusive"
        assert answering("run", "--json").status == 0
        assert server.answered == before + 4


def test_ctrl_c_lets_what_is_in_flight_end_and_the_same_command_goes_on(check: Rag, notes: Path) -> None:
    def answer(_: object) -> str:
        if len(server.questions) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return "In 1871 [1]."

    with endpoint(answer=answer) as server:
        (notes / "ragcheck.toml").write_text(CONFIG + f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\n')
        outcome = check("run", "--concurrency", "1")
        assert (outcome.status, outcome.out) == (130, "")
        assert "stopping when what is in flight has ended" in outcome.err
        assert server.answered == 2
        assert check("run").status == 3  # no baseline
        assert server.answered == 4


def test_only_what_failed_is_asked_again_where_that_is_wanted(check: Rag, notes: Path) -> None:
    with endpoint(answer=lambda _: "wrong") as server:
        server.status = lambda asked: 400 if asked == 0 else 200
        (notes / "ragcheck.toml").write_text(CONFIG + f'\n[answers]\nmodel = "m"\nbase_url = "{server.url}"\n')
        assert json.loads(check("run", "--json").out)["infrastructure_failures"] == 1
        assert len(server.questions) == 4
        assert json.loads(check("run", "--retry-failed", "--json").out)["infrastructure_failures"] == 0
        assert len(server.questions) == 5

"""Servers, disks and files that fail: the run says so, keeps what it has, and goes on with the same command."""

import random
import shutil
import sqlite3
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from evaluation.store import open_run, resume_run
from tests.cli.eval.conftest import TRIALS, Rag
from tests.cli.eval.endpoint import Endpoint, endpoint
from tests.cli.eval.starting import ended, start


def command(url: str, *more: str) -> list[str]:
    return ["eval", "run", "small.toml", "--model", "m", "--base-url", url, "--run", "a.rag-run", *more]


@pytest.mark.parametrize("model", ["m", "smollm2"])  # the catalogue knows the second
def test_a_server_that_is_down_at_the_start_leaves_nothing(study: Rag, project: Path, model: str) -> None:
    with endpoint() as server:
        url = server.url
    outcome = study(*command(url, "--model", model))
    assert outcome.status == 2
    assert "no server answers" in outcome.err
    assert "start it, or correct --base-url" in outcome.err
    assert not Path("a.rag-run").exists()
    with endpoint(port=urlsplit(url).port or 0):
        assert study(*command(url)).status == 0


def test_a_server_that_refuses_the_key_at_the_start_leaves_nothing(study: Rag, server: Endpoint) -> None:
    server.key = "sk-right"
    outcome = study(*command(server.url))
    assert outcome.status == 2
    assert "refused the API key" in outcome.err
    assert not Path("a.rag-run").exists()


def test_a_server_without_a_list_of_models_can_be_asked(study: Rag, server: Endpoint) -> None:
    server.lists = False
    assert study(*command(server.url)).status == 0
    assert server.answered == TRIALS


def test_a_server_that_dies_in_the_middle(study: Rag) -> None:
    with ExitStack() as alive:
        server = alive.enter_context(endpoint())
        url = server.url
        deaths: list[Thread] = []

        def answer(body: object) -> str:
            if server.answered >= 9 and not deaths:
                deaths.append(Thread(target=alive.close))
                deaths[0].start()
            return "yes"

        server.answer = answer
        outcome = study(*command(url, "--concurrency", "4"))
        deaths[0].join()
    assert outcome.status == 1
    assert "the same command goes on where this one stopped" in outcome.err
    with open_run(Path("a.rag-run")) as run:
        answered = len(run.finished())
    assert 9 <= answered < TRIALS
    with endpoint(port=urlsplit(url).port or 0) as server:
        again = study(*command(url))
        assert again.status == 0, again.err
        assert len(server.questions) == TRIALS - answered


def test_a_server_with_too_many_requests_is_asked_less(study: Rag, server: Endpoint) -> None:
    server.delay = 0.02
    server.status = lambda _: 429 if server.under_way > 3 else 200
    outcome = study(*command(server.url, "--concurrency", "12"))
    assert outcome.status == 0, outcome.err
    assert server.answered == TRIALS
    with open_run(Path("a.rag-run")) as run:
        assert {trial.finish for trial in run.trials()} == {"answered"}


def test_the_second_of_two_runners_is_refused(study: Rag, server: Endpoint) -> None:
    assert study(*command(server.url)).status == 0
    with resume_run(Path("a.rag-run")):
        outcome = study(*command(server.url))
    assert outcome.status == 2
    assert "is being written by another process" in outcome.err
    assert study(*command(server.url)).status == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_a_disk_that_fills_keeps_what_is_there(study: Rag, server: Endpoint) -> None:
    server.answer = lambda body: random.Random(str(body)).randbytes(10_000).hex()
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))"
    status, out, err = ended(start(*command(server.url, "--concurrency", "2"), before=limit))
    assert (status, out) == (1, "")
    assert "no space for run 'a'" in err
    assert "run the same command again" in err
    assert "Traceback" not in err
    with open_run(Path("a.rag-run")) as run:
        kept = len(run.finished())
    assert 0 < kept < TRIALS
    before = len(server.questions)
    assert study(*command(server.url)).status == 0
    assert len(server.questions) - before == TRIALS - kept


@pytest.fixture
def damaged(study: Rag, server: Endpoint) -> Path:
    """A finished run with pages overwritten."""
    assert study(*command(server.url, "--samples", "3")).status == 0
    path = Path("a.rag-run")
    content = bytearray(path.read_bytes())
    pages = len(content) // 4096
    for page in range(pages * 2 // 3, pages * 2 // 3 + 2):
        content[page * 4096 : (page + 1) * 4096] = b"\x5a" * 4096
    path.write_bytes(bytes(content))
    return path


def test_a_damaged_run_names_what_recovers_it(study: Rag, damaged: Path, server: Endpoint) -> None:
    before = len(server.questions)
    outcome = study(*command(server.url, "--samples", "3"))
    assert outcome.status == 2
    assert "rag eval recover a.rag-run" in outcome.err
    assert len(server.questions) == before


def test_what_is_recovered_goes_on(study: Rag, damaged: Path, server: Endpoint) -> None:
    whole = damaged.read_bytes()
    recovered = study("eval", "recover", "a.rag-run", "b.rag-run")
    assert recovered.status == 0
    assert "trials of 4 questions" in recovered.out
    assert damaged.read_bytes() == whole
    with open_run(Path("b.rag-run")) as run:
        kept = len(run.finished())
    before = len(server.questions)
    assert study(*command(server.url, "--samples", "3", "--run", "b.rag-run")).status == 0
    assert len(server.questions) - before == 3 * TRIALS - kept


def test_recovery_does_not_overwrite(study: Rag, damaged: Path, project: Path) -> None:
    (project / "b.rag-run").write_text("mine")
    assert study("eval", "recover", "a.rag-run", "b.rag-run").status == 2
    assert (project / "b.rag-run").read_text() == "mine"
    assert study("eval", "recover", "nothing.rag-run", "c.rag-run").status == 2
    assert study("eval", "recover", "questions.jsonl", "c.rag-run").status == 2
    assert study("eval", "recover", "a.rag-run", "c.txt").status == 2


@pytest.mark.parametrize("verb", ["run", "report", "compare", "calibrate", "recover"])
def test_a_run_of_a_newer_version_is_refused(study: Rag, server: Endpoint, verb: str) -> None:
    assert study(*command(server.url)).status == 0
    shutil.copy("a.rag-run", "old.rag-run")
    database = sqlite3.connect("a.rag-run")
    database.execute("PRAGMA user_version=99")
    database.close()
    arguments = {
        "run": command(server.url)[1:],
        "compare": ["compare", "old.rag-run", "a.rag-run"],
        "recover": ["recover", "a.rag-run", "b.rag-run"],
    }.get(verb, [verb, "a.rag-run"])
    outcome = study("eval", *arguments)
    assert outcome.status == 2
    assert "a newer rag is needed" in outcome.err

"""A run that is killed or interrupted goes on with the same command, and ends as one that was not."""

import random
import signal
import sys
import time
from pathlib import Path

import pytest

from evaluation.store import open_run
from evaluation.trials import Trial
from tests.cli.eval.conftest import TRIALS, Rag
from tests.cli.eval.endpoint import Endpoint, endpoint
from tests.cli.eval.starting import ended, start, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]

LANES, SAMPLES, KILLS = 4, 6, 20


def command(server: Endpoint, *more: str) -> list[str]:
    return ["eval", "run", "small.toml", "--model", "m", "--base-url", server.url, "--run", "a.rag-run", *more]


def rows(path: str) -> list[Trial]:
    with open_run(Path(path)) as run:
        return list(run.trials())


def test_a_run_killed_at_twenty_moments_equals_one_that_was_not(study: Rag) -> None:
    """Nothing answered is asked twice but what was in flight, or on its way to the disk, when the kill came."""
    moments = random.Random(5)
    many = ("--concurrency", str(LANES), "--samples", str(SAMPLES))
    with endpoint(delay=0.03) as server:
        for kill in range(KILLS):
            before = len(server.questions)
            process = start(*command(server, *many))
            if kill % 5 == 0:  # wherever it is, as a rule before the first question
                time.sleep(moments.uniform(0, 1.5))
            else:
                more = moments.randrange(1, 8)
                wait_for(lambda: len(server.questions) >= before + more, process)  # noqa: B023 - called at once
                time.sleep(moments.uniform(0, 0.05))
            process.kill()
            process.communicate()
            assert process.returncode == -signal.SIGKILL, "it was done before it was killed"
        begun = len(rows("a.rag-run"))
        assert 0 < begun < TRIALS * SAMPLES
        status, _, err = ended(start(*command(server, *many)))
        assert status == 0, err
        assert f"{begun} of them there already" in err
        asked = len(server.questions)
    assert TRIALS * SAMPLES <= asked <= TRIALS * SAMPLES + KILLS * LANES

    with endpoint() as server:
        whole = ["b.rag-run" if part == "a.rag-run" else part for part in command(server, *many)]
        assert study(*whole).status == 0
        assert len(server.questions) == TRIALS * SAMPLES
    killed = rows("a.rag-run")
    assert len({trial.key for trial in killed}) == len(killed) == TRIALS * SAMPLES
    assert killed == rows("b.rag-run")


def test_ctrl_c_lets_what_is_in_flight_end(study: Rag, server: Endpoint) -> None:
    server.delay = 0.3
    process = start(*command(server, "--concurrency", "3"))
    wait_for(lambda: len(server.questions) >= 5, process)
    process.send_signal(signal.SIGINT)
    status, out, err = ended(process)
    assert (status, out) == (130, "")
    assert "stopping when what is in flight has ended" in err
    assert "the same command asks the others" in err
    assert err.endswith("rag: interrupted\n")
    assert server.answered == len(server.questions) == len(rows("a.rag-run")) < TRIALS
    server.delay = 0
    assert study(*command(server)).status == 0
    assert len(server.questions) == len(rows("a.rag-run")) == TRIALS


def test_second_ctrl_c_does_not_wait(study: Rag, server: Endpoint) -> None:
    def late(body: object) -> str:
        time.sleep(5 if server.answered >= 4 else 0)
        return "late"

    server.answer = late
    process = start(*command(server, "--concurrency", "3"))
    wait_for(lambda: len(server.questions) >= 7, process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        pass
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    status, out, err = ended(process)
    assert time.monotonic() - began < 4
    assert (status, out) == (130, "")
    assert "Traceback" not in err
    assert err.endswith("rag: interrupted\n")
    assert 4 <= len(rows("a.rag-run")) < 4 + 3  # three are in flight at most
    server.answer = lambda _: "yes"
    assert study(*command(server)).status == 0
    assert len(rows("a.rag-run")) == TRIALS


def test_ctrl_c_while_passages_are_ranked_does_not_wait(study: Rag, server: Endpoint, project: Path) -> None:
    process = start(
        "eval", "ab", "--generate", "needle(passages=200, examples=300)", "--model", "m", "--base-url", server.url
    )  # fmt: skip
    wait_for(lambda: bool(list(project.glob("rag-runs/*.rag-run"))), process)
    process.send_signal(signal.SIGINT)
    status, _, err = ended(process)
    assert status == 130, err
    assert not server.questions

"""The passages that a model reads, and those that the baseline had."""

import pytest

from evaluation.check.checking import texts_of
from evaluation.check.ground import ranked_ids
from evaluation.check.values import Checked
from tests.cli.eval.endpoint import Body, Endpoint
from tests.evaluation.check.building_projects import HARBOURS, N, Project, metric, right, since, stage, wrong

CROWDED = ("Aldin", "Brems", "Corva")


def contexts(checked: Checked) -> dict[str, tuple[str, ...]]:
    return {one.id: ranked_ids(one) for one in checked.current.outcomes}


@pytest.fixture
def before(blessed: Project, server: Endpoint) -> dict[str, tuple[str, ...]]:
    """The contexts as they were blessed."""
    found = contexts(blessed.check())
    server.questions.clear()
    return found


def test_contexts_that_did_not_change_are_asked_over_once(
    blessed: Project, before: dict[str, tuple[str, ...]], server: Endpoint
) -> None:
    checked = blessed.check()
    assert contexts(checked) == before
    assert len(server.questions) == N
    assert (stage(checked, "generation").verdict, metric(checked, "generation", "sub_span").n) == ("pass", N)
    assert all(one.frozen is one.replies for one in checked.current.outcomes)


def test_contexts_that_changed_are_asked_over_the_former_passages_too(
    blessed: Project, before: dict[str, tuple[str, ...]], server: Endpoint
) -> None:
    blessed.crowd(*CROWDED)
    checked = blessed.check()
    now = contexts(checked)
    assert {name for name in now if now[name] != before[name]} == {harbour.lower() for harbour in CROWDED}
    assert since(server) == [*HARBOURS, *CROWDED]
    assert metric(checked, "generation", "sub_span").n == N
    for body, harbour in zip(server.questions[N:], CROWDED, strict=True):
        former = texts_of(blessed.config, before[harbour.lower()], cache=blessed.folders.cache)
        assert all(text.strip().splitlines()[-1] in body["messages"][-1]["content"] for text in former.values())
        assert "pictures" not in body["messages"][-1]["content"]


def test_former_passages_that_are_gone_are_not_asked_over(
    blessed: Project, before: dict[str, tuple[str, ...]], server: Endpoint
) -> None:
    blessed.crowd(*CROWDED)
    page = blessed.document("Lomard")
    page.write_text(page.read_text().replace("by hand", "by a machine"))
    checked = blessed.check()
    gone = {"kessel", "lomard"}  # both read that page
    assert since(server) == [*HARBOURS, *CROWDED]
    assert metric(checked, "generation", "sub_span").n == N - len(gone)
    assert {one.id for one in checked.current.outcomes if not one.frozen} == gone
    assert metric(checked, "end_to_end", "sub_span").n == N


def test_a_model_that_reads_worse_shows_over_the_former_passages_but_does_not_decide_there(
    blessed: Project, before: dict[str, tuple[str, ...]], server: Endpoint
) -> None:
    """Answers over the former passages are wrong, those over the new ones right: what is in use is what counts."""

    def answer(body: Body) -> str:
        return (right if len(server.questions) <= N else wrong)(body)

    assert before
    blessed.crowd(*CROWDED)
    server.answer = answer
    checked = blessed.check()
    told = metric(checked, "generation", "sub_span")
    assert set(told.lost) >= {harbour.lower() for harbour in CROWDED}
    assert (told.gates, told.verdict, told.margin) == (False, None, None)
    assert (checked.verdict, checked.confirmed) == ("pass", None)


def test_a_broken_retrieval_is_told_from_a_model_that_is_as_good_as_before(
    blessed: Project, before: dict[str, tuple[str, ...]], server: Endpoint
) -> None:
    def answer(body: Body) -> str:
        read = body["messages"][-1]["content"]
        return right(body) if right(body).removesuffix(" [1].").split()[-1] in read else wrong(body)

    assert before
    server.answer = answer
    for harbour in HARBOURS:  # near pages each, so that the right one is in no context any more
        for number in range(4):
            near = f"When was the harbour of {harbour} dug? So the harbour of {harbour} is asked about, {number} times"
            words = " ".join(f"w{number}{harbour[:2]}{at}" for at in range(3))
            (blessed.docs / f"asked-{harbour.lower()}-{number}.md").write_text(f"{near} {words}.\n")
    checked = blessed.check()
    assert stage(checked, "retrieval").verdict == "regressed"
    assert stage(checked, "generation").verdict == "pass"
    assert metric(checked, "generation", "sub_span").n == N
    assert stage(checked, "end_to_end").verdict == "regressed"
    assert (checked.verdict, checked.confirmed) == ("regressed", True)


def test_without_answers_in_the_baseline_nothing_is_asked_over_former_passages(
    project: Project, server: Endpoint
) -> None:
    project.bless()
    project.answered_by(server)
    project.crowd(*CROWDED)
    checked = project.check()
    assert len(server.questions) == N
    assert checked.baseline
    assert "generation" not in [one.stage for one in checked.baseline.stages]
    assert metric(checked, "end_to_end", "sub_span").basis == "the baseline has no answers"

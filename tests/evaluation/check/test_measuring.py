"""What is measured without a model: whether gold is found, reaches the context, or is gone."""

from collections.abc import Mapping

from evaluation.check.indexing import open_check_index
from evaluation.check.values import Checked, Outcome
from tests.evaluation.check.building_projects import (
    CONFIG,
    GOODS,
    HARBOURS,
    N,
    Project,
    metric,
    neighbour,
    question,
    stage,
    text,
)


def outcome(checked: Checked, harbour: str) -> Outcome:
    return next(one for one in checked.current.outcomes if one.id == harbour.lower())


def two_golds(project: Project) -> None:
    """The questions then need the documents of both neighbours."""
    lines = [question(harbour) for harbour in HARBOURS]
    for line, harbour in zip(lines, HARBOURS, strict=True):
        line["gold"] = [f"{harbour.lower()}.md", f"{neighbour(harbour).lower()}.md"]
    project.write_questions(lines)


def test_gold_that_is_found_counts_fully(project: Project) -> None:
    checked = project.check()
    assert len(checked.current.outcomes) == N
    for one in checked.current.outcomes:
        assert dict(one.scores) == {
            "recall@2": 1.0,
            "ndcg@2": 1.0,
            "mrr@2": 1.0,
            "gold_in_context": 1.0,
            "gold_dropped@2": 0.0,
        }
        assert sorted(slot.rank for slot in one.context) == [1, 2]
        assert [slot.source for slot in one.context if slot.gold] == [f"{one.id}.md"]
    assert checked.missing == ()


def test_a_gold_source_that_is_gone_is_listed_and_counts_as_not_found(project: Project) -> None:
    project.bless()
    project.document("Corva").unlink()
    checked = project.check()
    assert checked.missing == (("corva", "corva.md: was dug in 1727"),)
    lost: Mapping[str, float | None] = outcome(checked, "Corva").scores
    assert dict(lost) == {"recall@2": 0.0, "ndcg@2": 0.0, "mrr@2": 0.0, "gold_in_context": 0.0, "gold_dropped@2": 0.0}
    assert metric(checked, "retrieval", "recall@2").lost == ("corva",)
    assert metric(checked, "assembly", "gold_in_context").lost == ("corva",)
    assert checked.verdict == "regressed"


def test_a_quote_that_is_gone_is_listed_though_its_document_is_there(project: Project) -> None:
    page = project.document("Corva")
    page.write_text(text("Corva").replace("1727", "1728"))
    checked = project.check()
    assert checked.missing == (("corva", "corva.md: was dug in 1727"),)
    assert outcome(checked, "Corva").scores["recall@2"] == 0.0
    assert not any(slot.gold for slot in outcome(checked, "Corva").context)


def test_of_two_golds_the_one_that_is_gone_is_half_a_miss(project: Project) -> None:
    two_golds(project)
    before = outcome(project.check(), "Aldin")
    assert before.scores["recall@2"] == 1.0
    project.document("Brems").unlink()
    checked = project.check()
    assert outcome(checked, "Aldin").scores["recall@2"] == 0.5
    assert outcome(checked, "Brems").scores["recall@2"] == 0.5
    assert checked.missing == (("aldin", "brems.md"), ("brems", "brems.md"))


def test_passages_of_gold_that_were_not_even_ranked_are_missed_beside_gold_that_is_gone(project: Project) -> None:
    recut = CONFIG.replace('embedder = "hashing"', 'embedder = "hashing"\npassage_tokens = 16')
    project.configure("\n[retrieval]\nretrieve = 2\n", text=recut)
    page = project.document("Aldin")
    page.write_text(text("Aldin") + "".join(f"\n\n{goods} lie in shed {goods[-3:]}.\n" for goods in GOODS.values()))
    two_golds(project)
    project.document("Brems").unlink()
    checked = project.check()
    with open_check_index(project.config, cache=project.folders.cache) as index:
        passages = sum(passage.source == "aldin.md" for passage in index.all_passages())
    found = sum(slot.gold for slot in outcome(checked, "Aldin").context)
    assert passages >= 4
    assert found >= 1
    assert outcome(checked, "Aldin").scores["recall@2"] == found / (passages + 1)


def test_of_two_golds_the_one_that_is_not_retrieved_is_half_a_miss(project: Project) -> None:
    two_golds(project)
    project.bless()
    project.crowd("Aldin")
    checked = project.check()
    now = outcome(checked, "Aldin")
    assert (now.scores["recall@2"], now.scores["gold_in_context"], now.missing) == (0.5, 1.0, ())
    assert metric(checked, "retrieval", "recall@2").lost == ("aldin",)


def test_a_question_without_gold_is_not_measured(project: Project) -> None:
    lines = [question(harbour) for harbour in HARBOURS]
    lines[0]["gold"] = []
    project.write_questions(lines)
    project.bless()
    checked = project.check()
    assert set(outcome(checked, "Aldin").scores.values()) == {None}
    assert metric(checked, "retrieval", "recall@2").n == N - 1
    assert checked.verdict == "pass"


def test_a_gold_passage_that_is_ranked_below_the_context_is_found_by_a_deeper_metric_only(project: Project) -> None:
    project.configure('\n[retrieval]\ngate = ["recall@10"]\nmetrics = ["recall@1"]\n')
    project.bless()
    for number in range(3):
        words = " ".join(f"word{number}{at}" for at in range(5))
        near = f"When was the harbour of Aldin dug? So one asks when the harbour of Aldin was dug: {words}.\n"
        (project.docs / f"near{number}.md").write_text(near)
    checked = project.check()
    now = outcome(checked, "Aldin")
    assert (now.scores["recall@10"], now.scores["recall@1"], now.scores["gold_in_context"]) == (1.0, 0.0, 0.0)
    assert stage(checked, "retrieval").verdict == "pass"
    assert metric(checked, "assembly", "gold_in_context").lost == ("aldin",)


def test_another_order_of_the_same_passages_is_a_loss_of_assembly_unless_it_was_chosen(project: Project) -> None:
    project.bless()
    project.configure('placement = "best_last"\n')
    checked = project.check()
    assert checked.baseline
    assert checked.baseline.changed == ("placement",)
    assert metric(checked, "assembly", "same_order").n == 0
    assert checked.verdict == "pass"


def test_gold_that_was_found_but_has_no_room_is_told_apart(project: Project) -> None:
    """Two passages are asked for, gold is in the second one, and there is room for one."""
    lines = [question(harbour) for harbour in HARBOURS]
    for line, harbour in zip(lines, HARBOURS, strict=True):
        line["gold"] = [f"{neighbour(harbour).lower()}.md"]
    project.write_questions(lines)
    project.bless()
    project.configure(text=CONFIG.replace("passages = 2", "passages = 2\ntokens = 40"))
    checked = project.check()
    narrow = metric(checked, "assembly", "gold_dropped@2")
    assert (narrow.gates, narrow.baseline) == (False, 0.0)
    assert narrow.current
    assert set(narrow.lost) == set(metric(checked, "assembly", "gold_in_context").lost)
    assert stage(checked, "retrieval").verdict == "pass"
    assert stage(checked, "assembly").verdict == "regressed"

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.arms import Length
from evaluation.design.grid import ArmChoice, DataChoice, Grid, MetricChoice
from evaluation.run import Manifest
from evaluation.running.experiment import changed, needs_collection, open_or_create, replayed, settle
from evaluation.running.reaching import check_reachable
from indexes.errors import RequestError
from tests.evaluation.store.building import filled, manifest

DRAWN = {"m": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100}}


def made_of(**facts: Any) -> Manifest:
    base = manifest()
    return replace(base, facts={**base.facts, "models": {"m": {"model": "m", "where": "here"}}, **facts})


def kv(**arms: Any) -> Grid:
    return Grid("kv", DataChoice(generate="kv(keys=6, examples=2)"), arms=ArmChoice(("gold_at_depth",), **arms))


def test_a_run_is_found_by_what_it_is_made_of(tmp_path: Path) -> None:
    with open_or_create(tmp_path, made_of(dataset="a"), path=None) as run:
        first = run.path
    with open_or_create(tmp_path, made_of(dataset="a", versions={"python": "4"}), path=None) as run:
        assert run.path == first
    with open_or_create(tmp_path, made_of(dataset="b"), path=None) as run:
        assert run.path != first


def test_another_model_at_the_same_place_makes_another_run(tmp_path: Path) -> None:
    with open_or_create(tmp_path, made_of(), path=None) as run:
        first = run.path
    with open_or_create(tmp_path, made_of(models={"m": {"model": "m", "where": "elsewhere"}}), path=None) as run:
        assert run.path == first
    with pytest.raises(RequestError, match="of another models"):
        open_or_create(tmp_path, made_of(models={"m": {"model": "n", "where": "here"}}), path=first)


def test_what_has_changed_since_a_run_was_begun_is_known() -> None:
    begun = made_of(versions={"reasoning-rag": "1"}, tokenizer={"name": "m"})
    assert changed(begun, begun) == ()
    moved = made_of(
        versions={"reasoning-rag": "2"}, tokenizer={"name": "m"}, models={"m": {"model": "m", "where": "b"}}
    )
    assert changed(begun, moved) == ("versions", "models")


def test_other_metrics_are_the_same_run(tmp_path: Path) -> None:
    with open_or_create(tmp_path, made_of(), path=None) as run:
        first = run.path
    other = made_of()
    with open_or_create(
        tmp_path, replace(other, design=replace(other.design, primary="em", margin=0.1)), path=None
    ) as run:
        assert run.path == first


def test_a_chosen_run_that_is_another_is_refused_and_released(tmp_path: Path) -> None:
    path = tmp_path / "a.rag-run"
    open_or_create(tmp_path, made_of(dataset="a"), path=path).close()
    with pytest.raises(RequestError, match="of another dataset"):
        open_or_create(tmp_path, made_of(dataset="b"), path=path)
    open_or_create(tmp_path, made_of(dataset="a"), path=path).close()


def test_a_run_does_not_go_on_with_tokens_drawn_otherwise(tmp_path: Path) -> None:
    open_or_create(tmp_path, made_of(sampling=DRAWN), path=None).close()
    warmer = {"m": DRAWN["m"] | {"temperature": 0.9}}
    with pytest.raises(RequestError, match=r"0\.6.*0\.9.*--temperature"):
        open_or_create(tmp_path, made_of(sampling=warmer), path=None)
    open_or_create(tmp_path, made_of(sampling=DRAWN), path=None).close()


def test_an_index_made_anew_of_the_same_is_the_same(tmp_path: Path) -> None:
    with open_or_create(tmp_path, made_of(index={"checksum": "1", "created": "today"}), path=None) as run:
        first = run.path
    with open_or_create(tmp_path, made_of(index={"checksum": "1", "created": "later"}), path=None) as run:
        assert run.path == first
    with open_or_create(tmp_path, made_of(index={"checksum": "2", "created": "today"}), path=None) as run:
        assert run.path != first


def test_a_replay_takes_over_where_passages_come_from(tmp_path: Path) -> None:
    source = {"contexts": "retrieved", "retrieve": 7}
    with filled(tmp_path / "a.rag-run") as run:
        told = run.manifest.facts
        told.update(source=source, index={"name": "x"}, distractors="retrieved")
        here = made_of(source={"contexts": "retrieved", "retrieve": 50}, index=None)
        facts = replayed(here, run).facts
        assert (facts["source"], facts["index"], facts["replay"]) == (source, {"name": "x"}, "a")
        with pytest.raises(RequestError, match="contexts 'retrieved', this experiment wants contexts 'dataset'"):
            replayed(made_of(source={"contexts": "dataset"}), run)


def test_contexts_are_those_of_the_questions_where_they_bring_any() -> None:
    settled = settle(kv(lengths=(Length(passages=6),)))
    assert settled.source.contexts == "dataset"
    assert not needs_collection(settled)


def test_too_few_passages_are_said_before_anything_loads() -> None:
    with pytest.raises(RequestError, match=r"needs 7 passages, but only 6 come with it; .*distractors"):
        settle(kv(lengths=(Length(passages=3), Length(passages=7))))


def test_an_experiment_without_questions_says_how_to_name_some() -> None:
    with pytest.raises(RequestError, match=r"--questions FILE.*--generate SPEC"):
        settle(Grid("empty", arms=ArmChoice(("edges",))))


def test_models_in_this_process_need_no_server() -> None:
    check_reachable(kv().subjects)


def test_questions_without_answers_or_gold_are_refused_where_they_are_needed(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": "Why?", "answers": ["so"]}\n')
    grid = Grid("ab", DataChoice(path=questions, contexts="retrieved"), arms=ArmChoice(("gold_at(position=1)",)))
    with pytest.raises(RequestError, match=r"does not say which passages are gold, so gold_at\(position=1\) cannot"):
        settle(grid)
    corpus = tmp_path / "beir"
    (corpus / "qrels").mkdir(parents=True)
    (corpus / "corpus.jsonl").write_text('{"_id": "d", "title": "T", "text": "text"}\n')
    (corpus / "queries.jsonl").write_text('{"_id": "q", "text": "what?"}\n')
    (corpus / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")
    judged = Grid("ab", DataChoice(path=corpus), arms=ArmChoice(("edges",)))
    with pytest.raises(RequestError, match="has no answers, which sub_span compares with"):
        settle(judged)
    assert settle(replace(judged, metrics=MetricChoice("citation_recall"))).dataset.examples

"""The HTML file as text: what is in it, what cannot be in it, and what is left of it when writing fails."""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from zlib import decompress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.report.html import write_html
from evaluation.report.html_blocks import Blocks, block
from evaluation.report.html_trials import PASSAGES_A_BLOCK, TRIALS_A_BLOCK
from evaluation.scores import Score
from evaluation.trials import Trial
from tests.evaluation.report.building import MemoryRun, report, score, small_run

EVIL = "</script><script>window.pwned=1</script><img src=x onerror=alert(1)>{{7*7}}"


def written(trials: MemoryRun, tmp_path: Path, **more: object) -> str:
    write_html(trials, report(**more), tmp_path / "report.html", scores_of=score)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def unpacked(page: str) -> dict[str, Any]:
    """The page's blocks by their ids."""
    found = re.findall(r'<script type="application/octet-stream" id="([^"]*)">([^<]*)</script>', page)
    return {name: json.loads(decompress(b64decode(packed))) for name, packed in found}


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=8))
def test_a_block_gives_back_its_value_and_has_no_other_markup(value: object) -> None:
    element = block("x", value)
    assert element.count("<") == 2
    kept = re.search(r">([^<]*)<", element)
    assert kept is not None
    assert json.loads(decompress(b64decode(kept[1]))) == value


def test_half_a_character_does_not_stop_a_block() -> None:
    assert unpacked(block("x", ["a\ud800b"]))["x"] == ["a?b"]


@given(st.lists(st.integers(), max_size=40), st.integers(1, 9))
def test_items_are_found_by_number(items: list[int], size: int) -> None:
    file = StringIO()
    blocks = Blocks(file, "trial", size)
    for number, item in enumerate(items):
        assert len(blocks) == number
        blocks.add(item)
    blocks.close()
    found = unpacked(file.getvalue())
    assert [found[f"trial-{number // size}"][number % size] for number in range(len(items))] == items


def test_every_trial_is_in_the_index_and_in_the_details(tmp_path: Path) -> None:
    run = small_run(50)
    found = unpacked(written(run, tmp_path))
    index = found["index"]
    rows = list(run.trials())
    assert [index["questions"][number][0] for number in index["columns"]["question"]] == [r.key.example for r in rows]
    assert [index["arms"][number] for number in index["columns"]["arm"]] == [row.key.arm for row in rows]
    assert index["scores"][0] == [score(row)[0].value for row in rows]
    details = [found[f"trial-{n // TRIALS_A_BLOCK}"][n % TRIALS_A_BLOCK] for n in range(len(rows))]
    assert [detail["answer"] for detail in details] == [row.answer for row in rows]
    for detail, row in zip(details, rows, strict=True):
        places = [place for place, _, _ in detail["slots"]]
        ids = [found[f"passage-{n // PASSAGES_A_BLOCK}"][n % PASSAGES_A_BLOCK][0] for n in places]
        assert tuple(ids) == row.context


def test_each_passage_is_stored_once(tmp_path: Path) -> None:
    found = unpacked(written(small_run(50), tmp_path))
    stored = [passage[0] for name, block in found.items() if name.startswith("passage-") for passage in block]
    assert len(stored) == len(set(stored)) == 150


def test_a_trial_that_failed_has_no_score_and_says_why(tmp_path: Path) -> None:
    run = small_run(1, arms=("edges",))
    failed = replace(run.rows[0], finish="failed", answer=None, reasoning=None, error="the server died")
    found = unpacked(written(replace(run, rows=(failed,)), tmp_path))
    assert found["index"]["scores"] == [[None], [None]]
    assert found["trial-0"][0]["error"] == "the server died"
    assert found["trial-0"][0]["unscored"]["token_f1"] == "the server died"


def test_a_passage_that_is_in_no_ranking_has_no_rank(tmp_path: Path) -> None:
    run = small_run(2, arms=("edges",))
    strange = replace(run.rows[0], context=(run.rows[1].context[0], "gone"))
    found = unpacked(written(replace(run, rows=(strange,)), tmp_path))
    assert found["trial-0"][0]["slots"] == [[0, None, None], [1, None, None]]
    assert found["passage-0"][1] == ["gone", "", "", None, None, None]


def test_a_run_without_trials_is_a_page(tmp_path: Path) -> None:
    page = written(replace(small_run(2), rows=()), tmp_path)
    assert unpacked(page)["index"]["columns"]["question"] == []


def test_headlines_warnings_and_names_are_escaped(tmp_path: Path) -> None:
    page = written(small_run(1), tmp_path, run=EVIL, headline=(EVIL,), warnings=(EVIL,), facts=((EVIL, EVIL),))
    assert "<img" not in page
    assert "<script>window" not in page
    assert page.count("<script") == page.count("</script>")
    assert EVIL in unescape(page)


def test_nothing_of_the_data_stands_in_the_page_unpacked(tmp_path: Path) -> None:
    assert "capital" not in written(small_run(3), tmp_path)


def test_the_policy_allows_this_script_and_style_and_no_connection(tmp_path: Path) -> None:
    page = written(small_run(1), tmp_path)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for text in (script, style):
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in policy[1]


def test_nothing_is_fetched_and_no_text_becomes_markup(tmp_path: Path) -> None:
    page = re.sub(r'xmlns(:xlink)?="http://www.w3.org/[^"]*"', "", written(small_run(1), tmp_path))
    assert "http" not in page.replace("http-equiv", "")
    for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function", "fetch("):
        assert way not in page


def test_writing_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")
    assert "old" not in written(small_run(1), tmp_path)[:20]
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def broken(trial: Trial) -> tuple[Score, ...]:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_html(small_run(1), report(), path, scores_of=broken)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    assert written(small_run(9), tmp_path) == written(small_run(9), tmp_path)

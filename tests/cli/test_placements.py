import json
from collections.abc import Callable
from typing import Any

import pytest

Rag = Callable[..., Any]


def test_json_is_one_object_of_permutations_without_schema_version(rag: Rag) -> None:
    drawn = json.loads(rag("placements", "--json", "-k", "5").out)
    assert drawn["edges"] == [1, 3, 5, 4, 2]
    assert "source_order" not in drawn
    assert all(sorted(ranks) == [1, 2, 3, 4, 5] for ranks in drawn.values())


@pytest.mark.parametrize("k", [1, 2, 10, 100, 3000])
def test_the_drawing_fits_80_columns_and_names_every_policy(rag: Rag, k: int) -> None:
    outcome = rag("placements", "-k", str(k))
    lines = outcome.out.splitlines()
    assert (outcome.status, outcome.err) == (0, "")
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in outcome.out
    assert {"edges", "shuffled(seed=0)", "source_order"} <= {line.split(" ")[0] for line in lines}


def test_the_best_rank_is_the_highest_bar_where_it_is_placed(rag: Rag) -> None:
    lines = {line.split()[0]: line.split()[1:] for line in rag("placements", "-k", "5").out.splitlines()}
    assert lines["best_first"] == ["█▆▄▃▁", "1", "2", "3", "4", "5"]
    assert lines["best_last"][0] == "▁▃▄▆█"


def test_ranks_that_do_not_fit_are_left_out_in_the_middle(rag: Rag) -> None:
    assert "1 3 5 7 9 … 10 8 6 4 2\n" in rag("placements", "-k", "100").out


def test_no_passages_are_refused(rag: Rag) -> None:
    outcome = rag("placements", "-k", "0")
    assert (outcome.status, outcome.out) == (2, "")
    assert "k must be at least 1" in outcome.err

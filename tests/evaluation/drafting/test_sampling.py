"""Which passages are asked about, and in which order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from evaluation.drafting.sampling import LEAST, sample
from indexes.build import build_index
from indexes.errors import RequestError
from indexes.index import Index
from indexes.passages import Passage
from tests.evaluation.building_candidates import index_of
from tests.indexes.collection import HASHING, write


def text(name: str, passages: int = 1) -> str:
    """So many sections, each a passage of its own."""
    return "\n\n".join(
        f"# {name} {section}\n\n" + " ".join(f"{name}{section}w{word} and more." for word in range(20))
        for section in range(passages)
    )


@contextmanager
def opened(folder: Path, files: dict[str, str]) -> Iterator[Index]:
    with index_of(folder, files).index as index:
        yield index


def chosen(index: Index, *, seed: int = 0, used: Sequence[str] = ()) -> list[Passage]:
    return list(sample(index, seed=seed, used=used).passages(index))


FILES = {"long.md": text("long", 5), "mid.md": text("mid", 2), "one.md": text("one"), "two.md": text("two")}


def test_every_document_has_its_turn_before_any_has_its_second(tmp_path: Path) -> None:
    with opened(tmp_path, FILES) as index:
        for seed in range(5):
            sources = [passage.source for passage in chosen(index, seed=seed)]
            assert len(sources) == 9
            assert set(sources[:4]) == set(FILES)
            assert set(sources[4:6]) == {"long.md", "mid.md"}
            assert sources[6:] == ["long.md"] * 3


def test_the_seed_decides_the_order(tmp_path: Path) -> None:
    with opened(tmp_path, FILES) as index:
        orders = [tuple(passage.id for passage in chosen(index, seed=seed)) for seed in (0, 0, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len(set(orders)) == 4
    assert len({frozenset(order) for order in orders}) == 1


def test_short_passages_and_repetitions_are_left_out(tmp_path: Path) -> None:
    files = {"a.md": text("same"), "b.md": text("same").replace("# same 0\n", "# SAME 0!\n"), "c.md": "Too short.\n"}
    with opened(tmp_path, files) as index:
        [one] = chosen(index)
        assert len(" ".join(one.text.split())) >= LEAST


def test_it_goes_on_behind_the_last_that_was_used_and_comes_back_to_those_before(tmp_path: Path) -> None:
    with opened(tmp_path, FILES) as index:
        order = chosen(index)
        used = [order[0].id, order[3].id]
        assert chosen(index, used=used) == [*order[4:], order[1], order[2]]
        assert chosen(index, used=[passage.id for passage in order]) == []
        assert chosen(index, used=["of another index"]) == order


def test_what_nearly_repeats_a_used_passage_is_not_asked_about(tmp_path: Path) -> None:
    with opened(tmp_path, {"a.md": text("same"), "b.md": text("same"), "c.md": text("other")}) as index:
        first = next(passage for passage in chosen(index) if passage.source != "c.md")
        assert [passage.source for passage in chosen(index, used=[first.id])] == ["c.md"]


def test_a_source_that_two_folders_have_is_left_out(tmp_path: Path) -> None:
    for root in ("first", "second"):
        write(tmp_path / root, {"shared.md": text(f"{root}shared"), f"{root}.md": text(root, 2)})
    build_index(
        tmp_path / "indexes" / "both",
        [tmp_path / "first", tmp_path / "second"],
        cache=tmp_path / "cache",
        recipe=HASHING,
    )
    with Index(tmp_path / "indexes" / "both", cache=tmp_path / "cache") as index:
        assert {passage.source for passage in chosen(index)} == {"first.md", "second.md"}


def test_an_index_without_a_passage_to_ask_about_is_refused(tmp_path: Path) -> None:
    with (
        opened(tmp_path, {"a.md": "Too short.\n"}) as index,
        pytest.raises(RequestError, match="'docs' has no passage of at least 200 characters to ask about; add doc"),
    ):
        sample(index, seed=0)

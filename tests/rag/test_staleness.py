from rag.staleness import stale_line


def test_files_and_remedy_are_named() -> None:
    line = stale_line(["a.md", "b.md"], "docs")
    assert line == "changed or gone since they were indexed: a.md, b.md; refresh with: rag index --name docs"


def test_of_many_files_some_are_named() -> None:
    assert "a, b, c and 2 more;" in stale_line(list("abcde"), "docs")


def test_a_file_name_stays_on_its_line() -> None:
    assert "\n" not in stale_line(["two\nlines.md"], "docs")

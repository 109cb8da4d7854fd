from indexes.documents import Document, Heading
from indexes.sections import Section, sections


def document(text: str, *titles: tuple[str, int]) -> Document:
    headings = tuple(Heading(text.index(title), level, title) for title, level in titles)
    return Document("a.txt", text, "A", headings=headings)


def test_a_document_without_headings_is_one_section() -> None:
    assert sections(document("Only text.")) == [Section(0, 10, ())]


def test_text_before_the_first_heading_has_no_path() -> None:
    text = "Before.\nOne\nUnder one.\n"
    assert sections(document(text, ("One", 1))) == [Section(0, 8, ()), Section(8, len(text), ("One",))]


def test_a_mere_heading_joins_the_section_below_it() -> None:
    text = "One\n===\nTwo\nUnder two.\n"
    assert sections(document(text, ("One", 1), ("Two", 2)))[1:] == [Section(0, len(text), ("One", "Two"))]


def test_a_mere_heading_does_not_join_its_neighbour() -> None:
    text = "One\nTwo\nUnder two.\n"
    assert sections(document(text, ("One", 2), ("Two", 2)))[1:] == [
        Section(0, 4, ("One",)),
        Section(4, len(text), ("Two",)),
    ]


def test_a_path_holds_the_nearest_heading_of_each_higher_level() -> None:
    text = "One\nText of\none.\nTwo\nText of\ntwo.\nThree\nText of\nthree.\nFour\nText of\nfour."
    found = document(text, ("One", 1), ("Two", 3), ("Three", 2), ("Four", 1))
    assert [section.path for section in sections(found)[1:]] == [("One",), ("One", "Two"), ("One", "Three"), ("Four",)]

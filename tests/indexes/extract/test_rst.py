"""Tests of `indexes.extract.rst`."""

from pathlib import Path

from indexes.extract import extract

TEXT = """\
=====
Title
=====

Section
=======

Text that goes on.

Sub *section*
-------------

==== ====
a    b
==== ====
1    2
==== ====

Next
=====

::

    Literal
    -------

----

End.
"""


def test_headings_are_found_by_their_adornments(tmp_path: Path) -> None:
    (tmp_path / "a.rst").write_text(TEXT)
    (document,) = extract(tmp_path / "a.rst", "a.rst")
    assert document.text == TEXT
    assert document.own_lines
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "Title"),
        (2, "Section"),
        (3, "Sub *section*"),
        (2, "Next"),
    ]
    assert document.headings[0].start == 0  # the overline belongs to the heading
    assert all(TEXT[h.start :].lstrip("=\n").startswith(h.title) for h in document.headings)
    assert document.title == "Title"
